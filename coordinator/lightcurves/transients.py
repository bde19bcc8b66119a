"""Light curves of everything that is no counterpart: supernovae, cataclysmic and other variable stars, flares.

Rates after vetting-science section 5; each law gives magnitudes against days, smaller is brighter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class SupernovaLaw:
    """Rise, peak and fall of one class; the later fall begins `bend_d` after the peak."""

    name: str
    rise_d: float
    peak_abs_mag: float
    scatter_mag: float
    fall_mag_d: float
    bend_d: float
    late_fall_mag_d: float


SUPERNOVAE: dict[str, SupernovaLaw] = {
    "SN Ia": SupernovaLaw("SN Ia", 18.0, -19.3, 0.3, 0.07, 30.0, 0.025),
    "SN II": SupernovaLaw("SN II", 8.0, -17.0, 0.9, 0.012, 90.0, 0.05),
    "SN Ibc": SupernovaLaw("SN Ibc", 15.0, -17.6, 0.6, 0.06, 25.0, 0.02),
}


def supernova_abs_mag(law: SupernovaLaw, days: ArrayLike) -> NDArray[np.float64]:
    """Absolute magnitude at days after the explosion: flux grows as t^2 until the peak, then falls; inf before."""
    t = np.asarray(days, np.float64)
    after = t - law.rise_d
    rise = -5.0 * np.log10(np.clip(t / law.rise_d, 1e-3, 1.0))
    fall = law.fall_mag_d * np.clip(after, 0.0, law.bend_d) + law.late_fall_mag_d * np.maximum(after - law.bend_d, 0.0)
    return np.where(t > 0.0, law.peak_abs_mag + rise + fall, np.inf)


def cataclysmic_mag(days: ArrayLike, peak_mag: float, amplitude_mag: float, fall_mag_d: float) -> NDArray[np.float64]:
    """Magnitude of an outburst that rises within a day and falls slowly back to quiescence."""
    t = np.asarray(days, np.float64)
    rising = amplitude_mag * np.clip(1.0 - t, 0.0, 1.0)
    falling = np.minimum(fall_mag_d * np.maximum(t - 1.0, 0.0), amplitude_mag)
    return peak_mag + np.where(t < 1.0, rising, falling)


def variable_star_mag(
    hours: ArrayLike, mean_mag: float, amplitude_mag: float, period_h: float, phase: float
) -> NDArray[np.float64]:
    """Magnitude of a star that swings evenly; `phase` from 0 to 1."""
    t = np.asarray(hours, np.float64)
    return mean_mag + amplitude_mag * np.sin(2 * np.pi * (t / period_h + phase))


def flare_mag(hours: ArrayLike, peak_mag: float, decay_h: float) -> NDArray[np.float64]:
    """Magnitude of an M dwarf's flare that fades exponentially from its peak at 0; inf before."""
    t = np.asarray(hours, np.float64)
    return np.where(t >= 0.0, peak_mag + 1.0857 * np.maximum(t, 0.0) / decay_h, np.inf)
