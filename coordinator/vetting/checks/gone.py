"""Whether its place was looked at again, deep enough, and it was gone: asteroids, flares and artefacts are."""

from datetime import timedelta

from coordinator.lightcurves.bands import band_of
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.limits import saw
from coordinator.vetting.looks import Look
from coordinator.vetting.sighting import detections

GONE = -2.0
MOST = -5.0
LATER = timedelta(minutes=15)
FADES_NOT = timedelta(hours=12)
"""Until then even a kilonova is not much fainter."""

MARGIN_MAG = 0.5
OTHER_BAND_MARGIN_MAG = 1.0


def evaluate(case: Case) -> Finding:
    """Count the later looks that should have seen it against those that did."""
    candidate = case.candidate
    if candidate.motion is not None:
        return unknown("it moves", "its own detections")
    fair = [look for look in case.looks if _should_see(candidate, look)]
    if not fair:
        return unknown("nobody looked there again, deep enough")
    missed = [look for look in fair if not saw(candidate, look)]
    given = f"{len(fair)} later looks"
    if not missed:
        return Finding(0.0, True, given, "observed pointings", f"seen in each of {given}")
    log_bayes = max(GONE * len(missed) / (1 + len(fair) - len(missed)), MOST)
    by = ", ".join(sorted({look.telescope for look in missed}))
    return Finding(log_bayes, False, given, "observed pointings", f"not seen in {len(missed)} of {given} (by {by})")


def _should_see(candidate: Candidate, look: Look) -> bool:
    """Say whether a look came after the first sighting, soon enough, and reached well below the last brightness."""
    seen = [s for s in detections(candidate.sightings) if s.time is not None and s.mag_ab is not None]
    before = [s for s in seen if s.time is not None and s.time < look.start]
    if not before:
        return False
    first, last = before[0], before[-1]
    if first.time is None or last.time is None or last.mag_ab is None:
        return False
    same = last.filter is not None and band_of(last.filter) == band_of(look.filter)
    margin = MARGIN_MAG if same else OTHER_BAND_MARGIN_MAG
    soon = first.time + LATER <= look.start and look.end <= last.time + FADES_NOT
    return soon and look.limit_mag_ab >= last.mag_ab + margin


CHECK = Check("seen again", evaluate, group="reality")
