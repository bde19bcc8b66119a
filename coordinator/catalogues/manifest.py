"""What an index of galaxies says of itself: where it came from, what it holds, and how complete it is."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from coordinator.planning.completeness import BANDS, Completeness, table_of
from telescopes.description.errors import Refused

SCHEMA = "armillary.catalogue/1"
FILE = "manifest.json"

Said = TypeVar("Said")


class Source(msgspec.Struct, frozen=True):
    """A table that went into the index."""

    file: str
    sha256: str
    rows: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The words beside the columns.

    `files` are the sha256 of the columns; `known` counts the values of each; `completeness` None: unknown;
    `unread` are columns that hold no single values, in sentences.
    """

    schema: str
    sources: tuple[Source, ...]
    galaxies: int
    read: int
    without_distance: int
    bad: int
    quasars: int
    doubles: int
    named_bad: tuple[str, ...]
    unlikely: dict[str, int]
    known: dict[str, int]
    files: dict[str, str]
    completeness: Completeness | None
    note: str
    unread: tuple[str, ...] = ()


def read_manifest(folder: Path) -> Manifest:
    """Read what an index says of itself.

    Raises
    ------
    Refused
        The folder is no index of this form.
    """
    return read_manifest_as(folder, Manifest, SCHEMA)


def read_manifest_as(folder: Path, form: type[Said], schema: str | None = None) -> Said:
    """Read a manifest of a form; `schema` None: of any schema.

    Raises
    ------
    Refused
        The folder holds none.
    """
    path = folder / FILE
    mend = "make one by: armillary catalogues build TABLE... -o FOLDER"
    try:
        data = path.read_bytes()
        if schema is not None:
            _same_schema(data, schema, path, mend)
        return msgspec.json.decode(data, type=form)
    except OSError as error:
        raise Refused(f"is no catalogue ({FILE}: {error.strerror})", where=str(folder), mend=mend) from error
    except msgspec.MsgspecError as error:
        raise Refused(f"is no manifest of a catalogue ({error})", where=str(path), mend=mend) from error


def _same_schema(data: bytes, schema: str, path: Path, mend: str) -> None:
    said: Any = msgspec.json.decode(data)
    held = said.get("schema") if isinstance(said, dict) else None
    if held is not None and held != schema:
        raise Refused(f"is a {held}, not {schema}", where=str(path), mend=mend)


def completeness_of(text: str) -> Completeness:
    """Read what an operator says of a catalogue: ``B<17.5``, ``K<13.5``, or ``50:1,130:0.9,300:0.5`` (Mpc:share)."""
    mend = "give B<17.5, K<13.5, or pairs of Mpc:share such as 50:1,130:0.9,300:0.5"
    try:
        if text[:1].upper() in BANDS and text[1:2] == "<":
            limit = float(text[2:])
            if not 0 < limit < 40:
                raise ValueError("no such magnitude")
            return Completeness.to_limit(BANDS[text[0].upper()], limit)
        pairs = [pair.split(":") for pair in text.split(",")]
        return table_of([(float(d), float(share)) for d, share in pairs], "as given by its operator")
    except ValueError as error:
        raise Refused(f"{text!r} is no completeness ({error})", where="--completeness", mend=mend) from error
