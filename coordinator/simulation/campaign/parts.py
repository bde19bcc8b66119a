"""Results of a campaign in parts: a SQLite file for each batch, whole or not there, so that a killed run goes on.

A part is written beside its place, synced, and moved there; a campaign's own mark in the folder keeps the parts of
another one out.
"""

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from coordinator.simulation.campaign.asked import Asked, Batch
from coordinator.simulation.campaign.folder import MARK, PARTS, Commands, Mark, parts_in
from coordinator.simulation.campaign.play import PlayedEvent
from telescopes.description.errors import Refused
from telescopes.description.whole_file import write_whole

TABLE = """CREATE TABLE events (
    point INTEGER NOT NULL, seed INTEGER NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (point, seed, number)
) WITHOUT ROWID"""


@dataclass(frozen=True, slots=True)
class Parts:
    """A folder with the parts of one campaign."""

    folder: Path

    @classmethod
    def opened(cls, folder: Path, asked: Asked, commands: Commands | None = None) -> "Parts":
        """Open a campaign's folder, or make it.

        Parameters
        ----------
        commands : Commands, optional
            What plays it again, for who finds the folder; None: nobody says.

        Raises
        ------
        Refused
            It cannot be made, or holds another campaign, or this one played with other versions, or parts of nobody's.
        """
        mark, identity = folder / MARK, asked.identity()
        try:
            (folder / PARTS).mkdir(parents=True, exist_ok=True)
            if not mark.exists():
                _require_no_parts(folder)
                write_whole(mark, msgspec.json.format(msgspec.json.encode(_mark(asked, identity, commands))))
            held = msgspec.json.decode(mark.read_bytes())
        except OSError as error:
            raise Refused(f"cannot be used ({error})", where=str(folder), mend="give -o a writable folder") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            mend = "put it back from a copy, or give -o another folder"
            raise Refused(f"cannot be understood ({error})", where=str(mark), mend=mend) from error
        if not isinstance(held, dict) or held.get("identity") != identity:
            raise Refused(
                "holds another campaign, or this one by other versions",
                where=str(folder),
                mend="give -o another folder, or remove this one",
            )
        return cls(folder)

    def done(self) -> set[int]:
        """Return the numbers of the batches that are kept; what a killed run left half written goes."""
        for half in (self.folder / PARTS).glob("*.half"):
            half.unlink(missing_ok=True)
        return {int(file.stem) for file in parts_in(self.folder)}

    def keep(self, batch: Batch, played: Sequence[PlayedEvent]) -> None:
        """Keep a batch: when this returns it survives a kill."""
        half = self._file(batch.number).with_suffix(".half")
        half.unlink(missing_ok=True)
        rows = [(one.point, one.campaign_seed, one.number, msgspec.json.encode(one).decode()) for one in played]
        book = sqlite3.connect(half)
        try:
            with book:
                book.execute(TABLE)
                book.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
        finally:
            book.close()
        _moved(half, self._file(batch.number))

    def read(self, number: int) -> tuple[PlayedEvent, ...]:
        """Read a batch.

        Raises
        ------
        Refused
            The part is damaged.
        """
        file = self._file(number)
        try:
            book = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
            try:
                bodies = [body for (body,) in book.execute("SELECT body FROM events ORDER BY number")]
            finally:
                book.close()
            return tuple(msgspec.json.decode(body, type=PlayedEvent) for body in bodies)
        except (sqlite3.Error, msgspec.DecodeError) as error:
            mend = "remove this file and give the same command again: its events are played anew"
            raise Refused(f"is damaged ({error})", where=str(file), mend=mend) from error

    def _file(self, number: int) -> Path:
        return self.folder / PARTS / f"{number:06d}.sqlite"


def _require_no_parts(folder: Path) -> None:
    """Refuse parts without a mark: nobody knows of which campaign they are."""
    if parts_in(folder):
        mend = f"put {MARK} back from a copy, or give -o another folder"
        raise Refused(f"holds parts and no {MARK}", where=str(folder), mend=mend)


def _mark(asked: Asked, identity: str, commands: Commands | None) -> Mark:
    return Mark(
        identity=identity,
        name=asked.name,
        asked=asked.written,
        batches=sum(1 for _ in asked.batches()),
        events=asked.events_in_all,
        policies=asked.policies,
        seeds=asked.seeds,
        commands=commands,
    )


def _moved(half: Path, file: Path) -> None:
    _synced(half)
    os.replace(half, file)
    _synced(file.parent)


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
