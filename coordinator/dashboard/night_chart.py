"""A telescope's next day: how dark it is there, and how high its next fields stand (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from coordinator.dashboard.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Tick
from coordinator.planning.nights import almanac_over, dark_between
from telescopes.description.geometry import unit_vectors
from telescopes.description.telescope import Telescope

HOURS = 24.0
STEP_S = 600.0
TWILIGHTS = {"sun-0": -0.83, "sun-6": -6.0, "sun-12": -12.0, "sun-18": -18.0}
"""Altitudes of the Sun in degrees, by the class that shades what is below: sunset, civil, nautical, astronomical."""

ALTITUDES_DEG = (0.0, 20.0, 30.0, 45.0, 60.0, 90.0)
MOST_CURVES = 12


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time in pixels."""

    x: float
    width: float
    says: str


@dataclass(frozen=True, slots=True)
class Curve:
    """How high a field stands; `points` as SVG takes them, `doing`: the stretch in which it is looked at."""

    id: str
    points: str
    doing: Band | None


@dataclass(frozen=True, slots=True)
class Shade:
    """When the Sun is below an altitude; `name`: how it is drawn."""

    name: str
    sun_deg: float
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class NightChart:
    """Altitude and airmass against time, from an hour ago on; each of the `shades` lies in the one before."""

    shades: tuple[Shade, ...]
    curves: tuple[Curve, ...]
    hours: tuple[Tick, ...]
    heights: tuple[Tick, ...]
    now: float
    lowest: float
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the queue."""

    id: str
    ra_deg: float
    dec_deg: float
    start: datetime
    end: datetime


def night_chart(telescope: Telescope, fields: Sequence[Field], now: datetime) -> NightChart:
    """Draw the next day of a telescope.

    Parameters
    ----------
    telescope : Telescope
        Its site and limits.
    fields : sequence of Field
        What it will look at, in order; the first twelve are drawn.
    now : datetime
        Sky time.
    """
    axis = _Axis((now - timedelta(hours=1)).timestamp())

    def below(sun_deg: float) -> tuple[Band, ...]:
        found = dark_between(telescope.site, sun_deg, axis.begin_s, axis.end_s)
        return tuple(axis.band(a, b, f"{_clock(a)} to {_clock(b)} UTC") for a, b in found)

    first = int(axis.begin_s // 7200 + 1) * 7200
    return NightChart(
        tuple(Shade(name, sun_deg, below(sun_deg)) for name, sun_deg in TWILIGHTS.items()),
        _curves(telescope, fields[:MOST_CURVES], axis),
        hours=tuple(Tick(axis.x(at), _clock(at)) for at in range(first, int(axis.end_s), 7200)),
        heights=tuple(Tick(_y(a), _height(a)) for a in ALTITUDES_DEG),
        now=axis.x(now.timestamp()),
        lowest=_y(telescope.limits.min_altitude_deg),
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    """Time in pixels."""

    begin_s: float

    @property
    def end_s(self) -> float:
        return self.begin_s + HOURS * 3600.0

    def x(self, at_s: float) -> float:
        return round(LEFT + (at_s - self.begin_s) / (HOURS * 3600.0) * (WIDTH - LEFT - RIGHT), 1)

    def band(self, from_s: float, to_s: float, says: str) -> Band:
        low, high = self.x(max(from_s, self.begin_s)), self.x(min(to_s, self.end_s))
        return Band(low, round(high - low, 1), says)


def _curves(telescope: Telescope, fields: Sequence[Field], axis: _Axis) -> tuple[Curve, ...]:
    """Return how high each field stands, as far as it is above the horizon."""
    times_s = np.arange(axis.begin_s, axis.end_s + 1.0, STEP_S)
    almanac = almanac_over(axis.begin_s, axis.end_s)
    up = almanac.axes(telescope.site, times_s).up
    made = []
    for one in fields:
        apparent = almanac.apparent(np.atleast_2d(unit_vectors(one.ra_deg, one.dec_deg)))[0]
        altitudes = np.degrees(np.arcsin(np.clip(up @ apparent, -1.0, 1.0))).tolist()
        risen = [(t, a) for t, a in zip(times_s.tolist(), altitudes, strict=True) if a >= 0.0]
        start_s, end_s = one.start.timestamp(), one.end.timestamp()
        doing = axis.band(start_s, end_s, one.id) if end_s > axis.begin_s and start_s < axis.end_s else None
        made.append(Curve(one.id, " ".join(f"{axis.x(t)},{_y(a)}" for t, a in risen), doing))
    return tuple(made)


def _y(altitude_deg: float) -> float:
    return round(HEIGHT - BOTTOM - altitude_deg / 90.0 * (HEIGHT - BOTTOM - TOP), 1)


def _height(altitude_deg: float) -> str:
    """Say an altitude and its airmass, plane-parallel; at the horizon there is none."""
    airmass = f" X{1.0 / np.sin(np.radians(altitude_deg)):.1f}" if altitude_deg > 0.0 else ""
    return f"{altitude_deg:.0f}°{airmass}"


def _clock(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%H:%M}"
