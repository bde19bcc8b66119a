"""What nobody understood is read again after a mend: once, and still a test where it was one."""

import base64
import json
from typing import Any

from builders.notices import a_map, a_notice

from coordinator.alerts.alert import Purpose
from coordinator.services.assess import MapSummary
from coordinator.services.intake import Intake, Said
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.map_summary import summarise_map
from coordinator.services.quarantine import read_again, still_quarantined
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import read_state, write_state
from coordinator.services.status import quarantine_rows
from coordinator.simulation.built_in_map import T0

GOOD = a_notice("S260320a", "PRELIMINARY", 60, a_map())


async def read_map(data: bytes) -> MapSummary:
    return summarise_map(data)


async def an_intake() -> Intake:
    journal = InMemoryJournal()
    writer = await Writer.elected(journal, "source/folder")
    return Intake(writer, InMemoryBlobs(), JournaledSkyClock(lambda: T0), read_map, "folder")


def state_of(intake: Intake) -> ObservatoryState:
    state = ObservatoryState()
    for stored in intake.writer.journal.stored:  # type: ignore[attr-defined]
        state.apply(stored)
    return state


def kinds(intake: Intake) -> list[str]:
    return [s.entry.kind for s in intake.writer.journal.stored][1:]  # type: ignore[attr-defined]


async def kept(intake: Intake, raw: bytes, **said: Any) -> None:
    """Put a message into quarantine as it would have come in before its reader was mended."""
    await intake.quarantine(raw, name="notice.json", reason="no known format", said=Said(headers={}, **said))


async def test_what_is_understood_now_becomes_an_alert_once_and_the_rest_stays() -> None:
    intake = await an_intake()
    await kept(intake, GOOD)
    await intake.receive(b"{", name="poison.json")
    assert len(state_of(intake).quarantine) == 2
    page = await read_again(intake)
    assert sorted((one.file, one.outcome, one.event_key) for one in page.messages) == [
        ("notice.json", "alert", "lvk:S260320a"),
        ("poison.json", "rejected", ""),
    ]
    state = state_of(intake)
    assert [alert.event_key for alert in state.alert_log] == ["lvk:S260320a"]
    assert [row["file"] for row in quarantine_rows(state)] == ["poison.json"]
    assert state.alert_log[0].localization.skymap_sha256 in intake.blobs.data  # type: ignore[attr-defined]
    before = kinds(intake)
    assert [one.file for one in (await read_again(intake)).messages] == ["poison.json"]
    assert kinds(intake) == before


async def test_a_crash_between_the_alert_and_the_mark_repeats_nothing() -> None:
    intake = await an_intake()
    await kept(intake, GOOD)
    await intake.receive(GOOD, name="notice.json")  # as the first half of a reading that was cut off
    await read_again(intake)
    assert kinds(intake) == ["alert_quarantined", "alert_received", "quarantine_read"]


async def test_what_asks_for_nothing_leaves_the_quarantine_too() -> None:
    intake = await an_intake()
    await kept(intake, b'{"$schema": "https://gcn.nasa.gov/schema/main/gcn/heartbeat.schema.json"}')
    assert [one.outcome for one in (await read_again(intake)).messages] == ["ignored"]
    assert state_of(intake).quarantine == {}


async def test_a_test_is_a_test_when_it_is_read_again() -> None:
    for said in ({"headers": {"_test": "true"}}, {"topic": "lvk.alert-test"}, {"purpose": "test"}):
        intake = await an_intake()
        await intake.quarantine(GOOD, name="n", reason="x", said=Said(**({"headers": {}} | said)))  # type: ignore[arg-type]
        await read_again(intake)
        assert state_of(intake).alert_log[0].purpose is Purpose.TEST, said


async def test_what_nobody_knows_the_headers_of_is_read_as_a_test() -> None:
    intake = await an_intake()
    await intake.quarantine(GOOD, name="n", reason="headers that are no JSON object")
    await read_again(intake)
    assert state_of(intake).alert_log[0].purpose is Purpose.TEST


async def test_the_same_bytes_under_another_mark_are_kept_apart_and_the_stricter_holds() -> None:
    intake = await an_intake()
    await kept(intake, GOOD)
    await kept(intake, GOOD)
    await kept(intake, GOOD, topic="lvk.alert-test")
    state = state_of(intake)
    assert len(state.quarantine) == 2
    await read_again(intake)
    state = state_of(intake)
    assert state.quarantine == {}
    assert state.alerts.events["lvk:S260320a"].purpose is Purpose.TEST


async def test_many_messages_are_read_page_by_page() -> None:
    intake = await an_intake()
    for number in range(7):
        await intake.receive(b"{" * (number + 1), name=f"{number}.json")
    seen: list[str] = []
    after = ""
    for _ in range(4):
        page = await read_again(intake, after, most=2)
        seen += [one.file for one in page.messages]
        after = page.next
    assert sorted(seen) == [f"{n}.json" for n in range(7)] and after == ""


async def test_bytes_that_are_not_kept_are_told_and_keep_no_other_back() -> None:
    intake = await an_intake()
    await intake.quarantine_unread("ab" * 32, name="huge.fits", reason="longer than 512 MiB")
    await kept(intake, GOOD)
    outcomes = {one.file: (one.outcome, one.reason) for one in (await read_again(intake)).messages}
    assert outcomes == {"huge.fits": ("rejected", "there is no such blob"), "notice.json": ("alert", "")}


async def test_an_entry_of_before_what_was_said_was_kept_still_folds() -> None:
    intake = await an_intake()
    await kept(intake, GOOD)
    stored = intake.writer.journal.stored[1]  # type: ignore[attr-defined]
    for new in ("source", "topic", "headers", "purpose", "event_key"):
        del stored.entry.body[new]
    (old,) = (await still_quarantined(intake.writer.journal)).values()
    assert (old.file, old.headers) == ("notice.json", None)


async def test_the_quarantine_is_in_the_snapshot() -> None:
    intake = await an_intake()
    await kept(intake, GOOD)
    state = state_of(intake)
    again = read_state(write_state(state, "memory"), "memory")
    assert again.quarantine == state.quarantine


def test_the_notice_is_a_good_one() -> None:
    assert base64.b64decode(json.loads(GOOD)["event"]["skymap"])
