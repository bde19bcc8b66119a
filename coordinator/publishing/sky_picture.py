"""The sky of a plan: probability shaded, 50 and 90 % contours, and the fields as they truly are by telescope."""

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from coordinator.publishing.palette import Pen, pens
from coordinator.publishing.planned_search import PlannedSearch
from coordinator.publishing.whole_sky import HALO, WholeSky
from coordinator.publishing.zoomed_sky import ZoomedSky
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.regions import SR_DEG2, Lookup
from telescopes.description.ephemeris import Almanac, unix_s
from telescopes.description.geometry import outline, unit_vectors

Floats = NDArray[np.float64]
View = WholeSky | ZoomedSky

ZOOM_DEG = 40.0
"""A 90 % region that reaches no farther from its middle is shown alone."""

NEAR_DEG = 8.0
"""Fields that lie this far outside it, or as far as it is large, are shown with it."""

EDGE_STEP_DEG = 1.0
SHADES = LinearSegmentedColormap.from_list("probability", ["#ffffff", "#d9d9d9", "#8c8c8c", "#4d4d4d"])


def view_of(search: PlannedSearch) -> View:
    """Choose between the region with the fields near it, and the whole sky."""
    sky = search.sky
    vectors = pixel_vectors(sky.order, sky.ipix)
    inside = Lookup.of(sky).credible_level <= 0.9
    inside[np.argmax(sky.density_per_sr)] = True
    region = vectors[inside]
    middle = region.mean(axis=0)
    length = float(np.linalg.norm(middle))
    reach_deg = _farthest_deg(region, middle / length) if length > 1e-6 else 180.0
    if reach_deg <= ZOOM_DEG:
        limit_deg = min(max(2.0 * reach_deg, reach_deg + NEAR_DEG), 2.0 * ZOOM_DEG)
        fields = [polygon for _, polygons in fields_of(search) for polygon in polygons]
        near = [polygon for polygon in fields if _farthest_deg(polygon, middle / length) <= limit_deg]
        return ZoomedSky.around(np.concatenate([region, *near]))
    ra = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0])) % 360.0
    return WholeSky.about(ra, sky.probability)


def fields_of(search: PlannedSearch) -> list[tuple[str, list[Floats]]]:
    """Return telescope and outlines of each pointing; long edges have points between, because they are curved."""
    found = []
    for p in search.pointings:
        polygons = outline(search.footprint(p), p.ra_deg, p.dec_deg, p.position_angle_deg)
        found.append((p.telescope, [_finer(unit_vectors(*np.array(corners).T)) for corners in polygons]))
    return found


def draw_sky(figure: Any, search: PlannedSearch, view: View) -> None:
    """Draw into a figure or a part of one."""
    axes = view.axes(figure)
    shading = _probability(axes, search, view)
    outside = _fields(axes, search, view)
    _moon_and_sun(axes, search, view)
    bar = figure.colorbar(shading, ax=axes, location="bottom", fraction=0.03, pad=0.02, aspect=40, shrink=0.6)
    bar.set_label("probability per deg²", fontsize=7)
    bar.ax.tick_params(labelsize=6)
    axes.legend(
        handles=_legend(search, outside),
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0.0,
        fontsize=7,
        frameon=False,
        ncols=1 + len(search.summaries) // 30,
        title=f"telescope: pointings, {search.worth}",
        title_fontsize=7,
        alignment="left",
    )


def _probability(axes: Any, search: PlannedSearch, view: View) -> Any:
    ra, dec = view.raster()
    known = np.isfinite(ra)
    density, level = np.full(view.shape, np.nan), np.full(view.shape, np.nan)
    density[known], level[known], _ = Lookup.of(search.sky).at(ra[known], dec[known])
    image = axes.imshow(
        density / SR_DEG2, origin="lower", extent=view.extent, cmap=SHADES, vmin=0.0, aspect="equal", zorder=0.2
    )
    left, right, bottom, top = view.extent
    rows, columns = view.shape
    x = left + (np.arange(columns) + 0.5) * (right - left) / columns
    y = bottom + (np.arange(rows) + 0.5) * (top - bottom) / rows
    styles = {"colors": "black", "linestyles": ["solid", "dashed"], "linewidths": [1.1, 0.9], "zorder": 4}
    axes.contour(x, y, np.ma.masked_invalid(level), levels=[0.5, 0.9], **styles)
    return image


def _fields(axes: Any, search: PlannedSearch, view: View) -> int:
    """Draw one collection for each telescope, small fields above wide ones; return how many pointings are not shown."""
    drawn: dict[str, list[Floats]] = {}
    outside = 0
    for telescope, polygons in fields_of(search):
        pieces = [piece for one in polygons for piece in view.outlines(one)]
        drawn.setdefault(telescope, []).extend(pieces)
        outside += not pieces
    pen = pens(search)
    for telescope in sorted(drawn, key=lambda t: (-_size(search, t), t)):
        axes.add_collection(_collection(drawn[telescope], pen[telescope], axes, view))
    return outside


def _collection(polygons: list[Floats], pen: Pen, axes: Any, view: View) -> PolyCollection:
    made = PolyCollection(
        polygons,
        facecolors=[to_rgba(pen.colour, 0.22)],
        edgecolors=[to_rgba(pen.colour, 0.95)],
        linewidths=0.7,
        linestyles=pen.line,
        zorder=3,
    )
    if isinstance(view, WholeSky):
        clip = view.edge
        axes.add_patch(clip)
        made.set_clip_path(clip)
    return made


def _size(search: PlannedSearch, telescope: str) -> float:
    return max(p.ranges.area_deg2 for p in search.pointings if p.telescope == telescope)


def _moon_and_sun(axes: Any, search: PlannedSearch, view: View) -> None:
    """Where they stand when the window begins, if that is shown."""
    almanac = Almanac.over(unix_s(search.start), unix_s(search.end))
    sun, moon = almanac.sun[0], almanac.moon_km[0] / np.linalg.norm(almanac.moon_km[0])
    lit = 50.0 * (1.0 - float(sun @ moon))
    for vector, word, colour in ((sun, "Sun", "#FFD000"), (moon, f"Moon, {lit:.0f} % lit", "#FFFFFF")):
        ra, dec = np.degrees(np.arctan2(vector[1], vector[0])), np.degrees(np.arcsin(vector[2]))
        x, y = (float(v[0]) for v in view.pixels(ra, dec))
        left, right, bottom, top = view.extent
        if left < x < right and bottom < y < top:
            axes.plot([x], [y], marker="o", markersize=8, color=colour, markeredgecolor="0.2", zorder=5)
            axes.annotate(word, (x, y), (6, 4), textcoords="offset points", fontsize=7, zorder=5, path_effects=HALO)


def _legend(search: PlannedSearch, outside: int) -> list[Any]:
    pen = pens(search)
    lines: list[Any] = [
        Patch(
            facecolor=to_rgba(pen[t.id].colour, 0.22),
            edgecolor=pen[t.id].colour,
            linestyle=pen[t.id].line,
            label=f"{t.id}: {len(mine)}, {100 * sum(p.new_value for p in mine):.3g} %",
        )
        for t in search.summaries
        if (mine := search.of_telescope(t.id))
    ]
    idle = sum(t.idle_because is not None for t in search.summaries)
    said = [(idle, "without a pointing"), (outside, "pointings outside the picture")]
    lines += [Patch(facecolor="none", edgecolor="none", label=f"({n} {words})") for n, words in said if n]
    areas: Any = (("solid", "50 %", search.event.area50_deg2), ("dashed", "90 %", search.event.area90_deg2))
    regions = [Line2D([], [], color="black", linestyle=s, label=f"{word}: {area:.4g} deg²") for s, word, area in areas]
    return [*lines, *regions]


def _farthest_deg(vectors: Floats, middle: Floats) -> float:
    return float(np.degrees(np.arccos(np.clip((vectors @ middle).min(), -1.0, 1.0))))


def _finer(corners: Floats) -> Floats:
    """Put points on the great circles between corners; closer ones near a pole, where longitudes run fast."""
    following = np.roll(corners, -1, axis=0)
    longest = float(np.degrees(np.linalg.norm(following - corners, axis=1)).max(initial=0.0))
    step_deg = EDGE_STEP_DEG * max(0.05, float(np.hypot(corners[:, 0], corners[:, 1]).min()))
    steps = max(1, int(np.ceil(longest / step_deg)))
    share = (np.arange(steps) / steps)[:, None]
    points = (corners[:, None, :] * (1.0 - share) + following[:, None, :] * share).reshape(-1, 3)
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))
