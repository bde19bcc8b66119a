"""How deep an exposure really goes: airmass, Moon and seeing, and what is seen of a source then.

    m5 = m_ref + 1.25 log10(t / t_ref) - k (X - 1) - dmu / 2 - 2.5 log10(FWHM / FWHM_ref)

with the site file's row (zenith, dark, usual seeing), ``FWHM ~ X^0.6``, k by band and the Moon's dmu by Krisciunas and
Schaefer (`lightcurves.moonlight`). Longer than half an hour gains nothing: the flat field's errors stay. That is what
happens; what a plan claims is `lightcurves.depth`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.moonlight import NIGHT_SKY, Moon, depth_lost_mag, sky_brighter_by
from telescopes.description.telescope import Instrument

Array = NDArray[np.float64]

LONGEST_S = 1800.0
SEEING_POWER = 0.6
SEEING_SCATTER = 0.25
"""Of its logarithm from night to night; assumed, about what seeing monitors find."""

EDGE_MAG = 0.1
ERROR_AT_LIMIT_MAG = 0.2
_LEAST_ERROR_MAG = 0.01


@dataclass(frozen=True, slots=True)
class Conditions:
    """A sky: the Moon (None: down), how far off it is, and seeing at the zenith over what is usual there."""

    moon: Moon | None = None
    moon_separation_deg: float = 90.0
    seeing: float = 1.0


DARK = Conditions()


def drawn_seeing(rng: np.random.Generator) -> float:
    """Draw a night's seeing at the zenith over what is usual, log-normal."""
    return float(np.exp(rng.normal(0.0, SEEING_SCATTER)))


def true_limit_mag(
    instrument: Instrument, filter_name: str, open_s: float, airmass: float, sky: Conditions = DARK
) -> float | None:
    """5-sigma AB limit of exposures of this total length; None where the site's table does not say."""
    rows = instrument.depth_rows(filter_name)
    if not rows:
        return None
    anchor = min(row.limit_mag_ab - 1.25 * np.log10(row.exposure_s) for row in rows)
    deep = anchor + 1.25 * np.log10(min(open_s, LONGEST_S))
    band = band_of(filter_name)
    extinction = NIGHT_SKY[band].extinction_mag if band in NIGHT_SKY else NIGHT_SKY["clear"].extinction_mag
    blurred = 2.5 * np.log10(sky.seeing * airmass**SEEING_POWER)
    return float(deep - extinction * (airmass - 1.0) - _moonlight_mag(band, airmass, sky) - blurred)


def chance_seen(mag: ArrayLike, limit_mag: float) -> Array:
    """Chance that a source is detected: a half at the limit, ``1 / (1 + exp((m - m5) / 0.1))``."""
    over = (np.asarray(mag, np.float64) - limit_mag) / EDGE_MAG
    return np.asarray(1.0 / (1.0 + np.exp(np.clip(over, -700.0, 700.0))))


def mag_error(mag: ArrayLike, limit_mag: float) -> Array:
    """1-sigma error of a magnitude, ``0.2 10^(0.4 (m - m5))``, never below 0.01."""
    shallower = np.asarray(mag, np.float64) - limit_mag
    return np.maximum(ERROR_AT_LIMIT_MAG * 10.0 ** (0.4 * shallower), _LEAST_ERROR_MAG)


def _moonlight_mag(band: str, airmass: float, sky: Conditions) -> float:
    if sky.moon is None:
        return 0.0
    zenith = float(np.degrees(np.arccos(1.0 / airmass)))
    return float(depth_lost_mag(sky_brighter_by(band, sky.moon, sky.moon_separation_deg, zenith)))
