"""What the gateway may expect of a telescope's port, of the real one and of the one in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count

import pytest

from coordinator.dispatch.facts import PointingOffered, RevocationRequested
from coordinator.gateway.convert.fields import SESSION_ID, telescope_of
from coordinator.gateway.loopback import LoopbackTelescope
from coordinator.gateway.practice import practice_pointing
from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryJournal, Writer
from coordinator.services.ports import TelescopePort
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.telescope_session import TelescopeSession
from telescopes.description.clocks import MonotonicClock
from telescopes.description.errors import Refused
from telescopes.description.footprint import Circle
from telescopes.description.messages import (
    Capabilities,
    Command,
    Detection,
    ItemResult,
    PointingReport,
    Revocation,
    SessionRequest,
    StatusReport,
)
from telescopes.description.states import PointingState, Reason
from telescopes.description.telescope import Instrument, Limits, Observing, Site, Telescope, Timing

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LONG_S = 30.0
ANNOUNCEMENT = SessionRequest("tca", "1", "boot", 0, "", Capabilities((), Limits(), Timing(), "", ("simulated",)), NOON)
TCA = Telescope("tca", "TCA", Site(43.75, 6.92), (Instrument("main", ("clear",), Circle(1.0)),), Observing(60.0))


@dataclass
class Subject:
    """A port, and the ways to give its telescope a pointing of some name, and to ask for it back."""

    port: TelescopePort
    offer: Callable[[str], Awaitable[object]]
    ask_back: Callable[[Revocation], Awaitable[object]]

    async def open(self) -> str:
        return (await self.port.open_session(ANNOUNCEMENT)).session_id


class Nobody:
    """A scheduler and a vetter that are never asked here."""

    async def report(self, telescope_id: str, reports: object) -> tuple[ItemResult, ...]:
        raise AssertionError(f"{telescope_id} reported {reports}")

    async def act(self, action: object) -> int:
        raise AssertionError(action)

    async def store(self, telescope_id: str, detections: object) -> tuple[ItemResult, ...]:
        raise AssertionError(f"{telescope_id} detected {detections}")


async def in_memory() -> AsyncIterator[Subject]:
    telescope = LoopbackTelescope("tca")
    yield Subject(
        telescope,
        lambda name: telescope.command(replace(practice_pointing("tca", "main", NOON), pointing_id=name)),
        telescope.command,
    )


async def real() -> AsyncIterator[Subject]:
    journal, tokens, seqs = InMemoryJournal(), count(1), count(1)
    nobody = Nobody()
    session = TelescopeSession(
        telescope=TCA,
        journal=journal,
        scheduler=nobody,
        vetter=nobody,
        clock=JournaledSkyClock(lambda: NOON),
        link=MonotonicClock(),
        utc=lambda: NOON,
        token=lambda: f"token{next(tokens)}",
    )
    await session.start()
    scheduler = await Writer.elected(journal, "scheduler")

    async def offer(name: str) -> None:
        pointing = replace(practice_pointing("tca", "main", NOON), pointing_id=name)
        fact = PointingOffered(pointing, next(seqs), pointing.window_end, "", 0.1, 0.1, 0.1, 0.1)
        await scheduler.append([entry_of("pointing_offered", fact, sky_time=NOON, telescope="tca", subject=name)])

    async def ask_back(asked: Revocation) -> None:
        fact = RevocationRequested(
            asked.pointing_id, asked.revision, asked.reason, asked.abort_if_started, command_seq=next(seqs)
        )
        entry = entry_of(
            "pointing_revocation_requested", fact, sky_time=NOON, telescope="tca", subject=asked.pointing_id
        )
        await scheduler.append([entry])

    running = asyncio.create_task(session.run())
    yield Subject(session, offer, ask_back)
    running.cancel()
    await asyncio.wait({running})


@pytest.fixture(params=[in_memory, real], ids=["in memory", "real"])
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    async for each in request.param():
        yield each


def names(commands: tuple[Command, ...]) -> list[tuple[int, str]]:
    return [(command.seq, command.body.pointing_id) for command in commands]


async def refusal(call: Awaitable[object]) -> str:
    with pytest.raises(Refused) as refused:
        await call
    return refused.value.reason


async def all_commands(subject: Subject, session: str, head: int, after: int = 0) -> tuple[Command, ...]:
    """Ask until the log's head is that far: the real port follows its journal."""
    found: tuple[Command, ...] = ()
    async with asyncio.timeout(LONG_S):
        while after + len(found) < head:
            found += (await subject.port.next_commands(session, after + len(found), LONG_S)).commands
    return found


async def test_a_sessions_name_leads_to_its_telescope(subject: Subject) -> None:
    session = await subject.open()
    assert SESSION_ID.fullmatch(session)
    assert telescope_of(session) == "tca"


async def test_commands_come_after_the_cursor_and_in_order(subject: Subject) -> None:
    session = await subject.open()
    for name in ("p1", "p2", "p3"):
        await subject.offer(name)
    assert names(await all_commands(subject, session, 3)) == [(1, "p1"), (2, "p2"), (3, "p3")]
    assert names(await all_commands(subject, session, 3, after=2)) == [(3, "p3")]


async def test_nothing_new_is_an_empty_answer_and_not_an_error(subject: Subject) -> None:
    batch = await subject.port.next_commands(await subject.open(), 0, 0.01)
    assert (batch.commands, batch.head_seq) == ((), 0)


async def test_a_question_without_patience_gets_what_is_there(subject: Subject) -> None:
    session = await subject.open()
    await subject.offer("p1")
    await all_commands(subject, session, 1)
    assert names((await subject.port.next_commands(session, 0, 0.0)).commands) == [(1, "p1")]


async def test_a_waiting_question_is_answered_as_soon_as_there_is_a_command(subject: Subject) -> None:
    waiting = asyncio.create_task(subject.port.next_commands(await subject.open(), 0, LONG_S))
    await asyncio.sleep(0)
    await subject.offer("p1")
    assert names((await waiting).commands) == [(1, "p1")]


async def test_a_waiting_question_ends_when_a_newer_session_opens(subject: Subject) -> None:
    waiting = asyncio.create_task(subject.port.next_commands(await subject.open(), 0, LONG_S))
    await asyncio.sleep(0)
    await subject.open()
    assert await refusal(waiting) == "SESSION_SUPERSEDED"


async def test_every_question_of_a_stale_session_is_refused(subject: Subject) -> None:
    stale = await subject.open()
    await subject.open()
    port, reports, detections = subject.port, list[PointingReport](), list[Detection]()
    for call in (
        port.next_commands(stale, 0, 0.0),
        port.report_pointings(stale, 0, reports),
        port.report_status(stale, StatusReport(NOON, safe=True)),
        port.report_detections(stale, detections),
        port.list_pointings(stale, (), 10, ""),
    ):
        assert await refusal(call) == "SESSION_STALE"


async def test_a_cursor_beyond_the_log_is_refused(subject: Subject) -> None:
    assert await refusal(subject.port.next_commands(await subject.open(), 1, 0.0)) == "CURSOR_AHEAD"


async def test_a_new_session_goes_on_in_the_same_log(subject: Subject) -> None:
    await subject.offer("p1")
    first = await subject.open()
    await all_commands(subject, first, 1)
    grant = await subject.port.open_session(ANNOUNCEMENT)
    assert (grant.session_epoch, grant.head_seq) == (2, 1)
    assert names(await all_commands(subject, grant.session_id, 1)) == [(1, "p1")]


async def test_sessions_that_are_opened_at_once_have_epochs_of_their_own(subject: Subject) -> None:
    opened = await asyncio.gather(*(subject.port.open_session(ANNOUNCEMENT) for _ in range(3)))
    assert len({grant.session_epoch for grant in opened}) == 3
    newest = max(opened, key=lambda grant: grant.session_epoch)
    assert (await subject.port.next_commands(newest.session_id, 0, 0.0)).head_seq == 0


async def test_pages_hold_every_open_pointing_once(subject: Subject) -> None:
    session = await subject.open()
    for name in ("p1", "p2", "p3"):
        await subject.offer(name)
    await all_commands(subject, session, 3)
    first = await subject.port.list_pointings(session, (), 2, "")
    rest = await subject.port.list_pointings(session, (PointingState.OFFERED,), 2, first.next_page_token)
    listed = [each.pointing.pointing_id for each in (*first.pointings, *rest.pointings)]
    assert (listed, rest.next_page_token, rest.as_of_seq) == (["p1", "p2", "p3"], "", 3)


async def test_a_page_says_how_a_pointing_was_asked_back(subject: Subject) -> None:
    session = await subject.open()
    asked = Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True)
    for name in ("p1", "p2"):
        await subject.offer(name)
    await subject.ask_back(asked)
    await all_commands(subject, session, 3)
    page = await subject.port.list_pointings(session, (), 10, "")
    assert [(each.pointing.pointing_id, each.revocation) for each in page.pointings] == [("p1", asked), ("p2", None)]
