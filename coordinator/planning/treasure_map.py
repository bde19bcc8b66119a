"""What others have looked at, as the Gravitational-Wave Treasure Map reports it (treasuremap.space, API v0 and v1).

A pointing has ``position`` ("POINT (ra dec)") or ``ra`` and ``dec``, ``instrumentid`` or ``instrument_name``,
``band``, ``depth``, ``depth_unit``, ``time`` (its middle, UTC), ``pos_angle`` and ``status``. The footprints are
those of the service's own list: polygons about 0, 0, in degrees of right ascension and declination.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coordinator.planning.outlines import polygons_of
from coordinator.planning.reported import Wrong, depth_of, number_of, place_of, time_of
from coordinator.planning.request import Look
from coordinator.sky.coverage import Frames
from coordinator.sky.field_ranges import ranges_of_many
from telescopes.description.errors import Refused
from telescopes.description.footprint import Footprint, Polygons
from telescopes.description.telescope import Telescope

COMPLETED = ("completed", 2)
AB = ("ab_mag", 1)
MOST_TOLD = 10
_POINT = re.compile(r"\s*POINT\s*\(\s*(\S+)\s+(\S+)\s*\)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Observed:
    """Looks at the sky, and what had to be left out or is not known, in sentences."""

    looks: tuple[Look, ...]
    notes: tuple[str, ...] = ()


def looks_of_others(pointings: Sequence[Any], footprints: Mapping[str, Footprint], event: str, where: str) -> Observed:
    """Read reported pointings as looks of visit 1, or of the visit that one names.

    Only completed ones count. A depth in another unit than AB magnitudes is not known.

    Parameters
    ----------
    pointings : sequence of dict
        As the service gives them.
    footprints : mapping of str to Footprint
        By the instrument's id or name, lower case.

    Raises
    ------
    Refused
        Naming every pointing that cannot be understood, and every instrument without a footprint.
    """
    looks, wrong, notes = list[Look](), list[str](), Counter[str]()
    for number, row in enumerate(pointings):
        try:
            if not isinstance(row, dict):
                raise Wrong("is no pointing")
            if row.get("status", "completed") not in COMPLETED:
                notes[f"{row['status']}: not counted as looked at"] += 1
                continue
            looks.append(_look(row, footprints, event))
        except Wrong as error:
            wrong.append(f"pointings[{number}]: {error}")
    if wrong:
        more = [f"and {len(wrong) - MOST_TOLD} more"] * (len(wrong) > MOST_TOLD)
        raise Refused(
            " | ".join([*wrong[:MOST_TOLD], *more]),
            where=where,
            mend='mend them; a footprint is given as {"pointings": […], "footprints": [{"instrumentid", "footprint"}]}',
        )
    unknown = sum(look.limit_mag_ab is None for look in looks)
    if unknown:
        notes["without a depth in AB magnitudes: under detection they do not count"] = unknown
    return Observed(tuple(looks), tuple(f"{where}: {count} pointings {said}" for said, count in notes.items()))


def footprints_of(document: Mapping[str, Any], telescopes: Iterable[Telescope], where: str) -> dict[str, Footprint]:
    """Footprints by instrument: those of the network by telescope, then those that the file itself gives."""
    known: dict[str, Footprint] = {}
    for telescope in telescopes:
        for name in (telescope.id, telescope.name):
            known[name.lower()] = telescope.instruments[0].footprint
    rings: dict[str, list[str]] = {}
    names = {str(one.get("id")): str(one.get("instrument_name")) for one in _rows(document, "instruments")}
    for row in _rows(document, "footprints"):
        instrument = str(row.get("instrumentid"))
        for name in {instrument, names.get(instrument, instrument)}:
            rings.setdefault(name.lower(), []).append(str(row.get("footprint")))
    for name, texts in rings.items():
        try:
            known[name] = Polygons(tuple(polygon for text in texts for polygon in polygons_of(text)))
        except ValueError as error:
            raise Refused(
                f"the footprint of instrument {name} {error}", where=where, mend="give POLYGON ((ra dec, …)) about 0 0"
            ) from error
    return known


def _rows(document: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    rows = document.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _look(row: dict[str, Any], footprints: Mapping[str, Footprint], event: str) -> Look:
    ra_deg, dec_deg = _place(row)
    frames = Frames.at([ra_deg], [dec_deg], number_of(row, "pos_angle") or 0.0)
    ranges = ranges_of_many(_footprint(row, footprints), frames)[0]
    depth = depth_of(row, "depth") if row.get("depth_unit", "ab_mag") in AB else None
    visit, band = str(row.get("visit") or "1"), row.get("band")
    return Look(event, visit, ranges, time_of(row, "time"), depth, None if band is None else str(band))


def _place(row: dict[str, Any]) -> tuple[float, float]:
    said = _POINT.fullmatch(str(row.get("position")))
    if said is None and ("ra" not in row or "dec" not in row):
        raise Wrong('has no position: give "POINT (ra dec)", or ra and dec, in degrees')
    return place_of(*(said.groups() if said else (row["ra"], row["dec"])))


def _footprint(row: dict[str, Any], footprints: Mapping[str, Footprint]) -> Footprint:
    names = [str(row[key]) for key in ("instrumentid", "instrument_name", "instrument") if row.get(key) is not None]
    found = next((footprints[name.lower()] for name in names if name.lower() in footprints), None)
    if found is None:
        raise Wrong(f"nobody knows the footprint of instrument {' or '.join(names) or '(none is named)'}")
    return found
