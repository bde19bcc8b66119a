"""A telescope's lease: any word from its agent renews it, and without one the link is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
from builders.dispatch import START, a_telescope

from coordinator.dispatch.facts import OperatorActed
from coordinator.dispatch.site_weather import SiteWeather
from coordinator.services.facts import fact_of
from coordinator.services.journal import InMemoryJournal
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.telescope_session import TelescopeSession
from coordinator.simulation.virtual_loop import LoopClock, run_virtual, virtual_utc
from telescopes.description.messages import Capabilities, Detection, ItemResult, PointingReport, StatusReport
from telescopes.description.messages import SessionRequest as Request
from telescopes.description.telescope import Limits, Timing

LEASE_S = 10.0


@dataclass
class Nobody:
    """A scheduler and a vetter that take everything."""

    async def report(self, telescope_id: str, reports: tuple[PointingReport, ...]) -> tuple[ItemResult, ...]:
        return ()

    async def store(self, telescope_id: str, detections: tuple[Detection, ...]) -> tuple[ItemResult, ...]:
        return ()

    async def act(self, action: OperatorActed) -> int:
        raise AssertionError("nobody acts here")


Contact = Callable[[TelescopeSession, str], Awaitable[object]]
CONTACTS: dict[str, Contact] = {
    "reports": lambda mine, session: mine.report_pointings(session, 0, ()),
    "status": lambda mine, session: mine.report_status(session, StatusReport(START, safe=True)),
    "detections": lambda mine, session: mine.report_detections(session, ()),
    "listing": lambda mine, session: mine.list_pointings(session, (), 10, ""),
}


def on_a_session(play: Callable[[TelescopeSession, str], Awaitable[None]]) -> None:
    async def main(loop: asyncio.AbstractEventLoop) -> None:
        utc = virtual_utc(loop, START)
        mine = TelescopeSession(
            telescope=a_telescope("tel-a", lease_s=LEASE_S),
            journal=InMemoryJournal(),
            scheduler=Nobody(),
            vetter=Nobody(),
            clock=JournaledSkyClock(utc),
            link=LoopClock(loop),
            utc=utc,
            token=lambda: "x",
        )
        await mine.start()
        task = asyncio.create_task(mine.run())
        known = Capabilities((), Limits(), Timing(), "", ("simulated",))
        grant = await mine.open_session(Request("tel-a", "0", "boot", 0, "", known, START))
        try:
            await play(mine, grant.session_id)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    run_virtual(main)


@pytest.mark.parametrize("kind", CONTACTS)
def test_any_word_from_the_agent_renews_the_lease(kind: str) -> None:
    async def play(mine: TelescopeSession, session: str) -> None:
        for _ in range(3):
            await asyncio.sleep(0.7 * LEASE_S)
            assert mine.lease_left_s() == pytest.approx(0.3 * LEASE_S, abs=0.1)
            await CONTACTS[kind](mine, session)
            assert mine.lease_left_s() == pytest.approx(LEASE_S, abs=0.1)
        assert mine.state.status.link == "up"

    on_a_session(play)


def test_without_a_word_the_link_is_lost_and_the_next_one_brings_it_back() -> None:
    async def play(mine: TelescopeSession, session: str) -> None:
        await asyncio.sleep(1.3 * LEASE_S)
        assert (mine.state.status.link, mine.lease_left_s()) == ("lost", None)
        await CONTACTS["listing"](mine, session)
        assert (mine.state.status.link, mine.lease_left_s()) == ("up", pytest.approx(LEASE_S))

    on_a_session(play)


@pytest.mark.parametrize(
    ("before", "after", "entries"),
    [
        ({"humidity_pct": 40.0}, {"humidity_pct": 49.0}, 0),
        ({"humidity_pct": 40.0}, {"humidity_pct": 50.0}, 1),
        ({"humidity_pct": 40.0}, {}, 1),
        ({"wind_mps": 1.0}, {"wind_mps": 1.0, "humidity_pct": 40.0}, 1),
        ({"rain_mm_per_h": 0.0}, {"rain_mm_per_h": 0.1}, 1),
        ({"temperature_c": 4.0, "seeing_arcsec": 1.2}, {"temperature_c": 5.0, "seeing_arcsec": 1.5}, 0),
    ],
)
def test_weather_is_told_when_a_sensor_moves_by_a_step_and_not_in_gusts(
    before: dict[str, float], after: dict[str, float], entries: int
) -> None:
    async def play(mine: TelescopeSession, session: str) -> None:
        async def said(**weather: float) -> list[SiteWeather]:
            await mine.report_status(session, StatusReport(START, safe=True, **weather))
            assert isinstance(mine.journal, InMemoryJournal)
            return [fact_of(s.entry) for s in mine.journal.stored if s.entry.kind == "site_weather_told"]

        first = [SiteWeather(**before)]
        assert await said(**before) == first
        assert await said(**after) == first, "a moment ago there was an entry"
        for _ in range(60):
            await asyncio.sleep(0.5 * LEASE_S)
            await mine.list_pointings(session, (), 1, "")
        assert await said(**after) == first + entries * [SiteWeather(**after)]

    on_a_session(play)


def test_a_status_that_says_the_same_makes_no_entry_and_a_veto_does() -> None:
    async def play(mine: TelescopeSession, session: str) -> None:
        async def said(report: StatusReport) -> int:
            await mine.report_status(session, report)
            return (await mine.journal.info()).head_seq

        safe = StatusReport(START, safe=True)
        first = await said(safe)
        assert await said(safe) == first
        assert await said(replace(safe, vetoed_events=("lvk:S1",))) == first + 1
        assert mine.state.status.vetoed_events == ("lvk:S1",)

    on_a_session(play)
