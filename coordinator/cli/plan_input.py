"""What `armillary plan` is told of sky that is looked at already."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from coordinator.planning.document import SCHEMA
from coordinator.planning.reported import Wrong, depth_of, number_of, place_of, time_of
from coordinator.planning.request import Look
from coordinator.planning.treasure_map import Observed, footprints_of, looks_of_others
from coordinator.sky.coverage import Frames
from coordinator.sky.field_ranges import ranges_of_many
from coordinator.sky.moc import Ints, edges_of_moc_text, ranges_of_moc
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope

MEND = f"give a plan ({SCHEMA}), pointings of the Treasure Map in JSON, or a MOC (FITS, JSON or ASCII)"
HEADERS = 20_000
"""Bytes of a FITS file in which the header of its table lies."""


def observed_in(file: Path, event: str, telescopes: Sequence[Telescope], begin: datetime) -> Observed:
    """Read what is looked at already: a plan, reports of others, or a coverage map.

    Parameters
    ----------
    file : Path
        armillary.plan/1; Treasure Map JSON (a list of pointings, or an object with ``pointings`` and its own
        ``footprints``); a MOC as FITS, JSON or ASCII.
    begin : datetime
        When the sky of a MOC counts as looked at, for it says no time.

    Raises
    ------
    Refused
        The file is of another kind, or names what nobody knows.
    """
    data = _bytes(file)
    if data.startswith(b"SIMPLE"):
        return _of_moc(file, data, "fits", event, begin)
    if re.fullmatch(rb"\s*\d+/[\d/,\-\s]*", data):
        return _of_moc(file, data, "ascii", event, begin)
    document = _document(file, data)
    if isinstance(document, dict) and document and all(key.isdigit() for key in document):
        return _of_moc(file, data, "json", event, begin)
    if isinstance(document, dict) and document.get("schema") == SCHEMA:
        known = {t.id: t for t in telescopes}
        rows = _pointings(document, file)
        return Observed(tuple(_look(row, i, file, event, known) for i, row in enumerate(rows)))
    whole = document if isinstance(document, dict) else {"pointings": document}
    rows = [_unwrapped(row) for row in _pointings(whole, file)]
    return looks_of_others(rows, footprints_of(whole, telescopes, str(file)), event, str(file))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=str(file), mend="give a readable file") from error


def _document(file: Path, data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise Refused("is neither JSON nor a MOC", where=str(file), mend=MEND) from error


def _pointings(document: dict[str, Any], file: Path) -> list[Any]:
    rows = document.get("pointings")
    if not isinstance(rows, list) or ("schema" in document and document["schema"] != SCHEMA):
        raise Refused("is of another kind: it has no list of pointings", where=str(file), mend=MEND)
    return rows


def _unwrapped(row: object) -> object:
    """Take a pointing out of the text in which version 0 of the service wraps each."""
    if not isinstance(row, str):
        return row
    try:
        return json.loads(row)
    except ValueError:
        return row


def _of_moc(file: Path, data: bytes, kind: str, event: str, begin: datetime) -> Observed:
    """Take the sky of a MOC as looked at in visit 1."""
    try:
        low, high = _fits_edges(file, data) if kind == "fits" else edges_of_moc_text(data.decode())
    except (OSError, ValueError) as error:
        said = (str(error).splitlines() or ["unreadable"])[0]
        raise Refused(f"is no MOC of the sky ({said})", where=str(file), mend=MEND) from error
    note = f"{file}: a MOC says neither depth nor time: under detection it does not count, and visit 1 is over at once"
    return Observed((Look(event, "1", ranges_of_moc(low, high), begin),), (note,))


def _fits_edges(file: Path, data: bytes) -> tuple[Ints, Ints]:
    from mocpy import MOC  # not at the top: it brings astropy

    if b"'PROB" in data[:HEADERS]:
        raise ValueError("it is a sky map")  # whose cells, taken for a MOC, would be the whole sky
    edges = np.asarray(MOC.load(file, "fits").to_depth29_ranges, np.int64).reshape(-1, 2)
    return edges[:, 0], edges[:, 1]


def _look(row: dict[str, Any], number: int, file: Path, event: str, known: dict[str, Telescope]) -> Look:
    where = f"{file}: pointings[{number}]"
    try:
        telescope = known[row["telescope"]]
        footprint = telescope.instrument(row["instrument"]).footprint
        ra_deg, dec_deg = place_of(row["ra_deg"], row["dec_deg"])
        angle = number_of(row, "position_angle_deg") or 0.0
        ranges = ranges_of_many(footprint, Frames.at([ra_deg], [dec_deg], angle))[0]
        start, limit = time_of(row, "start"), depth_of(row, "limit_mag_ab")
        band = row.get("filter")
        return Look(
            event, str(row.get("visit") or "1"), ranges, start, limit, None if band is None else str(band), telescope.id
        )
    except StopIteration as error:
        raise Refused(f"unknown instrument {row['instrument']!r}", where=where, mend="use the same --sites") from error
    except KeyError as error:
        raise Refused(
            f"unknown or missing: {error}", where=where, mend="use the same --sites as for that plan"
        ) from error
    except (TypeError, Wrong) as error:
        raise Refused(
            f"is not as a plan has it ({error})", where=where, mend="give a plan written by --json"
        ) from error
