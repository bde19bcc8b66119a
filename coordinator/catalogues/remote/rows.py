"""Cells of tables from elsewhere: what is empty, absurd or a filler is unknown."""

import math
from datetime import UTC, datetime, timedelta

from coordinator.catalogues.remote.nonsense import nonsense, printable
from coordinator.services.enrichment import Question
from telescopes.description.durations import separation_deg

MOST_KEPT = 20
LONGEST_NAME = 64
MJD_0 = datetime(1858, 11, 17, tzinfo=UTC)
MJDS = (15_000.0, 100_000.0)


def number(text: str | None, least: float, most: float) -> float | None:
    """Return a number inside its bounds; what is empty, not finite or absurd is unknown."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and least <= value <= most else None


def redshift(text: str | None) -> float | None:
    """Return a redshift; fillers such as -99 are unknown."""
    return number(text, -0.02, 20.0)


def mag(text: str | None) -> float | None:
    """Return a magnitude; fillers such as 99 are unknown."""
    return number(text, -5.0, 40.0)


def name(text: str) -> str:
    """Return a name that can be shown: printable and not long."""
    return printable(text, LONGEST_NAME) or "without a name"


def kind(text: str | None) -> str:
    """Return a class or type that can be shown; empty: none is given."""
    return printable(text or "", LONGEST_NAME)


def when(text: str | None) -> datetime | None:
    """Return a date of UTC, also one in days (MJD); what is none is unknown."""
    days = number(text, *MJDS)
    if days is not None:
        return MJD_0 + timedelta(days=days)
    try:
        found = datetime.fromisoformat((text or "").strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def separation_arcsec(asked: Question, ra_deg: float | None, dec_deg: float | None) -> float:
    """Measure how far off a row lies; a row that lies nowhere is nonsense."""
    if ra_deg is None or dec_deg is None:
        raise nonsense("a row without a place")
    return separation_deg(asked.ra_deg, asked.dec_deg, ra_deg, dec_deg) * 3600.0
