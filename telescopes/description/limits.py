"""Whether a telescope may point there then: the same rules for the planner and for the site itself.

Altitudes are geometric and of the field's centre, declination limits are ICRS, hour angles apparent. The
Moon counts only while it is up, and more the fuller it is where the site says so. The Sun's distance counts while it is
up, too: where it must be down, that costs nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from telescopes.description.ephemeris import Almanac, Array, Axes, directions, unix_s
from telescopes.description.states import Reason
from telescopes.description.telescope import Limits, Telescope

Mask = NDArray[np.bool_]
Dot = Callable[[Array], Array]

MARGIN_DEG = 0.02
"""What a plan keeps from every limit: more than the ephemeris is wrong by."""

SUN_IS_UP_DEG = -1.0
"""Refraction and its own radius lift the Sun's edge by 0.83 degrees at the horizon."""

MOON_IS_UP_DEG = -0.5
MOON_WANDERS_DEG = 2.0
"""More than the Moon's parallax (57 arcminutes) and its way between two knots of the almanac (33 arcminutes)."""

POLE_DEG = 90.0
HALF_A_DAY_H = 12.0
HOUR_S = 3600.0
MOST_PRODUCTS = 100_000


def allowed(
    telescope: Telescope,
    filter_name: str,
    almanac: Almanac,
    fields: Array,
    times_s: Array,
    margin_deg: float = MARGIN_DEG,
) -> Mask:
    """Say for every field and instant whether the telescope may point there then.

    Parameters
    ----------
    fields : float64 array, shape (n, 3)
        ICRS unit vectors.
    times_s : float64 array, shape (t,)
        Seconds since 1970, inside the almanac's stretch.
    margin_deg : float
        Kept from every limit.

    Returns
    -------
    bool array, shape (n, t)
    """
    seen = almanac.apparent(fields)
    good = _all_good(telescope, filter_name, almanac, fields, times_s, margin_deg, lambda v: _products(seen, v))
    return np.broadcast_to(good, (len(fields), len(times_s)))


def allowed_pairs(
    telescope: Telescope,
    filter_name: str,
    almanac: Almanac,
    fields: Array,
    times_s: Array,
    margin_deg: float = MARGIN_DEG,
) -> Mask:
    """Say for each field at its own instant whether the telescope may point there; shapes (n, 3), (n,) -> (n,)."""
    seen = almanac.apparent(fields)

    def dot(v: Array) -> Array:
        return np.asarray(np.einsum("ij,ij->i", seen, v))

    good = _all_good(telescope, filter_name, almanac, fields, times_s, margin_deg, dot, pairs=True)
    return np.broadcast_to(good, (len(fields),))


def violation(
    telescope: Telescope,
    filter_name: str,
    ra_deg: float,
    dec_deg: float,
    when: datetime,
    margin_deg: float = 0.0,
) -> Reason | None:
    """Name the first limit that forbids the telescope to point there then; None: it may.

    A declination or an hour angle that the mount cannot reach counts as BELOW_HORIZON.
    """
    found = first_violation(telescope, filter_name, ra_deg, dec_deg, (when,), margin_deg)
    return None if found is None else found[0]


def first_violation(
    telescope: Telescope,
    filter_name: str,
    ra_deg: float,
    dec_deg: float,
    whens: Sequence[datetime],
    margin_deg: float = 0.0,
) -> tuple[Reason, datetime] | None:
    """Name the first limit that is broken at some instants, and when; None: none is.

    Parameters
    ----------
    whens : sequence of datetime
        Aware, in order.
    margin_deg : float
        Kept from every limit.
    """
    for hour, some in groupby(whens, lambda when: int(unix_s(when) // HOUR_S)):
        asked = list(some)
        almanac, field = _almanac_of_hour(hour), directions([ra_deg], [dec_deg])
        now, dot = np.array([unix_s(when) for when in asked]), partial(_products, almanac.apparent(field))
        rules = _rules(telescope, filter_name, almanac, field, now, margin_deg, dot, pairs=False)
        found = _earliest(rules, now.size)
        if found is not None:
            return found[1], asked[found[0]]
    return None


def _earliest(rules: Iterator[tuple[Reason, Mask]], count: int) -> tuple[int, Reason] | None:
    """Return which of the instants is the first at which a rule about one field does not hold, and of what."""
    found: tuple[int, Reason] | None = None
    for reason, good in rules:
        if np.all(good):
            continue
        first = int(np.argmin(np.broadcast_to(good, (1, count))[0]))
        if found is None or first < found[0]:
            found = first, reason
        if first == 0:
            break
    return found


@lru_cache(maxsize=64)
def _almanac_of_hour(hour: int) -> Almanac:
    """Prepare an hour since 1970; interpolated in it, the Moon is off by 3 arcseconds at most, all else by less."""
    return Almanac.over(hour * HOUR_S, (hour + 1) * HOUR_S)


def max_sun_altitude_deg(limits: Limits, filter_name: str) -> float:
    """How high the Sun may stand for this filter."""
    return limits.max_sun_altitude_by_filter.get(filter_name, limits.max_sun_altitude_deg)


def min_moon_separation_deg(limits: Limits, almanac: Almanac, times_s: Array) -> Array:
    """How far from the Moon a field must be at instants, shape (n,); 0: the site does not mind."""
    least = np.full(np.shape(times_s), limits.min_moon_separation_deg)
    if not limits.min_moon_separation_by_phase:
        return least
    lit, degrees = np.array(limits.min_moon_separation_by_phase).T
    return np.asarray(np.maximum(least, np.interp(almanac.moon_illuminated(times_s), lit, degrees)))


def minds_the_moon(limits: Limits) -> bool:
    """Say whether the site keeps any distance from the Moon."""
    return limits.min_moon_separation_deg > 0.0 or bool(limits.min_moon_separation_by_phase)


def heedless_of_the_moon(limits: Limits) -> Limits:
    """Take the Moon out of the limits: to find out whether it is what forbids."""
    return replace(limits, min_moon_separation_deg=0.0, min_moon_separation_by_phase=())


def _all_good(
    telescope: Telescope,
    filter_name: str,
    almanac: Almanac,
    fields: Array,
    times_s: Array,
    margin_deg: float,
    dot: Dot,
    pairs: bool = False,
) -> Mask:
    good: Mask = np.ones((), bool)
    for _, rule in _rules(telescope, filter_name, almanac, fields, times_s, margin_deg, dot, pairs):
        good = good & rule
    return good


def _rules(
    telescope: Telescope,
    filter_name: str,
    almanac: Almanac,
    fields: Array,
    times_s: Array,
    margin_deg: float,
    dot: Dot,
    pairs: bool,
) -> Iterator[tuple[Reason, Mask]]:
    """Yield each limit's verdict, in shapes that broadcast against each other."""
    limits, axes = telescope.limits, almanac.axes(telescope.site, times_s)
    sun = almanac.sun_at(times_s)
    height = np.einsum("ij,ij->i", axes.up, sun)
    low_enough = height <= _sin(max_sun_altitude_deg(limits, filter_name) - margin_deg)
    yield Reason.DAYLIGHT, low_enough
    could_be_hit = low_enough & (height >= _sin(SUN_IS_UP_DEG - margin_deg))
    if np.any(could_be_hit):
        yield Reason.DAYLIGHT, ~could_be_hit | _away_from_sun(limits, sun, dot, margin_deg)
    up = dot(axes.up)
    yield Reason.BELOW_HORIZON, up >= _sin(limits.min_altitude_deg + margin_deg)
    if limits.horizon:
        yield Reason.BELOW_HORIZON, _above_mask(limits, axes, up, dot, margin_deg)
    if limits.declination_deg is not None:
        dec = fields[:, 2] if pairs else fields[:, 2:]
        yield Reason.BELOW_HORIZON, _inside_declinations(limits.declination_deg, dec, margin_deg)
    if limits.hour_angle_h is not None:
        hours = _hour_angle_h(almanac, axes, fields, pairs)
        yield Reason.BELOW_HORIZON, _inside_hour_angles(limits.hour_angle_h, hours, margin_deg)
    if minds_the_moon(limits) and not _moon_stays_far(limits, almanac, fields, times_s, margin_deg):
        yield Reason.MOON, _away_from_moon(telescope, almanac, axes, times_s, dot, margin_deg)


def _above_mask(limits: Limits, axes: Axes, up: Array, dot: Dot, margin_deg: float) -> Mask:
    """Compare with the horizon's altitude in the direction's azimuth, interpolated round the circle."""
    azimuth = np.degrees(np.arctan2(dot(axes.east), dot(axes.north))) % 360.0
    mask = np.array(sorted(limits.horizon))
    lowest = np.interp(azimuth, mask[:, 0], mask[:, 1], period=360.0)
    return np.asarray(up >= _sin(lowest + margin_deg))


def _inside_declinations(limits_deg: tuple[float, float], dec_sine: Array, margin_deg: float) -> Mask:
    """Compare with both ends; nothing is kept from a pole, which no mount goes beyond."""
    low, high = limits_deg
    lowest = low if low <= -POLE_DEG else low + margin_deg
    highest = high if high >= POLE_DEG else high - margin_deg
    return np.asarray((dec_sine >= _sin(lowest)) & (dec_sine <= _sin(highest)))


def _moon_stays_far(limits: Limits, almanac: Almanac, fields: Array, times_s: Array, margin_deg: float) -> bool:
    """Say whether the Moon's whole path is so far from all fields that no instant need be looked at."""
    if not len(fields) or not np.size(times_s):
        return True
    first, last = np.searchsorted(almanac.knot_s, (np.min(times_s), np.max(times_s)))
    moon = almanac.moon_km[max(0, first - 1) : last + 1]
    middle = fields.sum(axis=0)
    length = float(np.linalg.norm(middle))
    if length == 0.0:
        return False
    middle = middle / length
    widest_deg, nearest_deg = (
        float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
        for cosine in ((fields @ middle).min(), (moon @ middle / np.sqrt((moon * moon).sum(axis=1))).max())
    )
    by_phase = (degrees for _, degrees in limits.min_moon_separation_by_phase)
    least_deg = max((limits.min_moon_separation_deg, *by_phase))
    return nearest_deg - widest_deg > least_deg + margin_deg + MOON_WANDERS_DEG


def _away_from_moon(
    telescope: Telescope, almanac: Almanac, axes: Axes, times_s: Array, dot: Dot, margin_deg: float
) -> Mask:
    """Compare with the Moon's distance; a margin that lets a field come nearer lets the Moon set sooner, too."""
    moon = almanac.moon_from(telescope.site, times_s)
    least_deg = min_moon_separation_deg(telescope.limits, almanac, times_s)
    kept_deg = np.clip(least_deg + margin_deg, 0.0, 180.0)  # the cosine of less than nothing falls again
    is_down = np.einsum("ij,ij->i", axes.up, moon) < _sin(MOON_IS_UP_DEG - margin_deg)
    no_matter = is_down | (least_deg <= 0.0) | (kept_deg <= 0.0)
    return np.asarray(no_matter | (dot(moon) <= np.cos(np.radians(kept_deg))))


def _away_from_sun(limits: Limits, sun: Array, dot: Dot, margin_deg: float) -> Mask:
    """Compare with the Sun's distance."""
    kept_deg = np.clip(limits.min_sun_separation_deg + margin_deg, 0.0, 180.0)
    if limits.min_sun_separation_deg <= 0.0 or kept_deg <= 0.0:
        return np.ones((), bool)
    return np.asarray(dot(sun) <= np.cos(np.radians(kept_deg)))


def _hour_angle_h(almanac: Almanac, axes: Axes, fields: Array, pairs: bool) -> Array:
    """Apparent hour angle, -12 to 12, of every field at every instant, or of each at its own."""
    of_date = almanac.apparent(fields) @ almanac.to_cirs.T
    ra = np.arctan2(of_date[:, 1], of_date[:, 0])
    angle = np.degrees(axes.theta_rad - (ra if pairs else ra[:, None]))
    return np.asarray(_round_the_clock(angle / 15.0))


def _inside_hour_angles(limits_h: tuple[float, float], hours: Array, margin_deg: float) -> Mask:
    """Compare with the middle of the limits: so a margin that widens them beyond 12 hours goes on round the pole."""
    low, high = limits_h
    half = (high - low) / 2.0
    if half >= HALF_A_DAY_H:
        return np.ones((), bool)
    return np.asarray(np.abs(_round_the_clock(hours - (low + high) / 2.0)) <= half - margin_deg / 15.0)


def _round_the_clock(hours: Array) -> Array:
    return (hours + HALF_A_DAY_H) % (2.0 * HALF_A_DAY_H) - HALF_A_DAY_H


def _products(fields: Array, others: Array) -> Array:
    """Every field with every other vector; in lots so small that no threads are started, which wait in a busy loop."""
    lot = max(1, MOST_PRODUCTS // max(1, len(others)))
    out = np.empty((len(fields), len(others)))
    for first in range(0, len(fields), lot):
        np.matmul(fields[first : first + lot], others.T, out=out[first : first + lot])
    return out


def _sin(degrees: Array | float) -> Array:
    """Sine of a height that a margin may have carried beyond the zenith or the nadir."""
    return np.asarray(np.sin(np.radians(np.clip(degrees, -90.0, 90.0))))
