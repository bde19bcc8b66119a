"""Whether a telescope may point there then: the same rules for the planner and for the site itself.

Altitudes are geometric and of the field's centre, declination limits are ICRS, hour angles apparent. The
Moon counts only while it is up.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from telescopes.description.ephemeris import Almanac, Array, Axes, directions, unix_s
from telescopes.description.states import Reason
from telescopes.description.telescope import Limits, Telescope

Mask = NDArray[np.bool_]
Dot = Callable[[Array], Array]

MARGIN_DEG = 0.02
"""What a plan keeps from every limit: more than the ephemeris is wrong by."""

MOON_IS_UP_DEG = -0.5
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
    good = _all_good(telescope, filter_name, almanac, fields, times_s, margin_deg, lambda v: _products(fields, v))
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

    def dot(v: Array) -> Array:
        return np.asarray(np.einsum("ij,ij->i", fields, v))

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
    now = np.array([unix_s(when)])
    almanac = Almanac.over(float(now[0]), float(now[0]) + 1.0)
    field = directions([ra_deg], [dec_deg])
    rules = _rules(telescope, filter_name, almanac, field, now, margin_deg, lambda v: field @ v.T, pairs=False)
    return next((reason for reason, good in rules if not np.all(good)), None)


def max_sun_altitude_deg(limits: Limits, filter_name: str) -> float:
    """How high the Sun may stand for this filter."""
    return limits.max_sun_altitude_by_filter.get(filter_name, limits.max_sun_altitude_deg)


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
    sun = np.einsum("ij,ij->i", axes.up, almanac.sun_at(times_s))
    yield Reason.DAYLIGHT, sun <= _sin(max_sun_altitude_deg(limits, filter_name) - margin_deg)
    up = dot(axes.up)
    yield Reason.BELOW_HORIZON, up >= _sin(limits.min_altitude_deg + margin_deg)
    if limits.horizon:
        yield Reason.BELOW_HORIZON, _above_mask(limits, axes, up, dot, margin_deg)
    if limits.declination_deg is not None:
        low, high = limits.declination_deg
        dec = fields[:, 2] if pairs else fields[:, 2:]
        yield Reason.BELOW_HORIZON, (dec >= _sin(low + margin_deg)) & (dec <= _sin(high - margin_deg))
    if limits.hour_angle_h is not None:
        yield Reason.BELOW_HORIZON, _inside_hour_angles(limits.hour_angle_h, almanac, axes, fields, margin_deg, pairs)
    if limits.min_moon_separation_deg > 0.0:
        moon = almanac.moon_from(telescope.site, times_s)
        down = np.einsum("ij,ij->i", axes.up, moon) < _sin(MOON_IS_UP_DEG)
        yield Reason.MOON, down | (dot(moon) <= np.cos(np.radians(limits.min_moon_separation_deg + margin_deg)))


def _above_mask(limits: Limits, axes: Axes, up: Array, dot: Dot, margin_deg: float) -> Mask:
    """Compare with the horizon's altitude in the direction's azimuth, interpolated round the circle."""
    azimuth = np.degrees(np.arctan2(dot(axes.east), dot(axes.north))) % 360.0
    mask = np.array(sorted(limits.horizon))
    lowest = np.interp(azimuth, mask[:, 0], mask[:, 1], period=360.0)
    return np.asarray(up >= np.sin(np.radians(lowest + margin_deg)))


def _inside_hour_angles(
    limits_h: tuple[float, float], almanac: Almanac, axes: Axes, fields: Array, margin_deg: float, pairs: bool
) -> Mask:
    of_date = fields @ almanac.to_cirs.T
    ra = np.arctan2(of_date[:, 1], of_date[:, 0])
    angle = np.degrees(axes.theta_rad - (ra if pairs else ra[:, None]))
    hours = ((angle + 180.0) % 360.0 - 180.0) / 15.0
    low, high = limits_h
    margin_h = margin_deg / 15.0
    return np.asarray((hours >= low + margin_h) & (hours <= high - margin_h))


def _products(fields: Array, others: Array) -> Array:
    """Every field with every other vector; in lots so small that no threads are started, which wait in a busy loop."""
    lot = max(1, MOST_PRODUCTS // max(1, len(others)))
    out = np.empty((len(fields), len(others)))
    for first in range(0, len(fields), lot):
        np.matmul(fields[first : first + lot], others.T, out=out[first : first + lot])
    return out


def _sin(degrees: float) -> float:
    return float(np.sin(np.radians(np.clip(degrees, -90.0, 90.0))))
