"""When a telescope can see what: dark stretches of time, and fields within limits throughout a pointing."""

import numpy as np
from numpy.typing import NDArray

from telescopes.description.ephemeris import Almanac, Array
from telescopes.description.limits import MARGIN_DEG, allowed, allowed_pairs, max_sun_altitude_deg
from telescopes.description.telescope import Site, Telescope

Mask = NDArray[np.bool_]

NIGHT_STEP_S = 600.0
EDGE_S = 1.0
LOOK_AHEAD_S = 600.0
MOST_AHEAD_S = 4 * 3600.0
FINER = 25
"""Into how many parts the step in which a field leaves its limits is divided at once: two calls reach a second."""

Stretch = tuple[float, float]


def dark_stretches(
    telescope: Telescope, filter_name: str, almanac: Almanac, start_s: float, end_s: float
) -> list[Stretch]:
    """Stretches of a window in which the Sun is low enough for a filter, to a second; none on a polar day."""
    highest = max_sun_altitude_deg(telescope.limits, filter_name)
    return sun_below(telescope.site, highest, almanac, start_s, end_s)


def sun_below(site: Site, max_sun_altitude_deg: float, almanac: Almanac, start_s: float, end_s: float) -> list[Stretch]:
    """Stretches of a window in which the Sun is lower than an altitude, with the margin that plans keep."""
    if end_s <= start_s:
        return []
    top = np.sin(np.radians(max_sun_altitude_deg - MARGIN_DEG))

    def dark(times_s: Array) -> Mask:
        up = almanac.axes(site, times_s).up
        return np.asarray(np.einsum("ij,ij->i", up, almanac.sun_at(times_s)) <= top)

    times = np.linspace(start_s, end_s, max(2, int(np.ceil((end_s - start_s) / NIGHT_STEP_S)) + 1))
    is_dark = dark(times)
    change = np.flatnonzero(is_dark[1:] != is_dark[:-1])
    low, high, before = times[change], times[change + 1], is_dark[change]
    while change.size and (high - low).max() > EDGE_S:
        middle = (low + high) / 2.0
        same = dark(middle) == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    # the dark side of each edge is kept
    edges = np.where(before, low, high) if change.size else np.empty(0)
    bounds = np.r_[start_s if is_dark[0] else np.empty(0), edges, end_s if is_dark[-1] else np.empty(0)]
    return [(float(a), float(b)) for a, b in zip(bounds[::2], bounds[1::2], strict=True) if b > a]


def visible_in_slots(
    telescope: Telescope,
    filter_name: str,
    almanac: Almanac,
    fields: Array,
    slot_start_s: Array,
    slot_end_s: Array,
) -> Mask:
    """Say which fields are within limits from the start of each slot to its end, shape (fields, slots).

    Within the minutes of a slot every limit is monotonic to far below the margin, so both ends decide; of a horizon
    that somebody drew, where a tree may stand between, the middle does too.
    """
    looks = [slot_start_s, slot_end_s]
    if telescope.limits.horizon:
        looks.append((slot_start_s + slot_end_s) / 2.0)
    instants, where = np.unique(np.concatenate(looks), return_inverse=True)
    good = allowed(telescope, filter_name, almanac, fields, instants)[:, where.reshape(len(looks), -1)]
    return np.asarray(good.all(axis=1))


def visible_throughout(
    telescope: Telescope, filter_name: str, almanac: Almanac, fields: Array, start_s: Array, end_s: Array
) -> Mask:
    """Say for each field, at its own times, whether it is within limits from start to end."""
    times = np.concatenate([start_s, (start_s + end_s) / 2.0, end_s])
    good = allowed_pairs(telescope, filter_name, almanac, np.tile(fields, (3, 1)), times)
    return np.asarray(good.reshape(3, len(fields)).all(axis=0))


def visible_until(
    telescope: Telescope, filter_name: str, almanac: Almanac, fields: Array, from_s: Array, end_s: float
) -> Array:
    """Last instant up to which each field stays within limits, at most 4 hours on; fields are so at `from_s`."""
    ahead_s = min(MOST_AHEAD_S, max(0.0, end_s - float(from_s.min(initial=end_s))))
    steps = max(1, int(np.ceil(ahead_s / LOOK_AHEAD_S)))
    times = np.minimum(from_s[:, None] + LOOK_AHEAD_S * np.arange(steps + 1), end_s)
    many = np.repeat(fields, steps + 1, axis=0)
    good = allowed_pairs(telescope, filter_name, almanac, many, times.ravel()).reshape(times.shape)
    good = good | (np.arange(steps + 1) == 0)
    first_bad = np.where(good.all(axis=1), steps, np.argmin(good, axis=1))
    row = np.arange(len(fields))
    low = times[row, np.where(good.all(axis=1), steps, first_bad - 1)]
    high = times[row, first_bad]
    while len(fields) and (high - low).max() > EDGE_S:  # few calls of many instants: a call costs most
        edges = np.linspace(low, high, FINER + 1, axis=1)
        many = np.repeat(fields, FINER - 1, axis=0)
        fine = allowed_pairs(telescope, filter_name, almanac, many, edges[:, 1:-1].ravel()).reshape(len(fields), -1)
        good = np.logical_and.accumulate(fine, axis=1).sum(axis=1)
        low, high = edges[row, good], edges[row, good + 1]
    return low
