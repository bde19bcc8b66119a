"""Afterglows in a simulation: two power laws in time, for those who look into the jet.

``F ~ t^-1.1`` up to the break of the jet and ``t^-2.2`` after it, joined as ``((t/tj)^(s a) + (t/tj)^(s b))^(-1/s)``
(Beuermann et al. 1999, A&A 352, L26); slopes of vetting-science, section 5. How bright one is scatters by 1.5 mag about
`lightcurves.afterglow` (assumed; Kann et al. 2011 find 2 mag and more with the long ones). From outside the jet
nothing is seen: what shows there weeks later is no target of a search.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.lightcurves.afterglow import DECAY, afterglow_abs_mag

LATE_DECAY = 2.2
SMOOTH = 3.0
SCATTER_MAG = 1.5


@dataclass(frozen=True, slots=True)
class Jet:
    """One jet: how wide, when its light breaks, and how much fainter than usual it is."""

    half_width_deg: float
    break_d: float
    fainter_mag: float

    def is_seen_at(self, seen_deg: float) -> bool:
        """Whether it points at us, seen so many degrees from the nearer pole."""
        return seen_deg <= self.half_width_deg


def drawn_jet(rng: np.random.Generator) -> Jet:
    """Draw a jet of a half width of 5 to 20 degrees that breaks after 0.3 to 5 days (assumed, even as logarithms)."""
    width, breaks = np.exp(rng.uniform(np.log([5.0, 0.3]), np.log([20.0, 5.0])))
    return Jet(float(width), float(breaks), float(rng.normal(0.0, SCATTER_MAG)))


def jet_abs_mag(jet: Jet, band: str, days: ArrayLike) -> NDArray[np.float64]:
    """Absolute AB magnitude at days after the burst, in the source's frame; inf before."""
    t = np.asarray(days, np.float64)
    return np.asarray(afterglow_abs_mag(band, t) + bend_mag(jet, t) + jet.fainter_mag)


def bend_mag(jet: Jet, days: ArrayLike) -> NDArray[np.float64]:
    """Magnitudes by which the break of the jet makes it fainter at days after the burst."""
    late = np.maximum(np.asarray(days, np.float64), 1e-9) / jet.break_d
    return np.asarray(2.5 / SMOOTH * np.log10(1.0 + late ** (SMOOTH * (LATE_DECAY - DECAY))))
