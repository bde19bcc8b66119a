"""The nights of a plan: a row for each telescope, with daylight, its pointings, and the airmass of its fields."""

from datetime import datetime, timedelta
from typing import Any

import matplotlib.dates
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch
from numpy.typing import NDArray

from coordinator.planning.plan import PlannedPointing, TelescopeSummary
from coordinator.publishing.palette import pens
from coordinator.publishing.planned_search import PlannedSearch
from coordinator.sky.regions import peak
from telescopes.description.ephemeris import Almanac, Array, directions, unix_s, utc_of

dates: Any = matplotlib.dates  # its functions have no types

MOST_AIRMASS = 3.0
STEPS = 480
CURVES = 5
"""At most so many fields of a telescope have their curve drawn, spread over its pointings."""

SHADES = (
    (-90.0, "#FFFFFF", "night"),
    (-18.0, "#E3E9F3", "Sun -18 to -12°"),
    (-12.0, "#C6D2E5", "-12 to -6°"),
    (-6.0, "#A9BAD6", "-6 to 0°"),
    (0.0, "#FBEDBE", "day"),
)
"""Lowest altitude of the Sun, colour, and what it is called."""


def draw_nights(figure: Any, search: PlannedSearch) -> None:
    """Draw into a figure or a part of one."""
    axes = figure.add_subplot()
    rows = search.summaries
    almanac = Almanac.over(unix_s(search.start), unix_s(search.end) + 7200.0)
    times_s = np.linspace(unix_s(search.start), unix_s(search.end), STEPS + 1)
    _daylight(axes, search, rows, almanac, times_s)
    best = directions(*([angle] for angle in peak(search.sky)))
    for number, summary in enumerate(rows):
        _row(axes, search, number, summary, almanac, times_s, best)
    _axis(axes, search, rows)


def airmass(almanac: Almanac, site: Any, vectors: Array, times_s: Array) -> NDArray[np.float64]:
    """Airmass (secant of the zenith distance) of directions at instants, shape (n, t); NaN below 5 degrees."""
    sine = vectors @ almanac.axes(site, times_s).up.T
    return np.where(sine > np.sin(np.radians(5.0)), 1.0 / np.maximum(sine, 1e-3), np.nan)


def height_in_row(number: int, mass: Any) -> Any:
    """Where an airmass lies on the chart: 1 near the row's top, 3 near its bottom."""
    return number + 0.08 + 0.84 * (mass - 1.0) / (MOST_AIRMASS - 1.0)


def _daylight(
    axes: Any, search: PlannedSearch, rows: tuple[TelescopeSummary, ...], almanac: Almanac, times_s: Array
) -> None:
    """Shade each row by how high the Sun stands."""
    middle_s = (times_s[1:] + times_s[:-1]) / 2.0
    sun = almanac.sun_at(middle_s)
    shade = np.zeros((len(rows), STEPS))
    for number, summary in enumerate(rows):
        up = almanac.axes(search.telescopes[summary.id].site, middle_s).up
        altitude = np.degrees(np.arcsin(np.clip(np.einsum("ij,ij->i", up, sun), -1.0, 1.0)))
        shade[number] = np.searchsorted([low for low, _, _ in SHADES], altitude, side="right") - 1
    extent = (_day(search.start), _day(search.end), float(len(rows)), 0.0)
    colours = ListedColormap([colour for _, colour, _ in SHADES])
    top = len(SHADES) - 0.5
    axes.imshow(
        shade, cmap=colours, vmin=-0.5, vmax=top, extent=extent, aspect="auto", interpolation="nearest", zorder=0
    )
    axes.set(xlim=extent[:2], ylim=(float(len(rows)), 0.0))


def _row(
    axes: Any,
    search: PlannedSearch,
    number: int,
    summary: TelescopeSummary,
    almanac: Almanac,
    times_s: Array,
    best: Array,
) -> None:
    mine = search.of_telescope(summary.id)
    colour = pens(search)[summary.id].colour if mine else "0.5"
    chosen = mine[:: max(1, -(-len(mine) // CURVES))]
    vectors = directions([p.ra_deg for p in chosen], [p.dec_deg for p in chosen]) if mine else best
    mass = airmass(almanac, search.telescopes[summary.id].site, vectors, times_s)
    x = np.array([_day(utc_of(t)) for t in times_s])
    for curve in np.where(mass <= MOST_AIRMASS, mass, np.nan):
        axes.plot(x, height_in_row(number, curve), color=colour, linewidth=0.6, alpha=0.6, zorder=2)
    bars = [_bar(number, p) for p in mine]
    axes.add_collection(LineCollection(bars, colors=colour, linewidths=3.0, capstyle="butt", zorder=3))
    if not mine:
        where, why = (0.5, number + 0.5), summary.idle_because or "nothing in this part"
        axes.text(
            *where, why, transform=axes.get_yaxis_transform(), fontsize=6.5, ha="center", va="center", bbox=_PAPER
        )
    word: Any = {"transform": axes.get_yaxis_transform(), "fontsize": 6, "color": "0.4"}
    for level, side in ((1.0, "top"), (MOST_AIRMASS, "bottom")):
        axes.text(1.003, height_in_row(number, level), f"{level:g}", va=side, **word)


_PAPER = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}


def _bar(number: int, pointing: PlannedPointing) -> list[tuple[float, float]]:
    y = float(height_in_row(number, min(pointing.airmass, MOST_AIRMASS)))
    return [(_day(pointing.start), y), (_day(pointing.end + timedelta(seconds=60)), y)]


def _axis(axes: Any, search: PlannedSearch, rows: tuple[TelescopeSummary, ...]) -> None:
    axes.set_yticks([n + 0.5 for n in range(len(rows))], [_label(search, t) for t in rows], fontsize=7)
    axes.tick_params(axis="y", length=0)
    axes.hlines(range(1, len(rows)), *axes.get_xlim(), color="0.6", linewidth=0.5, zorder=1)
    locator = dates.AutoDateLocator(tz="UTC", minticks=5, maxticks=14)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, tz="UTC"))
    axes.tick_params(axis="x", labelsize=7)
    axes.grid(axis="x", color="0.7", linewidth=0.4, zorder=1)
    axes.set_xlabel(
        "UTC; lines: airmass of fields (without a pointing: of the map's peak), 1 at the top of a row, 3 at its foot",
        fontsize=7,
    )
    if search.event.t0 is not None:
        _since_event(axes, search.event.t0)
    handles = [Patch(facecolor=colour, edgecolor="0.6", linewidth=0.5, label=word) for _, colour, word in SHADES]
    axes.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.55 / max(len(rows) * 0.4, 1.0)),
        ncols=5,
        fontsize=7,
        frameon=False,
    )


def _since_event(axes: Any, t0: datetime) -> None:
    zero = _day(t0)
    top = axes.secondary_xaxis("top", functions=(lambda d: (d - zero) * 24.0, lambda h: h / 24.0 + zero))
    top.set_xlabel("hours after the event", fontsize=7)
    top.tick_params(labelsize=7)


def _label(search: PlannedSearch, summary: TelescopeSummary) -> str:
    count = len(search.of_telescope(summary.id))
    return f"{summary.id}  ({count})" if count else summary.id


def _day(when: datetime) -> float:
    return float(dates.date2num(when))
