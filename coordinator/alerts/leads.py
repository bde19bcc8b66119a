"""Leads: what people report in words (circulars, reports to a name server); never facts, never a command."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReportedPosition:
    """A place that somebody reports, ICRS degrees; None: not stated. `name`: of what, where a table says."""

    ra_deg: float
    dec_deg: float
    error_deg: float | None = None
    containment: float | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ReportedMagnitude:
    """A brightness that somebody reports; with `upper_limit` nothing brighter was seen.

    The photometric system is the reporter's own: it is named only where the text does.
    """

    mag: float
    error_mag: float | None = None
    band: str | None = None
    upper_limit: bool = False
    system: str | None = None


@dataclass(frozen=True, slots=True)
class Leads:
    """What one report says, as far as it can be read; None: it does not say.

    `event_key` is spelt as the alerts spell it, and None where the report names an event by a name alone.
    `retraction` says that the report speaks of one: a person has to look. `notice_id` is equal for the same report over
    every transport and differs for its versions; `reason` says why it is no alert; `test` that it marks itself as one.
    """

    source: str
    format: str
    stream: str
    notice_id: str
    reason: str
    title: str | None
    name: str | None
    event_key: str | None
    raw_sha256: str
    t_issued: datetime | None = None
    version: int | None = None
    native_ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    retraction: bool = False
    positions: tuple[ReportedPosition, ...] = ()
    magnitudes: tuple[ReportedMagnitude, ...] = ()
    redshift: float | None = None
    test: bool = False
    file: str | None = None


MOST_PLACES = 2
MOST_MAGNITUDES = 3


def in_words(leads: Leads) -> str:
    """Say in a sentence who reports what where; what the report does not say is left out."""
    who = " ".join([leads.stream, *(one.partition(":")[2] for one in leads.native_ids[:1])])
    verb = "reports a retraction" if leads.retraction else "reports"
    said = [f"{who} {verb}", f"“{leads.title}”" if leads.title else ""]
    places, more = leads.positions[:MOST_PLACES], len(leads.positions) - MOST_PLACES
    if places:
        said.append("at " + ", ".join(map(_place, places)) + (f" and {more} more places" if more > 0 else ""))
    if leads.magnitudes:
        said.append("(" + ", ".join(map(_magnitude, leads.magnitudes[:MOST_MAGNITUDES])) + ")")
    return " ".join([*filter(None, said), *(["[a test]"] if leads.test else [])])


def _place(one: ReportedPosition) -> str:
    error = "" if one.error_deg is None else f" ± {one.error_deg:.2g}°"
    return f"{one.ra_deg:.4f} {one.dec_deg:+.4f}{error}"


def _magnitude(one: ReportedMagnitude) -> str:
    sign = ">" if one.upper_limit else "="
    return f"{one.band or 'mag'} {sign} {one.mag:.2f}"
