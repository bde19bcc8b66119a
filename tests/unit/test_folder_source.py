"""A watched folder: complete files only, in order, once; poison stops nobody, a crash loses nothing."""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from coordinator.alerts.alert import Alert, Purpose
from coordinator.services.assess import MapSummary
from coordinator.services.facts import fact_of
from coordinator.services.intake import Intake, Received
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Stored, Writer
from coordinator.sources.folder import FolderSource
from telescopes.description.clocks import SystemSkyClock
from telescopes.description.errors import RetryLater


async def no_map(data: bytes) -> MapSummary:
    raise AssertionError("no map in these messages")


def a_notice(superevent: str = "S261122qx", kind: str = "RETRACTION") -> bytes:
    notice = {"superevent_id": superevent, "alert_type": kind, "time_created": "2026-11-22T21:18:31Z", "event": None}
    return json.dumps(notice).encode()


class Killed(BaseException):
    """The process ends here."""


class FaultyIntake(Intake):
    """An intake whose reader or process fails where it is told to."""

    fault: BaseException | None = None
    before_commit = False

    async def receive(
        self,
        raw: bytes,
        *,
        name: str,
        purpose: str | None = None,
        event_key: str | None = None,
        topic: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Received:
        if self.fault is not None and self.before_commit:
            raise self.fault
        received = await super().receive(raw, name=name, headers=headers)
        if self.fault is not None:
            raise self.fault
        return received


async def an_intake(journal: InMemoryJournal, blobs: InMemoryBlobs | None = None) -> FaultyIntake:
    writer = await Writer.elected(journal, "source/folder")
    return FaultyIntake(writer, blobs or InMemoryBlobs(), SystemSkyClock(), no_map, "folder")


def facts(journal: InMemoryJournal) -> list[Stored]:
    return [stored for stored in journal.stored if stored.entry.kind != "writer_elected"]


def put(folder: Path, name: str, raw: bytes, at_s: int = 0) -> Path:
    path = folder / name
    path.write_bytes(raw)
    os.utime(path, (1_000_000_000 + at_s, 1_000_000_000 + at_s))
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


async def test_a_file_is_taken_when_two_looks_find_it_unchanged(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    source = FolderSource(tmp_path, await an_intake(journal))
    path = put(tmp_path, "a.json", a_notice()[:20])
    assert await source.sweep() == ()
    path.write_bytes(a_notice())
    assert await source.sweep() == ()
    assert [received.outcome for received in await source.sweep()] == ["alert"]
    assert names(tmp_path) == [] and names(tmp_path / "done") == ["a.json"]


async def test_files_are_taken_oldest_first(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    source = FolderSource(tmp_path, await an_intake(journal))
    put(tmp_path, "a.json", a_notice("S261122c"), at_s=3)
    put(tmp_path, "b.json", a_notice("S261122a"), at_s=1)
    put(tmp_path, "c.json", a_notice("S261122b"), at_s=2)
    await source.sweep()
    await source.sweep()
    assert [stored.entry.event for stored in facts(journal)] == ["lvk:S261122a", "lvk:S261122b", "lvk:S261122c"]


async def test_poison_goes_to_quarantine_and_stops_nobody(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    source = FolderSource(tmp_path, await an_intake(journal))
    put(tmp_path, "1.json", b"{" * 100_000)
    put(tmp_path, "2.json", a_notice())
    await source.sweep()
    assert [received.outcome for received in await source.sweep()] == ["rejected", "alert"]
    assert names(tmp_path / "quarantine") == ["1.json"] and names(tmp_path / "done") == ["2.json"]


async def test_a_message_that_breaks_its_reader_is_counted_and_journalled(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    intake = await an_intake(journal)
    intake.fault, intake.before_commit = ZeroDivisionError("oh"), True
    source = FolderSource(tmp_path, intake)
    put(tmp_path, "1.json", a_notice())
    await source.sweep()
    await source.sweep()
    assert source.failed == 1
    assert facts(journal)[0].entry.body["reason"] == "broke its reader: ZeroDivisionError: oh"
    assert names(tmp_path / "quarantine") == ["1.json"]


async def test_a_crash_between_commit_and_move_gives_one_entry(tmp_path: Path) -> None:
    journal, blobs = InMemoryJournal(), InMemoryBlobs()
    dying = await an_intake(journal, blobs)
    dying.fault = Killed()
    source = FolderSource(tmp_path, dying)
    put(tmp_path, "a.json", a_notice())
    await source.sweep()
    with pytest.raises(Killed):
        await source.sweep()
    assert names(tmp_path) == ["a.json"] and len(facts(journal)) == 1

    again = FolderSource(tmp_path, await an_intake(journal, blobs))
    await again.sweep()
    assert [received.seq for received in await again.sweep()] == [facts(journal)[0].seq]
    assert len(facts(journal)) == 1 and names(tmp_path / "done") == ["a.json"]


async def test_a_crash_before_the_commit_loses_nothing(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    dying = await an_intake(journal)
    dying.fault, dying.before_commit = Killed(), True
    put(tmp_path, "a.json", a_notice())
    source = FolderSource(tmp_path, dying)
    await source.sweep()
    with pytest.raises(Killed):
        await source.sweep()
    assert not facts(journal)
    again = FolderSource(tmp_path, await an_intake(journal))
    await again.sweep()
    await again.sweep()
    assert len(facts(journal)) == 1


async def test_a_journal_out_of_reach_leaves_the_file_for_later(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    intake = await an_intake(journal)
    intake.fault, intake.before_commit = RetryLater("restarts", where="journal", mend="wait"), True
    source = FolderSource(tmp_path, intake)
    put(tmp_path, "a.json", a_notice())
    await source.sweep()
    with pytest.raises(RetryLater):
        await source.sweep()
    intake.fault = None
    assert len(await source.sweep()) == 1
    assert names(tmp_path / "done") == ["a.json"]


async def test_unfinished_and_hidden_files_and_folders_are_left_alone(tmp_path: Path) -> None:
    source = FolderSource(tmp_path, await an_intake(InMemoryJournal()))
    for name in (".a.json", "b.json.part", "c.tmp", "d~"):
        put(tmp_path, name, a_notice())
    (tmp_path / "folder").mkdir()
    for _ in range(3):
        assert await source.sweep() == ()


async def test_headers_beside_a_message_are_heard_and_moved_with_it(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    source = FolderSource(tmp_path, await an_intake(journal))
    put(tmp_path, "a.json.headers.json", b'{"_id": "1", "_sender": "x", "_format": "json", "_test": "true"}')
    await source.sweep()
    await source.sweep()
    put(tmp_path, "a.json", a_notice())
    await source.sweep()
    await source.sweep()
    alert: Alert = fact_of(facts(journal)[0].entry)
    assert alert.purpose is Purpose.TEST
    assert names(tmp_path / "done") == ["a.json", "a.json.headers.json"]


async def test_a_test_whose_move_breaks_half_way_is_a_test_for_ever(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    headers = b'{"_id": "1", "_sender": "x", "_format": "json", "_test": "true"}'
    put(tmp_path, "a.json.headers.json", headers)
    put(tmp_path, "a.json", a_notice())
    # Where the message should go there is a folder: its move breaks as on a full disk.
    (tmp_path / "done" / f"{1_000_000_000 * 10**9}.a.json").mkdir(parents=True)
    (tmp_path / "done" / "a.json").touch()
    for _ in range(2):  # the second is the next life of the process
        source = FolderSource(tmp_path, await an_intake(journal))
        await source.sweep()
        await source.sweep()
    alerts: list[Alert] = [fact_of(stored.entry) for stored in facts(journal)]
    assert [alert.purpose for alert in alerts] == [Purpose.TEST]


async def test_headers_that_cannot_be_read_put_the_message_in_quarantine(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    source = FolderSource(tmp_path, await an_intake(journal))
    put(tmp_path, "a.json", a_notice())
    put(tmp_path, "a.json.headers.json", b"[")
    await source.sweep()
    assert [received.outcome for received in await source.sweep()] == ["rejected"]


async def test_a_name_that_was_there_before_overwrites_nothing(tmp_path: Path) -> None:
    source = FolderSource(tmp_path, await an_intake(InMemoryJournal()))
    for second, superevent in enumerate(("S261122a", "S261122b")):
        put(tmp_path, "a.json", a_notice(superevent), at_s=second)
        await source.sweep()
        await source.sweep()
    kept = [path.read_bytes() for path in (tmp_path / "done").iterdir()]
    assert sorted(kept) == [a_notice("S261122a"), a_notice("S261122b")]


async def test_a_file_that_cannot_be_moved_is_taken_in_once(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    source = FolderSource(tmp_path, await an_intake(journal))
    (tmp_path / "done").write_bytes(b"in the way")
    put(tmp_path, "a.json", a_notice())
    await source.sweep()
    assert len([r for r in await source.sweep() if r.outcome == "alert"]) == 1
    assert [r for r in await source.sweep() if r.outcome == "alert"] == []
    assert "a.json" in names(tmp_path) and len(facts(journal)) == 2


async def test_a_file_that_cannot_be_read_is_told_once_and_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = InMemoryJournal()
    source = FolderSource(tmp_path, await an_intake(journal))
    (tmp_path / "a.json").symlink_to("/proc/self/mem")  # what not even root can read from its beginning
    put(tmp_path, "b.json", a_notice())
    for _ in range(4):
        await source.sweep()
    assert source.failed == 1
    assert [record.getMessage().count("cannot be read") for record in caplog.records] == [1]
    assert names(tmp_path / "done") == ["b.json"]


async def test_a_file_that_could_not_be_read_is_taken_when_it_can(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    source = FolderSource(tmp_path, await an_intake(journal))
    (tmp_path / "a.json").symlink_to("/proc/self/mem")
    await source.sweep()
    await source.sweep()
    (tmp_path / "a.json").unlink()
    put(tmp_path, "a.json", a_notice())
    await source.sweep()
    assert [received.outcome for received in await source.sweep()] == ["alert"]


async def test_a_folder_that_cannot_be_watched_says_so(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"")
    source = FolderSource(tmp_path / "in", await an_intake(InMemoryJournal()))
    with pytest.raises(RetryLater):
        await source.sweep()


async def test_it_watches_until_it_is_cancelled(tmp_path: Path) -> None:
    journal = InMemoryJournal()
    source = FolderSource(tmp_path, await an_intake(journal), poll_s=0.01)
    watching = asyncio.create_task(source.run())
    put(tmp_path, "a.json", a_notice())
    tail = await journal.follow(1, wait_s=10)
    assert [stored.entry.kind for stored in tail.entries] == ["alert_received"]
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
