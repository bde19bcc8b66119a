"""The agent's own no: what it refuses whatever the coordinator says. Nothing here reads a clock or a device."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from telescopes.description.bounds import LONGEST_EXPOSURE_S, LONGEST_POINTING_S, MOST_EXPOSURES
from telescopes.description.clocks import EARLIEST, LATEST
from telescopes.description.limits import max_sun_altitude_deg
from telescopes.description.messages import Constraints, Pointing
from telescopes.description.states import Reason
from telescopes.description.telescope import Instrument, Limits, Observing, Telescope

LARGEST_DITHER_ARCSEC = 7200.0
LARGEST_BINNING = 64
LOOK_EVERY_S = 60.0
"""Sky seconds between two looks at the limits: the sky turns by a quarter of a degree."""

Rule = Callable[[Telescope, str, float, float, datetime], Reason | None]
Found = tuple[Reason, datetime] | None
Violation = Callable[[Telescope, str, float, float, Sequence[datetime]], Found]
"""Names the site limit that forbids (telescope, filter, ra_deg, dec_deg, instants in order), and when; None: none."""


def at_each(rule: Rule) -> Violation:
    """Make a rule about one instant one about many."""

    def first(telescope: Telescope, filter_: str, ra_deg: float, dec_deg: float, whens: Sequence[datetime]) -> Found:
        for when in whens:
            reason = rule(telescope, filter_, ra_deg, dec_deg, when)
            if reason is not None:
                return reason, when
        return None

    return first


class Remembered:
    """Site limits that are not worked out again for the same place and time: an offer is judged like its start."""

    def __init__(self, violation: Violation, at_most: int = 1000) -> None:
        self._violation = violation
        self._at_most = at_most
        self._known: dict[tuple[object, ...], Found] = {}

    def __call__(
        self, telescope: Telescope, filter_: str, ra_deg: float, dec_deg: float, whens: Sequence[datetime]
    ) -> Found:
        """Name the limit that is broken, and when; None: none is. There is one instant at least."""
        limits = telescope.limits
        sun_deg = max_sun_altitude_deg(limits, filter_)
        tightened_ones = (limits.min_altitude_deg, sun_deg, limits.min_moon_separation_deg)
        times = round(whens[0].timestamp()), round(whens[-1].timestamp())
        key = (telescope.id, filter_, ra_deg, dec_deg, times, tightened_ones)
        if key not in self._known:
            if len(self._known) >= self._at_most:
                self._known.clear()
            self._known[key] = self._violation(telescope, filter_, ra_deg, dec_deg, whens)
        return self._known[key]


@dataclass(frozen=True, slots=True)
class No:
    """A refusal: the reason, and words for people."""

    reason: Reason
    detail: str = ""


def unfit(pointing: Pointing, telescope: Telescope) -> No | None:
    """Say why a pointing makes no sense for this telescope, whenever it comes; None: it does."""
    if pointing.telescope_id != telescope.id:
        return No(Reason.INTERNAL, f"meant for {pointing.telescope_id}, this is {telescope.id}")
    instrument = next((i for i in telescope.instruments if i.id == pointing.instrument_id), None)
    if instrument is None:
        return No(Reason.INTERNAL, f"there is no instrument {pointing.instrument_id}")
    no = _unfit_place(pointing) or _unfit_figures(pointing)
    return no or _unfit_window(pointing) or _unfit_exposures(pointing, instrument)


def _unfit_place(pointing: Pointing) -> No | None:
    numbers = (pointing.ra_deg, pointing.dec_deg, pointing.position_angle_deg)
    if not all(map(math.isfinite, numbers)) or abs(pointing.dec_deg) > 90 or abs(pointing.ra_deg) > 360:
        return No(Reason.INTERNAL, "the coordinates are no place on the sky")
    return None


def _unfit_figures(pointing: Pointing) -> No | None:
    asked = pointing.constraints
    limits = (asked.min_altitude_deg, asked.max_airmass, asked.max_sun_altitude_deg, asked.min_moon_separation_deg)
    if not all(math.isfinite(v) for v in (*limits, asked.pointing_tolerance_arcsec) if v is not None):
        return No(Reason.INTERNAL, "its constraints are no numbers")
    if asked.pointing_tolerance_arcsec is not None and asked.pointing_tolerance_arcsec <= 0.0:
        return No(Reason.INTERNAL, f"no telescope points within {asked.pointing_tolerance_arcsec:g} arcsec")
    if not 0.0 <= pointing.acceptability_threshold <= 1.0:
        return No(Reason.INTERNAL, f"acceptability {pointing.acceptability_threshold!r} is not between 0 and 1")
    return None


def _unfit_window(pointing: Pointing) -> No | None:
    instants = (pointing.window_start, pointing.window_end, pointing.planned_start)
    if not all(EARLIEST < when < LATEST for when in instants):
        return No(Reason.INTERNAL, f"its window and start are not all between {EARLIEST.year} and {LATEST.year}")
    if pointing.window_end <= pointing.window_start:
        return No(Reason.WINDOW_TOO_SHORT, "the window ends before it starts")
    return None


def _unfit_exposures(pointing: Pointing, instrument: Instrument) -> No | None:
    count = sum(e.count for e in pointing.exposures)
    if not 0 < count <= MOST_EXPOSURES or min(e.count for e in pointing.exposures) < 1:
        return No(Reason.INTERNAL, f"{count} exposures are not between 1 and {MOST_EXPOSURES}")
    for exposure in pointing.exposures:
        if exposure.filter not in instrument.filters:
            return No(Reason.FILTER_UNAVAILABLE, f"{instrument.id} has no filter {exposure.filter}")
        if not (0 <= exposure.dither_arcsec <= LARGEST_DITHER_ARCSEC and 1 <= exposure.binning <= LARGEST_BINNING):
            return No(Reason.INTERNAL, f"dither {exposure.dither_arcsec!r} or binning {exposure.binning} cannot be")
        if not 0 < exposure.exposure_s <= LONGEST_EXPOSURE_S:
            return No(Reason.INTERNAL, f"{exposure.exposure_s} s is not between 0 and {LONGEST_EXPOSURE_S:.0f} s")
    if sum(e.exposure_s * e.count for e in pointing.exposures) > LONGEST_POINTING_S:
        return No(Reason.INTERNAL, f"its exposures take longer than {LONGEST_POINTING_S:.0f} s")
    return None


def forbidden(
    pointing: Pointing, telescope: Telescope, start: datetime, end: datetime, violation: Violation
) -> No | None:
    """Say which limit forbids to observe from `start` to `end`: the site's hours, its own limits, the pointing's.

    Limits hold all the time, and not at both ends alone: the Sun may come and go between, and so may a tree.
    """
    closed = closed_hours(telescope.observing, start, end)
    if closed is not None:
        return closed
    tighter = replace(telescope, limits=tightened(telescope.limits, pointing.constraints))
    whens = looks(start, end)
    for filter_ in _one_of_each(tighter.limits, pointing):
        found = violation(tighter, filter_, pointing.ra_deg, pointing.dec_deg, whens)
        if found is not None:
            reason, when = found
            return No(reason, f"at {when:%Y-%m-%dT%H:%M:%SZ} in {filter_}")
    return None


def _one_of_each(limits: Limits, pointing: Pointing) -> Iterable[str]:
    """Return a filter for each height of the Sun that filters allow: nothing else of the limits depends on them."""
    first: dict[float, str] = {}
    for exposure in pointing.exposures:
        first.setdefault(max_sun_altitude_deg(limits, exposure.filter), exposure.filter)
    return first.values()


def looks(start: datetime, end: datetime) -> tuple[datetime, ...]:
    """Return the instants, from `start` to `end` and a minute apart at most, at which limits are looked at."""
    span_s = max(0.0, (end - start).total_seconds())
    steps = math.ceil(span_s / LOOK_EVERY_S)
    return (*(start + timedelta(seconds=span_s * n / steps) for n in range(steps)), max(start, end))


def closed_hours(observing: Observing, start: datetime, end: datetime) -> No | None:
    """Say whether the site is blocked in that time, or outside its allocation."""
    for blocked_from, blocked_to in observing.blocked:
        if start < blocked_to and end > blocked_from:
            return No(Reason.MAINTENANCE, f"blocked until {blocked_to:%Y-%m-%dT%H:%M:%SZ}")
    inside = any(a <= start and end <= b for a, b in observing.allocation)
    return No(Reason.QUOTA, "outside the site's allocation") if observing.allocation and not inside else None


def tightened(limits: Limits, constraints: Constraints) -> Limits:
    """Join the site's limits with a pointing's: the stricter of both."""
    if constraints == Constraints():
        return limits
    lowest = [limits.min_altitude_deg, constraints.min_altitude_deg]
    if constraints.max_airmass is not None:
        lowest.append(math.degrees(math.asin(1.0 / max(constraints.max_airmass, 1.0))))
    highest_sun = constraints.max_sun_altitude_deg
    by_filter = limits.max_sun_altitude_by_filter
    sun = limits.max_sun_altitude_deg
    if highest_sun is not None:
        by_filter = {name: min(value, highest_sun) for name, value in by_filter.items()}
        sun = min(sun, highest_sun)
    return replace(
        limits,
        min_altitude_deg=max(v for v in lowest if v is not None),
        max_sun_altitude_deg=sun,
        max_sun_altitude_by_filter=by_filter,
        min_moon_separation_deg=max(limits.min_moon_separation_deg, constraints.min_moon_separation_deg or 0.0),
    )
