"""Whether what lies in the middle of a galaxy looks like a star torn apart there."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from coordinator.lightcurves.colours import UNRELATED_COLOURS
from coordinator.lightcurves.tidal import STEEPEST_FALL_MAG_D, STEEPEST_RISE_MAG_D
from coordinator.vetting.case import Case
from coordinator.vetting.checks.colour import excess_mag, measured_colour, nights_of
from coordinator.vetting.kinds import Unrelated
from coordinator.vetting.slopes import points_of, slopes_in

HOT = UNRELATED_COLOURS[-1]
SIGMA = 2.0
STEADY_D = 2.0

STAYS_HOT: Mapping[Unrelated, float] = {
    "supernova": 0.3,
    "agn": 0.6,
    "variable": 0.3,
    "asteroid": 0.1,
    "artefact": 0.3,
    "other": 0.8,
}
"""Of what is hot one night and slow, the share that is as hot some nights later (assumed): supernovae cool by 0.02 to
0.05 mag/d in g - r, nuclei keep their colour or not, tidal disruptions, most of the other that are hot, for months."""


@dataclass(frozen=True, slots=True)
class Tidal:
    """It looks like one: in words; `steady`: it was as blue for some days."""

    said: str
    steady: bool


def like_a_tidal_disruption(case: Case) -> Tidal | None:
    """Say whether it is as blue, as steady in colour and as slow; None: it is not, or nobody measured.

    Its place is the asker's to judge. Measured in g and r within a night, in every night of the first six days as
    blue, to two sigma, as `HOT`; and in each band neither rising faster than 0.2 nor fading faster than 0.04 mag/d.
    """
    start = case.t0 or case.candidate.first_seen
    if start is None or case.candidate.motion is not None:
        return None
    by_band = {band: points for band, points in points_of(case.candidate.sightings, start).items() if band in "gr"}
    slopes = slopes_in(by_band, known_t0=case.t0 is not None)
    if len(by_band) < 2 or not slopes:
        return None
    slow = all(s.mag_d + SIGMA * s.err_mag_d >= -STEEPEST_RISE_MAG_D for s in slopes) and all(
        s.mag_d - SIGMA * s.err_mag_d <= STEEPEST_FALL_MAG_D for s in slopes
    )
    excess = excess_mag("g", "r", case.near.reddening_mag)
    nights = nights_of(by_band["g"], by_band["r"])
    colours = [measured_colour(g, r, excess) for g, r in nights]
    hot = [abs(c - HOT.mean_mag) <= SIGMA * math.hypot(HOT.sigma_mag, err) for c, err in colours]
    if not slow or not hot or not all(hot):
        return None
    mean = math.fsum(c for c, _ in colours) / len(colours)
    steady = nights[-1][0].day - nights[0][0].day >= STEADY_D
    return Tidal(f"as blue (g - r {mean:+.2f}) and as slow as a star torn apart by the black hole there", steady)
