"""What a survey's alert says of known bodies near it: ZTF's `ssdistnr`, `ssmagnr`, `ssnamenr`."""

from collections.abc import Mapping
from typing import Any

from coordinator.alerts.fields import number, text
from coordinator.alerts.mjd import utc_of_jd
from coordinator.vetting.minor_planet_radius import BASE_ARCSEC
from coordinator.vetting.neighbours import Answer, MinorPlanet

SOURCE = "the survey's own look-up of minor planets"
NO_NAME = ("", "null", "None")


def minor_planets_of(candidate: Mapping[str, Any]) -> Answer[MinorPlanet] | None:
    """Read what an alert says of known bodies at its place and time.

    Parameters
    ----------
    candidate : mapping
        The `candidate` of a packet, or a row of a table with its columns; numbers may be text.

    Returns
    -------
    Answer or None
        None: the alert has no such columns, so nobody looked. Below 0 the survey found nothing; what it found beyond
        10 arcsec is left out, for it knows to the second when it looked (at 60 it stopped looking).
    """
    apart = _number(candidate.get("ssdistnr"))
    if apart is None:
        return None
    as_of = utc_of_jd(_number(candidate.get("jd")))
    if not 0.0 <= apart < BASE_ARCSEC:
        return Answer(SOURCE, as_of=as_of)
    name, mag = text(candidate.get("ssnamenr")) or "", _number(candidate.get("ssmagnr"))
    body = MinorPlanet(
        "a body without a name" if name in NO_NAME else name,
        apart,
        mag=mag if mag is not None and mag > 0 else None,
        error_arcsec=0.0,
    )
    return Answer(SOURCE, (body,), as_of)


def _number(value: Any) -> float | None:
    """Return a finite number, also of a table's text; None: unknown."""
    if isinstance(value, str):
        try:
            return number(float(value))
        except ValueError:
            return None
    return number(value)
