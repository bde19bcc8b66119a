"""The agent's memory, disk and patience have limits that no coordinator can stretch."""

import asyncio
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from armillary.telescope.v1 import telescope_pb2 as pb

from telescopes.agent import bounded, convert_down, store
from telescopes.agent.held import Held
from telescopes.agent.queue import TOO_MANY, Circumstances, answer_offer
from telescopes.agent.safety import No
from telescopes.agent.store import Store
from telescopes.description.clocks import LinkTime
from telescopes.description.errors import Refused
from telescopes.description.messages import Constraints, Exposure, ItemResult, Pointing, PointingReport
from telescopes.description.states import PointingState, Reason

S = PointingState
NAN = float("nan")


def circumstances(pointing: Pointing, telescope: Any) -> Circumstances:
    return Circumstances(telescope, lambda *_: None, pointing.window_start, LinkTime(0.0))


@pytest.mark.parametrize("name", [f.name for f in fields(Pointing) if f.type in (str, "str")])
def test_no_word_of_an_offer_fills_memory_or_reaches_a_terminal(pointing: Callable[..., Pointing], name: str) -> None:
    kept, no = bounded.trimmed(replace(pointing("p1"), **{name: "\x1b[2J" + "a" * 3_000_000}))
    assert no is not None
    assert len(getattr(kept, name)) <= 256
    assert getattr(kept, name).isprintable()


def test_more_than_a_night_of_pointings_is_refused(pointing: Callable[..., Pointing], telescope: Any) -> None:
    waiting = [Held(pointing(f"p{i}"), S.ACCEPTED) for i in range(bounded.MOST_OPEN)]
    offer = pointing("one more")
    assert answer_offer(offer, waiting, circumstances(offer, telescope())) == TOO_MANY


def test_more_exposures_than_can_be_counted_in_a_moment_are_refused(
    pointing: Callable[..., Pointing], telescope: Any
) -> None:
    long = (Exposure("r", 0.001, 1000),)
    waiting = [Held(pointing(f"p{i}", exposures=long), S.ACCEPTED) for i in range(20)]
    answer = answer_offer(pointing("one more"), waiting, circumstances(pointing("p"), telescope()))
    assert isinstance(answer, No) and answer.reason is Reason.QUOTA


@pytest.mark.parametrize(
    "changes",
    [
        {"acceptability_threshold": NAN},
        {"acceptability_threshold": 1.5},
        {"constraints": Constraints(max_airmass=NAN)},
        {"constraints": Constraints(pointing_tolerance_arcsec=0.0)},
        {"constraints": Constraints(min_altitude_deg=float("-inf"))},
        {"exposures": (Exposure("r", 60.0, dither_arcsec=NAN),)},
        {"exposures": (Exposure("r", 60.0, binning=10**6),)},
        {"ra_deg": 1e300},
    ],
    ids=str,
)
def test_figures_that_cannot_be_are_refused(
    pointing: Callable[..., Pointing], telescope: Any, changes: dict[str, Any]
) -> None:
    offer = pointing(**changes)
    answer = answer_offer(offer, [], circumstances(offer, telescope()))
    assert isinstance(answer, No) and answer.reason is Reason.INTERNAL


@pytest.mark.parametrize("name", ["heartbeat_interval", "lease_duration"])
@pytest.mark.parametrize("seconds", [-1, 0, 10**12])
def test_a_session_with_impossible_times_is_refused(name: str, seconds: int) -> None:
    said = pb.OpenSessionResponse(session_id="s", journal_id="j", session_epoch=1)
    said.sky_clock.sky_time.FromJsonString("2026-01-01T00:00:00Z")
    said.server_time.FromJsonString("2026-01-01T00:00:00Z")
    said.heartbeat_interval.FromSeconds(10)
    said.lease_duration.FromSeconds(90)
    assert convert_down.grant_of(said).lease_s == 90.0
    getattr(said, name).FromSeconds(seconds)
    with pytest.raises(Refused, match=name) as refused:
        convert_down.grant_of(said)
    assert refused.value.reason == "BAD_MESSAGE"


def test_a_command_number_that_no_store_can_hold_is_refused() -> None:
    with pytest.raises(Refused, match="command number"):
        convert_down.message_of(pb.WatchCommandsResponse(seq=2**63, drain=pb.Drain()))


@pytest.mark.parametrize(("asked_s", "kept_s"), [(1e11, 60.0), (-5.0, 0.05), (2.0, 2.0)])
def test_a_drain_keeps_nobody_away_for_long(asked_s: float, kept_s: float) -> None:
    assert bounded.drain_s(asked_s) == kept_s


def test_refusals_fill_no_disk_and_never_push_out_what_was_started(pointing: Callable[..., Pointing]) -> None:
    memory = Store(None, "t1")
    begun = pointing("begun").window_start
    with memory.transaction():
        memory.put(Held(pointing("begun"), S.COMPLETED, started=begun))
        memory.put(Held(pointing("open"), S.ACCEPTED))
        for number in range(store.KEPT_POINTINGS + 2 * store.PRUNE_EVERY):
            memory.put(Held(pointing(f"p{number}"), S.REJECTED))
    assert memory.find("p0") is None
    assert memory.find(f"p{store.KEPT_POINTINGS}") is not None
    started = memory.started_since(begun - timedelta(seconds=1))
    assert [h.pointing.pointing_id for h in started] == ["begun"]
    assert [h.pointing.pointing_id for h in memory.open_pointings()] == ["open"]
    memory.close()


@pytest.mark.long
def test_commands_wait_while_too_many_reports_do(play: Any, pointing: Any) -> None:
    """A coordinator that takes no report is not listened to for ever."""
    limit = bounded.MOST_UNSENT

    async def scenario(rig: Any) -> None:
        deaf = True
        first = PointingReport("r", "p", 1, S.REVOKED, pointing().window_start, 0)

        async def refuse(*_: object) -> tuple[ItemResult, ...]:
            return await kept(*_) if not deaf else ()

        kept = rig.coordinator.report_pointings
        rig.coordinator.report_pointings = refuse
        async with rig.running() as memory:
            with memory.transaction():
                for number in range(limit + 1):
                    memory.add_report(replace(first, report_id=f"r{number}"))
            for number in range(300):
                rig.coordinator.offer(pointing(f"p{number}", instrument_id="none"))
            await asyncio.sleep(60.0)
            assert memory.cursor("loopback") < 100
            deaf = False
            await asyncio.sleep(300.0)
            assert memory.cursor("loopback") == 300

    play(scenario)
