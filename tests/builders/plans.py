"""Small skies, telescopes and requests for plans, and where a telescope stands when it looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from coordinator.planning.make import plan
from coordinator.planning.plan import Plan, PlannedPointing
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.ephemeris import Almanac, directions, unix_s
from telescopes.description.footprint import Rectangle
from telescopes.description.telescope import Depth, Instrument, Limits, Observing, Site, SitePolicy, Telescope, Timing

CHILE = Site(-29.26, -70.73, 2400.0)
T0 = datetime(2019, 8, 14, 21, 10, 39, tzinfo=UTC)
"""A day before full Moon, which stands 50 degrees from the sky's centre."""

SKY = "a" * 64


def a_round_sky(*centres_deg: tuple[float, float], sigma_deg: float = 6.0, order: int = 6, t0: datetime = T0) -> SkyMap:
    """One or more round localizations of equal weight."""
    ipix = np.arange(12 * 4**order)
    vectors, weight = pixel_vectors(order, ipix), np.zeros(ipix.size)
    for ra, dec in centres_deg or ((13.0, -25.0),):
        away = np.degrees(np.arccos(np.clip(vectors @ directions([ra], [dec])[0], -1, 1)))
        weight += np.where(away < 4 * sigma_deg, np.exp(-0.5 * (away / sigma_deg) ** 2), 0.0)
    near = np.flatnonzero(weight)
    return SkyMap(np.full(near.size, order), near, weight[near] / weight.sum(), MapFacts(SKY, t0=t0))


def a_busy_telescope(
    site: Site = CHILE,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    timing: Timing = Timing(5.0, settle_s=2.0, readout_s=5.0),  # noqa: B008 - frozen
    size_deg: float = 0.6,
    **observing: object,
) -> Telescope:
    """A telescope whose field is so small that the sky fills its nights: 110 seconds a field."""
    camera = Instrument("main", ("g", "r"), Rectangle(size_deg, size_deg), (Depth(19.0, 100.0),))
    look = {"exposure_s": 50.0, "count": 2, "filters": ("r",), "strategy": "tiles"} | observing
    return Telescope("t", "T", site, (camera,), Observing(**look), limits, timing, SitePolicy())  # type: ignore[arg-type]


def plan_of(telescope: Telescope, sky: SkyMap | None = None, hours: float = 24.0, **changes: object) -> Plan:
    """Plan one event with one telescope, from the event on."""
    sky = sky or a_round_sky()
    start = sky.facts.t0 or T0
    event = EventToPlan("lvk:S1", 1, SKY, start, **({"objective": "probability"} | changes))  # type: ignore[arg-type]
    request = PlanRequest((event,), (TelescopeToPlan(telescope, start),), start, start + timedelta(hours=hours))
    return plan(request, {SKY: sky})


@dataclass(frozen=True)
class Stand:
    """Where fields, Sun and Moon stand at instants, degrees and hours; worked out apart from the limits."""

    altitude_deg: np.ndarray
    azimuth_deg: np.ndarray
    hour_angle_h: np.ndarray
    sun_deg: np.ndarray
    moon_deg: np.ndarray
    moon_away_deg: np.ndarray


def at_both_ends(telescope: Telescope, pointings: Sequence[PlannedPointing]) -> Stand:
    """Where things stand when each pointing starts and when it ends."""
    times_s = np.array([unix_s(when) for p in pointings for when in (p.start, p.end)])
    fields = np.repeat(directions([p.ra_deg for p in pointings], [p.dec_deg for p in pointings]), 2, axis=0)
    almanac = Almanac.over(times_s.min(), times_s.max() + 1.0)
    axes = almanac.axes(telescope.site, times_s)
    up, north, east = (np.einsum("ij,ij->i", a, fields) for a in (axes.up, axes.north, axes.east))
    moon, date = almanac.moon_from(telescope.site, times_s), fields @ almanac.to_cirs.T
    angle = np.degrees(axes.theta_rad - np.arctan2(date[:, 1], date[:, 0]))
    return Stand(
        altitude_deg=_arc(up),
        azimuth_deg=np.degrees(np.arctan2(east, north)) % 360.0,
        hour_angle_h=((angle + 180.0) % 360.0 - 180.0) / 15.0,
        sun_deg=_arc(np.einsum("ij,ij->i", axes.up, almanac.sun_at(times_s))),
        moon_deg=_arc(np.einsum("ij,ij->i", axes.up, moon)),
        moon_away_deg=90.0 - _arc(np.einsum("ij,ij->i", fields, moon)),
    )


def _arc(sine: np.ndarray) -> np.ndarray:
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1, 1))))
