"""Nights of sites, worked out once: everything here depends on a site and a date alone, so a new plan reuses it."""

from functools import lru_cache

from coordinator.sky.visibility import Stretch, sun_below
from telescopes.description.ephemeris import DAY_S, Almanac
from telescopes.description.telescope import Site

TOUCHING_S = 2.0
"""Dark stretches of two days that end and begin within this are one night."""


def almanac_over(start_s: float, end_s: float) -> Almanac:
    """Almanac of the whole days that hold a stretch of time: the same for every plan of a night."""
    return _almanac(int(start_s // DAY_S), int(-(-end_s // DAY_S)))


def dark_between(site: Site, max_sun_altitude_deg: float, start_s: float, end_s: float) -> list[Stretch]:
    """Stretches in which the Sun is low enough, to a second."""
    whole: list[Stretch] = []
    for day in range(int(start_s // DAY_S), int(-(-end_s // DAY_S))):
        for begin, end in _dark_of_day(site, max_sun_altitude_deg, day):
            if whole and begin - whole[-1][1] < TOUCHING_S:
                whole[-1] = (whole[-1][0], end)
            else:
                whole.append((begin, end))
    return [(max(a, start_s), min(b, end_s)) for a, b in whole if min(b, end_s) > max(a, start_s)]


@lru_cache(maxsize=16)
def _almanac(first_day: int, last_day: int) -> Almanac:
    return Almanac.over(first_day * DAY_S, last_day * DAY_S)


@lru_cache(maxsize=4096)
def _dark_of_day(site: Site, max_sun_altitude_deg: float, day: int) -> tuple[Stretch, ...]:
    begin, end = day * DAY_S, (day + 1) * DAY_S
    return tuple(sun_below(site, max_sun_altitude_deg, _almanac(day, day + 1), begin, end))
