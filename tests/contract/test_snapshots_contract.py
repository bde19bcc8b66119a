"""Snapshots: what holds wherever they lie, and which of them a service may start from."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from coordinator.services.journal import InMemoryJournal, JournalInfo, Writer
from coordinator.services.snapshot import InMemorySnapshots, SnapshotKeeper, Snapshots, newest_sound, opened, seal
from coordinator.store.snapshots import FolderSnapshots
from telescopes.description.errors import Broken


@dataclass
class Tally:
    """The least that can be folded."""

    applied_seq: int = 0


def written(state: Tally, journal_id: str) -> bytes:
    body = msgspec.json.encode(state.applied_seq)
    return seal(body, version=1, journal_id=journal_id, seq=state.applied_seq)


def read(data: bytes, journal_id: str) -> Tally:
    return Tally(opened(data, int, version=1, journal_id=journal_id))


@pytest.fixture(params=["memory", "folder"])
def snapshots(request: pytest.FixtureRequest, tmp_path: Path) -> Snapshots:
    made: dict[str, Callable[[], Snapshots]] = {
        "memory": InMemorySnapshots,
        "folder": lambda: FolderSnapshots(tmp_path / "not" / "there" / "yet"),
    }
    return made[request.param]()


def test_where_nothing_was_kept_there_is_nothing(snapshots: Snapshots) -> None:
    assert list(snapshots.newest()) == []


def test_the_newest_two_are_kept_newest_first(snapshots: Snapshots) -> None:
    for seq in (5, 1000, 20):
        snapshots.keep(seq, str(seq).encode())
    assert list(snapshots.newest()) == [b"1000", b"20"]


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b'{"half',
        written(Tally(9), "another journal"),
        written(Tally(9), "this").replace(b'"version":1', b'"version":7'),
        written(Tally(9), "this").replace(b'"body":9', b'"body":8'),
        written(Tally(99), "this"),
    ],
    ids=["empty", "half written", "of another journal", "of another version", "altered", "ahead of the journal"],
)
def test_a_snapshot_that_cannot_be_used_gives_way_to_the_one_before(snapshots: Snapshots, spoilt: bytes) -> None:
    snapshots.keep(3, written(Tally(3), "this"))
    snapshots.keep(9, spoilt)
    assert newest_sound(snapshots, read, JournalInfo("this", 10)) == Tally(3)


def test_with_no_sound_snapshot_the_journal_is_folded_from_its_start(snapshots: Snapshots) -> None:
    snapshots.keep(3, b"spoilt")
    assert newest_sound(snapshots, read, JournalInfo("this", 10)) is None


async def test_a_snapshot_is_kept_after_so_many_entries_and_found_at_the_next_start(snapshots: Snapshots) -> None:
    journal = InMemoryJournal()
    await Writer.elected(journal, "somebody")
    keeper = SnapshotKeeper(snapshots, written, read, every=10)
    assert await keeper.newest(journal) is None
    keeper.folded(Tally(1), 9)
    assert list(snapshots.newest()) == []
    keeper.folded(Tally(1), 1)
    assert await SnapshotKeeper(snapshots, written, read).newest(journal) == Tally(1)


def test_what_is_wrong_with_a_snapshot_is_said() -> None:
    with pytest.raises(Broken, match="of journal one, not of two"):
        read(written(Tally(1), "one"), "two")


async def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    keeper = SnapshotKeeper(FolderSnapshots(tmp_path / "taken"), written, read, every=1)
    keeper.folded(Tally(1), 1)
    assert await keeper.newest(InMemoryJournal()) is None
