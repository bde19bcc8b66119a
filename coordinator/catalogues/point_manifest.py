"""What a catalogue of points says of itself: where it came from, what it holds, how old and how deep it is."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from coordinator.catalogues.manifest import Source, read_manifest_as

SCHEMA = "armillary.points/1"


class PointManifest(msgspec.Struct, frozen=True, kw_only=True):
    """The words beside the columns.

    `sorts` counts rows of each sort; `passed_over` those of none; `files` are the sha256 of the columns; `as_of` is how
    old its knowledge is, None: nobody said; `complete_to_mag` None: that something is not in it tells nothing;
    `unlikely` counts values that say nothing, by column; `known` those that do.
    """

    schema: str
    name: str
    sources: tuple[Source, ...]
    rows: int
    sorts: dict[str, int]
    read: int
    passed_over: int
    bad: int
    doubles: int
    named_bad: tuple[str, ...]
    unlikely: dict[str, int]
    known: dict[str, int]
    files: dict[str, str]
    as_of: datetime | None
    complete_to_mag: float | None
    note: str
    unread: tuple[str, ...] = ()


def read_point_manifest(folder: Path) -> PointManifest:
    """Read what a catalogue of points says of itself.

    Raises
    ------
    Refused
        The folder is no such catalogue.
    """
    return read_manifest_as(folder, PointManifest, SCHEMA)


def schema_of(folder: Path) -> str:
    """Say of what form the catalogue in a folder is.

    Raises
    ------
    Refused
        The folder is no catalogue.
    """
    return read_manifest_as(folder, _Form).schema


class _Form(msgspec.Struct):
    schema: str


def day(text: str) -> datetime:
    """Read a day, or a time, in UTC.

    Raises
    ------
    ValueError
        It is none.
    """
    said = datetime.fromisoformat(text.strip())
    return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
