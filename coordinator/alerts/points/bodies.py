"""What a survey's alert says of known bodies near it: ZTF's `ssdistnr`, `ssmagnr`, `ssnamenr`; Rubin's `ssObjectId`."""

from collections.abc import Mapping
from typing import Any

from coordinator.alerts.detection import first_id
from coordinator.alerts.fields import number, text
from coordinator.alerts.points.point import BodyNear

BASE_ARCSEC = 10.0
"""A body farther than this is another: the survey knows to the second when it looked (at 60 it stopped looking)."""

NO_NAME = ("", "null", "None")
NAMELESS = "a body without a name"


def bodies_of(candidate: Mapping[str, Any]) -> tuple[BodyNear, ...] | None:
    """Read what an alert of ZTF says of known bodies at its place and time.

    Parameters
    ----------
    candidate : mapping
        The `candidate` of a packet, or a row of a table with its columns; numbers may be text.

    Returns
    -------
    tuple of BodyNear, or None
        None: the alert has no such columns, so nobody looked. Below 0 the survey found nothing.
    """
    apart = finite_number(candidate.get("ssdistnr"))
    if apart is None:
        return None
    if not 0.0 <= apart < BASE_ARCSEC:
        return ()
    name, mag = text(candidate.get("ssnamenr")) or "", finite_number(candidate.get("ssmagnr"))
    known_mag = mag if mag is not None and mag > 0 else None
    return (BodyNear(NAMELESS if name in NO_NAME else name, apart, known_mag),)


def body_linked(source: Mapping[str, Any]) -> tuple[BodyNear, ...] | None:
    """Return the body to which Rubin linked a source; None: to none, and whether it looked is not said."""
    name = first_id(source.get("ssObjectId"))
    return None if name is None or name == "0" else (BodyNear(f"Rubin's solar system object {name}", 0.0),)


def finite_number(value: Any) -> float | None:
    """Return a finite number, also of a table's text; None: unknown."""
    if isinstance(value, str):
        try:
            return number(float(value))
        except ValueError:
            return None
    return number(value)
