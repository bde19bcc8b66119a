"""Moves from field to field, as the telescope itself counts them."""

from math import asin, atan2, degrees, inf

from telescopes.description.durations import flip_s, move_s
from telescopes.description.ephemeris import Array
from telescopes.description.telescope import Site, Timing

FROM_ANYWHERE_DEG = 45.0
"""A usual way to the first field of a night."""

NEXT_TO_ONE = 1.0 - 1.5e-12
"""Cosine of a way of 0.0001 degrees, which is none."""


def slew_s(
    timing: Timing,
    site: Site,
    from_vector: Array | None,
    to_vector: Array,
    leaves_s: float | None = None,
    arrives_s: float | None = None,
    change_s: float = 0.0,
) -> float:
    """Time to move to a field and settle; from anywhere: 45 degrees.

    Parameters
    ----------
    leaves_s, arrives_s : float, optional
        When the field before ends and this one begins at the soonest or latest, seconds since 1970; of the one that is
        not known everything is reckoned with that leaves no time to change the side of the pier. Without both, it is
        not changed.
    change_s : float
        Time for another filter.
    """
    if from_vector is None:
        return change_s + timing.settle_s + FROM_ANYWHERE_DEG / slowest_deg_s(timing)
    if float(from_vector @ to_vector) > NEXT_TO_ONE:
        return change_s
    here, there = _place(from_vector), _place(to_vector)
    way_s = move_s(timing, here, there) + change_s
    if not timing.meridian_flip_s or (leaves_s is None and arrives_s is None):
        return way_s
    at_most_s = way_s + timing.meridian_flip_s
    leaves_s = float(arrives_s or 0.0) - at_most_s if leaves_s is None else leaves_s
    arrives_s = leaves_s + at_most_s if arrives_s is None else arrives_s
    return way_s + flip_s(timing, site, here[0], there[0], leaves_s, arrives_s)


def slowest_deg_s(timing: Timing) -> float:
    """Speed of the slower axis; infinite: it is not known."""
    rate = min(timing.axis_rates_deg_s) if timing.axis_rates_deg_s is not None else timing.slew_rate_deg_s
    return rate or inf


def _place(vector: Array) -> tuple[float, float]:
    """RA and Dec in degrees."""
    x, y, z = vector.tolist()
    return degrees(atan2(y, x)), degrees(asin(max(-1.0, min(1.0, z))))
