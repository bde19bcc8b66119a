"""When a place is within a telescope's limits while it is dark, and which limit forbids it otherwise."""

from dataclasses import dataclass

import numpy as np

from coordinator.planning.desk import Desk
from coordinator.planning.timetable import Stretch
from telescopes.description.ephemeris import Array, directions, utc_of
from telescopes.description.limits import MARGIN_DEG, allowed, violation
from telescopes.description.states import Reason

STEP_S = 300.0
MOST_STRETCHES = 3


@dataclass(frozen=True, slots=True)
class WithinLimits:
    """When a place is within a telescope's limits while it is dark, in a sentence.

    `highest_deg` is how high it then stands at best; None: it never is.
    """

    said: str
    highest_deg: float | None


def within_limits(desk: Desk, ra_deg: float, dec_deg: float) -> WithinLimits:
    """Say when a telescope that can take part may look at a place, or which limit forbids it."""
    timetable, filter_name = desk.timetable, desk.work.filter
    vector = directions([ra_deg], [dec_deg])
    stretches = timetable.dark(filter_name)
    times_s = np.concatenate([np.r_[np.arange(a, b, STEP_S), b] for a, b in stretches])
    good = allowed(timetable.telescope, filter_name, timetable.almanac, vector, times_s)[0]
    height = timetable.almanac.axes(timetable.telescope.site, times_s).up @ vector[0]
    height_deg = np.degrees(np.arcsin(np.clip(height, -1.0, 1.0)))
    if not good.any():
        best = int(np.argmax(height_deg))
        word = _forbidden(desk, ra_deg, dec_deg, times_s[best], height_deg[best])
        at = f"{height_deg[best]:.0f} deg high at {utc_of(times_s[best]):%H:%M}"
        return WithinLimits(f"never within limits while dark: {word} at its best ({at})", None)
    runs = _runs(times_s, good)
    free = timetable.free(filter_name)
    usable = any(a <= t <= b for a, b in free for t in times_s[good])
    between = ", ".join(f"{utc_of(a):%H:%M} and {utc_of(b):%H:%M}" for a, b in runs[:MOST_STRETCHES])
    while_busy = "" if usable else ", but not while it is free"
    return WithinLimits(f"within limits between {between}{while_busy}", float(height_deg[good].max()))


def _forbidden(desk: Desk, ra_deg: float, dec_deg: float, when_s: float, height_deg: float) -> str:
    """Name the limit that forbids a place at an instant."""
    telescope = desk.timetable.telescope
    limits = telescope.limits
    reason = violation(telescope, desk.work.filter, ra_deg, dec_deg, utc_of(when_s), MARGIN_DEG)
    if reason is None:
        return "at a limit"
    if reason is not Reason.BELOW_HORIZON:
        return reason.value.replace("_", " ")
    if height_deg < limits.min_altitude_deg + MARGIN_DEG:
        return f"below {limits.min_altitude_deg:.4g} deg"
    if limits.declination_deg is not None and not limits.declination_deg[0] <= dec_deg <= limits.declination_deg[1]:
        return "outside its declinations of {:.4g} to {:.4g} deg".format(*limits.declination_deg)
    return "behind its horizon mask or beyond its hour angles"


def _runs(times_s: Array, good: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> list[Stretch]:
    """Stretches of neighbouring instants that are good, in order of time."""
    at = np.flatnonzero(good)
    ends = np.flatnonzero(np.diff(times_s[at]) > 1.5 * STEP_S)
    first, last = np.r_[at[0], at[ends + 1]], np.r_[at[ends], at[-1]]
    return [(float(times_s[a]), float(times_s[b])) for a, b in zip(first, last, strict=True)]
