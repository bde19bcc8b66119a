"""How fast a kilonova fades in each band, and how fast everything else does: magnitudes per day, + is fading."""

import math
from dataclasses import dataclass

from coordinator.lightcurves.bands import CLEAR
from coordinator.lightcurves.kilonova import FIRST_MEASURED_D, KILONOVA_BANDS, kilonova_abs_mag_at
from coordinator.lightcurves.paces import PACES, Pace

MEAN_RATES = {"g": 1.27, "r": 0.83, "i": 0.56, "z": 0.42, "y": 0.23, "J": 0.00, "H": -0.04, "K": -0.22}
"""Straight-line decline of AT2017gfo from 0.4 to 3.5 d, for when the age is not known."""

_LIKE = {"V": "g", "B": "g", "R": "r", "I": "i", CLEAR: "r"}
_SIGMA = 0.35
"""How kilonovae differ where the age is not known."""

_OWN_SIGMA = {"g": 0.24, "r": 0.25, "i": 0.30, "z": 0.28, "y": 0.27, "J": 0.35, "H": 0.35, "K": 0.35}
"""How they differ besides their pace. In g to y it is by how much the model of `ejecta` misses the rates of AT2017gfo
over a day, from 0.5 d on (rms); farther in the infrared, where its lines are no black body, 0.35 is assumed."""

_LIKE_SIGMA = 0.35
"""What a band that is only like one that was measured adds."""

_EARLY_SIGMA = 0.6
"""Before the first measurement of AT2017gfo nobody knows."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A normal distribution of rates; with a share where it is one of several."""

    mean_mag_d: float
    sigma_mag_d: float
    share: float = 1.0


UNRELATED: tuple[Rate, ...] = (
    Rate(0.0, 0.05, 0.68),
    Rate(-0.15, 0.1, 0.05),
    Rate(-0.5, 0.3, 0.05),
    Rate(0.2, 0.1, 0.10),
    Rate(0.75, 0.5, 0.10),
    Rate(0.0, 3.0, 0.02),
)
"""Rates of unrelated objects: flat, rising, rising fast, fading, fading fast (rounded from 90 slopes of S190814bv).

The last is for what those slopes are too few to hold: outbursts on their first day, stars that swing within hours.
"""


BREAKS: tuple[Rate, ...] = (Rate(1.1, 0.25, 0.45), Rate(1.65, 0.3, 0.2), Rate(2.25, 0.25, 0.35))
"""The power of time with which an afterglow fades: before its jet breaks (0.8 to 1.4), from before to after, and after
it (2 to 2.5). Breaks come after a third of a day to some days, so that many a first night is before and the last after.

How many are seen when is assumed.
"""

AGES_WHEN_FIRST_SEEN_D = (0.1, 0.3, 1.0, 3.0)
_CLOSEST_D = 0.001


def afterglow_rates(days: tuple[float, float], first_seen_day: float | None) -> tuple[Rate, ...]:
    """Return the ways in which an afterglow may fade between two days, the same in every band; shares sum to 1.

    Parameters
    ----------
    days : tuple of float
        Of the two measurements, since the burst.
    first_seen_day : float or None
        None: the time of the burst is known. Else the day on which the source was first seen, on the same clock as
        `days`; then it may have been of any of `AGES_WHEN_FIRST_SEEN_D`, with equal chances.

    Notes
    -----
    A power law ``F ~ t**-a`` loses ``2.5 a log10(t2 / t1)`` magnitudes between two ages; 1.086 a / t in a day at age t.
    """
    starts = (0.0,) if first_seen_day is None else tuple(age - first_seen_day for age in AGES_WHEN_FIRST_SEEN_D)
    ways = []
    for start in starts:
        first, last = max(days[0] + start, _CLOSEST_D), days[1] + start
        per_power = 2.5 * math.log10(last / first) / (days[1] - days[0])
        ways += [Rate(p.mean_mag_d * per_power, p.sigma_mag_d * per_power, p.share / len(starts)) for p in BREAKS]
    return tuple(ways)


def kilonova_rates(band: str, between_d: tuple[float, float] | None) -> tuple[Rate, ...] | None:
    """Return how fast kilonovae of each pace fade in a band between two ages; None: not known in this band.

    Parameters
    ----------
    band : str
        Plain name of the band (`bands.band_of`).
    between_d : tuple of float, or None
        Days after the merger of the two measurements; None: the age is not known.

    Returns
    -------
    tuple of Rate
        One for each of `paces.PACES`, in the same order in every band: a kilonova keeps its pace. Shares sum to 1.

    Notes
    -----
    A kilonova of pace s changes between two ages as AT2017gfo did between ``1/s`` of both, in as many magnitudes.
    Besides they differ by `_OWN_SIGMA` at one day and older; younger ones change faster, in proportion to 1/t, and so
    differ by more.
    """
    own = _LIKE.get(band, band)
    if own not in KILONOVA_BANDS:
        return None
    more = 0.0 if own == band else _LIKE_SIGMA
    if between_d is None:
        return tuple(Rate(MEAN_RATES[own], math.hypot(_SIGMA, more), pace.share) for pace in PACES)
    first, last = between_d
    return tuple(_of_pace(own, (max(first, 0.02), last), last - first, pace, more) for pace in PACES)


def _of_pace(band: str, ages_d: tuple[float, float], apart_d: float, pace: Pace, more: float) -> Rate:
    first, last = (age / pace.slower for age in ages_d)
    mean = (kilonova_abs_mag_at(band, last) - kilonova_abs_mag_at(band, first)) / apart_d
    sigma = math.hypot(_OWN_SIGMA[band], more) * max(1.0, 2.0 / sum(ages_d))
    return Rate(mean, sigma if ages_d[0] >= FIRST_MEASURED_D else max(sigma, _EARLY_SIGMA), pace.share)


def kilonova_rate(band: str, between_d: tuple[float, float] | None) -> Rate | None:
    """Return mean and spread of `kilonova_rates`, for who needs one normal distribution of them all."""
    rates = kilonova_rates(band, between_d)
    if rates is None:
        return None
    mean = math.fsum(r.share * r.mean_mag_d for r in rates)
    square = math.fsum(r.share * (r.sigma_mag_d**2 + (r.mean_mag_d - mean) ** 2) for r in rates)
    return Rate(mean, math.sqrt(square))
