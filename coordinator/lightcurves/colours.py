"""Colours g - r of what may be seen: of a kilonova by its age, of an afterglow, of everything else."""

import math
from dataclasses import dataclass

from coordinator.lightcurves.kilonova import FIRST_MEASURED_D, kilonova_abs_mag_at


@dataclass(frozen=True, slots=True)
class Colour:
    """A normal distribution of g - r; with a share where it is one of several."""

    mean_mag: float
    sigma_mag: float
    share: float = 1.0

    def log_density(self, colour_mag: float, err_mag: float) -> float:
        """Return ln p of a measured colour."""
        sigma = math.hypot(self.sigma_mag, err_mag)
        return -0.5 * ((colour_mag - self.mean_mag) / sigma) ** 2 - math.log(sigma * math.sqrt(2.0 * math.pi))


UNRELATED_COLOURS: tuple[Colour, ...] = (Colour(0.05, 0.3, 0.52), Colour(0.8, 0.25, 0.34), Colour(2.0, 0.9, 0.14))
"""Blue, red and very red: shares and widths rounded from 64 objects with g and r within six hours.

From the alerts of one night of ZTF (`ztf_alerts_20240115_history.csv`, 37 objects) and labelled ones (
`ztf_alerts_labelled_history.csv`, 27); an object counts once, with its median colour; not corrected for dust.
"""

AFTERGLOW_COLOUR = Colour(0.3, 0.2)
"""0.2 to 0.4 as a power law of the spectrum gives it, and some dust of the host."""

_AGE_UNKNOWN = Colour(0.6, 0.6)
_SIGMA, _EARLY_SIGMA = 0.3, 0.45
"""How kilonovae differ from AT2017gfo (assumed: what 0.3 dex of mass and 20 % of speed do to a model)."""


def kilonova_colour(age_d: float | None) -> Colour:
    """Return g - r of AT2017gfo at an age, as widely spread as kilonovae may differ; None: the age is not known."""
    if age_d is None or age_d <= 0.0:
        return _AGE_UNKNOWN
    mean = kilonova_abs_mag_at("g", age_d) - kilonova_abs_mag_at("r", age_d)
    return Colour(mean, _SIGMA if age_d >= FIRST_MEASURED_D else _EARLY_SIGMA)
