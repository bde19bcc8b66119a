"""The journal's file: restarts, two writers, and files that are not what they should be."""

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from coordinator.services.journal import Entry, Stored, Writer
from coordinator.store import schema
from coordinator.store.engine import writing_engine
from coordinator.store.journal import SqliteJournal
from coordinator.store.journal_file import JournalFile
from coordinator.store.ring import Ring
from coordinator.store.tables import metadata
from telescopes.description.errors import Broken, Refused

SKY = datetime(2026, 8, 17, tzinfo=UTC)


def an_entry(n: int = 0) -> Entry:
    return Entry("plan_made", {"n": n}, sky_time=SKY)


def opened(path: Path) -> SqliteJournal:
    return SqliteJournal(path, now=lambda: datetime.now(UTC))


async def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    first = opened(tmp_path / "j.db")
    writer = await Writer.elected(first, "scheduler")
    stored = await writer.append([an_entry(1), an_entry(2)], append_id="a")
    identity = (await first.info()).journal_id
    await first.close()

    second = opened(tmp_path / "j.db")
    assert (await second.info()).journal_id == identity
    again = await second.append([an_entry(1), an_entry(2)], writer="scheduler", epoch=writer.epoch, append_id="a")
    assert again == stored
    assert (await second.read(stored[0].seq - 1)).entries[:2] == stored
    assert await second.elect("scheduler") == writer.epoch + 1
    await second.close()


async def test_a_second_process_that_opens_the_journal_ends_the_first(tmp_path: Path) -> None:
    first = opened(tmp_path / "j.db")
    writer = await Writer.elected(first, "scheduler")
    second = opened(tmp_path / "j.db")
    head = (await second.info()).head_seq
    with pytest.raises(Broken, match="replaced"):
        await writer.append([an_entry()])
    with pytest.raises(Broken, match="replaced"):
        await first.follow(head, wait_s=30.0)
    assert (await second.info()).head_seq == head
    (stored,) = await Writer(second, "scheduler", writer.epoch).append([an_entry()])
    assert stored.seq == head + 1
    await first.close()
    await second.close()


async def test_what_lies_before_the_ring_is_read_from_the_file(tmp_path: Path) -> None:
    journal = opened(tmp_path / "j.db")
    writer = await Writer.elected(journal, "scheduler")
    journal._ring = Ring((await journal.info()).head_seq, size=5)
    stored = await writer.append([an_entry(n) for n in range(20)])
    tail = await journal.follow(stored[0].seq - 1)
    assert tail.entries == stored
    await journal.close()


async def test_readers_look_on_while_it_is_written(tmp_path: Path) -> None:
    journal = opened(tmp_path / "j.db")
    writer = await Writer.elected(journal, "scheduler")
    reader = JournalFile.for_reading(tmp_path / "j.db")
    (stored,) = await writer.append([an_entry()])
    assert reader.info() == await journal.info()
    assert reader.read(stored.seq - 1).entries == (stored,)
    reader.close()
    await journal.close()


async def test_written_entries_cannot_be_changed_even_by_hand(tmp_path: Path) -> None:
    await opened(tmp_path / "j.db").close()
    connection = sqlite3.connect(tmp_path / "j.db")
    for change in ("UPDATE journal SET kind = 'x'", "DELETE FROM journal"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(change)
    connection.close()


def test_the_migrations_make_the_tables_from_an_empty_file(tmp_path: Path) -> None:
    engine = writing_engine(tmp_path / "j.db")
    schema.upgrade(engine, tmp_path / "j.db")
    schema.upgrade(engine, tmp_path / "j.db")
    with engine.connect() as connection:
        assert schema.revision_of(connection) == schema.HEAD
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    engine = writing_engine(tmp_path / "j.db")
    schema.upgrade(engine, tmp_path / "j.db")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Refused, match="newer"):
        opened(tmp_path / "j.db")
    with pytest.raises(Refused, match="9999"):
        JournalFile.for_reading(tmp_path / "j.db")


def test_a_file_that_is_no_journal_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    path.write_bytes(b"a letter, not a database" * 100)
    with pytest.raises(Broken, match="damaged"):
        opened(path)
    assert path.read_bytes().startswith(b"a letter")


async def test_a_damaged_page_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal = opened(path)
    writer = await Writer.elected(journal, "scheduler")
    await writer.append([Entry("plan_made", {"text": "x" * 500}, sky_time=SKY) for _ in range(500)])
    await journal.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 12)
    with pytest.raises(Broken, match="damaged"):
        opened(path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="writable"):
        opened(tmp_path / "none" / "j.db")
    with pytest.raises(Refused, match="no journal"):
        JournalFile.for_reading(tmp_path / "none" / "j.db")


OPEN_AS_NOBODY = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
import sqlite3, sqlalchemy.dialects.sqlite, alembic.command
from coordinator.store.journal import SqliteJournal
from telescopes.description.errors import ArmillaryError
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
try:
    SqliteJournal(Path(sys.argv[1]), now=lambda: datetime.now(UTC))
except ArmillaryError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("existing", [True, False])
def test_a_read_only_folder_is_refused(existing: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "j.db"
        if existing:
            asyncio.run(opened(path).close())
            path.chmod(0o444)
        Path(name).chmod(0o555)
        run = subprocess.run([sys.executable, "-c", OPEN_AS_NOBODY, str(path)], capture_output=True, text=True)
        Path(name).chmod(0o755)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Refused ")
    assert "make the folder and the file writable" in run.stdout
    assert run.stdout.count("\n") == 1


KEEP_WRITING = """
import asyncio, os, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from coordinator.services.journal import Entry, Writer
from coordinator.store.journal import SqliteJournal
from telescopes.description.errors import ArmillaryError

SKY = datetime(2026, 8, 17, tzinfo=UTC)
if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))

async def write(writer, number):
    for n in range(100_000):
        size = 1 + n % 5
        batch = [Entry("plan_made", {"text": "x" * 200, "i": i, "of": size}, sky_time=SKY) for i in range(size)]
        stored = await writer.append(batch, append_id=f"{number}:{n}")
        print(*(s.seq for s in stored), flush=True)

async def main():
    journal = SqliteJournal(Path(sys.argv[1]), now=lambda: datetime.now(UTC))
    writers = [await Writer.elected(journal, f"telescope/{n}") for n in range(4)]
    try:
        await asyncio.gather(*(write(w, n) for n, w in enumerate(writers)))
    except ArmillaryError as error:
        print("ERROR", type(error).__name__, error, flush=True)
        os._exit(3)

asyncio.run(main())
"""


def acknowledged(lines: list[str]) -> list[int]:
    return [int(word) for line in lines for word in line.split()]


async def everything(path: Path) -> list[Stored]:
    journal = opened(path)
    found = await journal.read(0, limit=10_000_000)
    await journal.close()
    return list(found.entries)


def assert_whole(stored: list[Stored], promised: list[int]) -> None:
    """Every acknowledged entry is there, the numbers are dense, and no batch is torn."""
    assert [s.seq for s in stored] == list(range(1, len(stored) + 1))
    assert promised
    assert max(promised) <= len(stored)
    assert len(set(promised)) == len(promised)
    facts = [s.entry.body for s in stored if s.entry.kind == "plan_made"]
    while facts:
        size = facts[0]["of"]
        assert [fact["i"] for fact in facts[:size]] == list(range(size))
        del facts[:size]


def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    with subprocess.Popen([sys.executable, "-c", KEEP_WRITING, str(path)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        lines = [run.stdout.readline() for _ in range(600)]
        run.kill()
        *rest, _torn = run.stdout.read().split("\n")
    assert_whole(asyncio.run(everything(path)), acknowledged(lines + rest))


def test_a_full_disk_is_one_clear_line_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    run = subprocess.run(
        [sys.executable, "-c", KEEP_WRITING, str(path), str(600 * 1024)], capture_output=True, text=True
    )
    assert run.returncode == 3, run.stderr
    *lines, error = run.stdout.splitlines()
    assert error.startswith("ERROR Broken ")
    assert "free disk space" in error
    stored = asyncio.run(everything(path))
    assert_whole(stored, acknowledged([line for line in lines if not line.startswith("ERROR")]))
    assert len(asyncio.run(everything(path))) == len(stored) + 1, "with room again it writes: its own election"
