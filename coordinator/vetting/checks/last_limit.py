"""Whether its place was empty shortly before the event: what was there already is no counterpart.

A new source has such a limit as surely as the place was looked at; of unrelated ones, which began on any day, only
those that are young or brighten fast. +1 is what the reference for vetting allows it.
"""

from datetime import datetime, timedelta

from coordinator.lightcurves.bands import band_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.limits import Limit, limits_of
from coordinator.vetting.sighting import DETECTED_SNR, Sighting, detections

EMPTY = 1.0
WITHIN = timedelta(days=3)
DEEPER_MAG = 1.0
OTHER_BAND_MAG = 1.5
"""Between two bands a colour comes in as well."""


def evaluate(case: Case) -> Finding:
    """Look for a limit in the three days before the event that is well below the first detection."""
    t0 = case.t0
    if t0 is None:
        return unknown("the event's time is not known")
    seen = [s for s in detections(case.candidate.sightings) if s.time is not None and s.mag_ab is not None]
    if not seen:
        return unknown("no detection says when and how bright")
    first = seen[0]
    if any(s.time is not None and s.time < t0 and s.significance >= DETECTED_SNR for s in seen):
        return unknown("it was seen before the event", "its own detections")
    recent = [one for one in limits_of(case) if t0 - WITHIN <= one.time <= t0]
    if not recent:
        return unknown(f"nobody looked in the {WITHIN.days} days before the event")
    deep = [one for one in recent if _margin(first, one) >= 0.0]
    if not deep:
        best = max(recent, key=lambda one: one.mag_ab)
        said = f"limits before the event reach {best.mag_ab:.1f} mag, too shallow for what was {first.mag_ab:.1f} mag"
        return Finding(0.0, None, f"{len(recent)} limits", best.source, said)
    last = deep[-1]
    said = (
        f"not there {_days(last.time, t0):.2f} d before the event to {last.mag_ab:.1f} mag in {last.band or 'a band'}"
    )
    return Finding(EMPTY, True, f"{last.mag_ab:.1f} mag at {last.time:%Y-%m-%dT%H:%M:%S}", last.source, said)


def _margin(first: Sighting, limit: Limit) -> float:
    """Magnitudes that a limit is deeper than it must be."""
    same = first.filter is not None and band_of(first.filter) == limit.band
    return limit.mag_ab - (first.mag_ab or 0.0) - (DEEPER_MAG if same else OTHER_BAND_MAG)


def _days(before: datetime, t0: datetime) -> float:
    return (t0 - before).total_seconds() / 86400


CHECK = Check("last non-detection", evaluate)
