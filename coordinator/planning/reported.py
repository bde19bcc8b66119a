"""What somebody says of a pointing, read value by value; what cannot be believed is refused with a word of why."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, TypeVar

from telescopes.description.ephemeris import FIRST_YEAR, LAST_YEAR

T = TypeVar("T")

FAINTEST_MAG = 35.0
"""No telescope sees fainter, and none reports a limit brighter than magnitude 0: such a depth is a wrong number."""

_TOLD = 40


class Wrong(ValueError):
    """A pointing that cannot be understood."""


def place_of(ra: object, dec: object) -> tuple[float, float]:
    """Read a position, degrees; the right ascension comes back within 0 and 360.

    Raises
    ------
    Wrong
        It is not two numbers, or is not on the sky.
    """
    otherwise = f"has no position: {_told(ra)}, {_told(dec)} are not two numbers, degrees"
    ra_deg, dec_deg = (_as(float, said, otherwise) for said in (ra, dec))
    if not (-360.0 <= ra_deg <= 360.0 and -90.0 <= dec_deg <= 90.0):
        raise Wrong(f"{ra_deg:g}, {dec_deg:g} is no place on the sky")
    return ra_deg % 360.0, dec_deg


def number_of(row: Mapping[str, Any], key: str) -> float | None:
    """Read a number; None: it is not there.

    Raises
    ------
    Wrong
        It is something else, or not finite.
    """
    said = row.get(key)
    if said is None or said == "":
        return None
    number = _as(float, said, f"{key} {_told(said)} is not a number")
    if not isfinite(number):
        raise Wrong(f"{key} {_told(said)} is not a number")
    return number


def depth_of(row: Mapping[str, Any], key: str) -> float | None:
    """Read a limiting magnitude; None: it is not known.

    Raises
    ------
    Wrong
        It is not a number, or none that a telescope can reach.
    """
    depth = number_of(row, key)
    if depth is not None and not 0.0 <= depth <= FAINTEST_MAG:
        raise Wrong(f"{key} {_told(row[key])} is not within 0 and {FAINTEST_MAG:g} mag")
    return depth


def time_of(row: Mapping[str, Any], key: str) -> datetime:
    """Read an instant; without a zone it is UTC.

    Raises
    ------
    Wrong
        It is not ISO 8601, or not in the years that are planned for.
    """
    otherwise = f"{key} {_told(row.get(key))} is not an ISO time"
    when = _as(datetime.fromisoformat, row.get(key), otherwise)
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise Wrong(f"{key} {_told(row[key])} is not within {FIRST_YEAR} and {LAST_YEAR}")
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _as(read: Callable[[Any], T], said: object, otherwise: str) -> T:
    if isinstance(said, bool):
        raise Wrong(otherwise)
    try:
        return read(said)
    except (TypeError, ValueError, OverflowError) as error:
        raise Wrong(otherwise) from error


def _told(said: object) -> str:
    text = repr(said)
    return text if len(text) <= _TOLD else f"{text[:_TOLD]}…"
