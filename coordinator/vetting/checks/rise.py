"""Whether it brightens again from one night to another, as a young supernova does and no kilonova.

A source that cools from a shock fades for some days as a kilonova does, and then rises: first night against last shows
nothing of it.
"""

import math
from collections.abc import Sequence

from coordinator.lightcurves.declines import UNRELATED
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.slopes import CALIBRATION_MAG, WINDOW_D, Mean, nightly_means, points_of

FALLING_BANDS = ("g", "r", "i")
"""In these a kilonova only fades from its second day on."""

RISEN_FROM_D = 1.0
LEAST_MAG, LEAST_SIGMA = 0.3, 4.0
RARE = 0.002
"""Chance that a counterpart seems to rise: a wrong zero point, or a neighbour's light (assumed)."""

RISES = math.log(RARE / math.fsum(rate.share for rate in UNRELATED if rate.mean_mag_d < 0.0))


def evaluate(case: Case) -> Finding:
    """Take the most certain rise between two nights within the first days, in a band where kilonovae fall."""
    start = case.t0 or case.candidate.first_seen
    if case.candidate.motion is not None or start is None or len(case.candidate.sightings) < 2:
        return unknown("not seen in two nights after the first")
    nights = {band: _late(points) for band, points in points_of(case.candidate.sightings, start).items()}
    nights = {band: means for band, means in nights.items() if band in FALLING_BANDS and len(means) > 1}
    if not nights:
        return unknown("not seen in two nights after the first")
    sigma, mag, band = max((*_largest(means), band) for band, means in nights.items())
    given = f"{', '.join(f'{len(means)} nights in {band}' for band, means in sorted(nights.items()))}"
    if mag < LEAST_MAG or sigma < LEAST_SIGMA:
        return Finding(0.0, True, given, "its own detections", "it does not brighten again")
    said = f"it brightens by {mag:.2f} mag in {band} ({sigma:.0f} sigma) after its first day"
    return Finding(RISES, False, given, "its own detections", said)


def _late(points: Sequence[Mean]) -> list[Mean]:
    """Return the means of nights from the second day to the end of the first days; too few: empty."""
    ordered = sorted(points, key=lambda p: (p.day, p.mag))
    last = ordered[0].day + WINDOW_D
    return nightly_means([p for p in ordered if RISEN_FROM_D <= p.day <= last])


def _largest(nights: Sequence[Mean]) -> tuple[float, float]:
    """Return the most certain rise: by how many sigma, and by how much."""
    rises = [
        (a.mag - b.mag, math.sqrt(a.err**2 + b.err**2 + CALIBRATION_MAG**2))
        for i, a in enumerate(nights)
        for b in nights[i + 1 :]
    ]
    return max((rise / err, rise) for rise, err in rises)


CHECK = Check("rise", evaluate, group="photometry")
