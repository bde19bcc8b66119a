"""Where nobody saw it: upper limits at a candidate's place, from forced photometry and from observed pointings."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coordinator.lightcurves.bands import band_of
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Case
from coordinator.vetting.looks import Look
from coordinator.vetting.sighting import detections

_CLOCK = timedelta(minutes=1)
"""Stated times of an exposure and of what was found in it differ by this."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Nothing as bright as this was there; `band` empty: not said."""

    time: datetime
    band: str
    mag_ab: float
    source: str


def limits_of(case: Case) -> list[Limit]:
    """Return all that did not see it, by time: stated limits, and looks in which it was not found."""
    stated = [
        Limit(s.time, "" if s.filter is None else band_of(s.filter), s.limiting_mag_ab, s.telescope or s.id)
        for s in case.candidate.limits
        if s.time is not None and s.limiting_mag_ab is not None
    ]
    looked = [
        Limit(look.start + (look.end - look.start) / 2, band_of(look.filter), look.limit_mag_ab, look.telescope)
        for look in case.looks
        if not saw(case.candidate, look)
    ]
    return sorted({*stated, *looked}, key=lambda one: (one.time, one.band, one.mag_ab, one.source))


def saw(candidate: Candidate, look: Look) -> bool:
    """Say whether a look's own telescope saw it in that look."""
    return any(
        s.telescope == look.telescope and s.time is not None and look.start - _CLOCK <= s.time <= look.end + _CLOCK
        for s in detections(candidate.sightings)
    )
