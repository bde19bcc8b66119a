"""The picture of a plan: its sky above, its nights below."""

import io
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from coordinator.publishing.night_chart import draw_nights
from coordinator.publishing.planned_search import PlannedSearch
from coordinator.publishing.sky_picture import View, draw_sky, view_of
from coordinator.publishing.zoomed_sky import ZoomedSky

WIDTH_IN = 11.0
SKY_WIDTH_IN = 7.6
DPI = 150
STYLE: Any = {"svg.hashsalt": "armillary", "font.size": 8.0, "font.family": "DejaVu Sans", "svg.fonttype": "path"}


def as_png(search: PlannedSearch) -> bytes:
    """Draw sky and nights as one PNG."""
    return _saved(search, "png", sky=True, nights=True)


def as_svg(search: PlannedSearch) -> bytes:
    """Draw sky and nights as one SVG."""
    return _saved(search, "svg", sky=True, nights=True)


def sky_svg(search: PlannedSearch) -> bytes:
    """Draw the sky alone."""
    return _saved(search, "svg", sky=True, nights=False)


def nights_svg(search: PlannedSearch) -> bytes:
    """Draw the nights alone."""
    return _saved(search, "svg", sky=False, nights=True)


def headline(search: PlannedSearch) -> str:
    """Say in two lines what the plan is and what it is worth."""
    event = search.event
    telescopes = len({p.telescope for p in search.pointings})
    distance = "distance unknown" if event.distance_mpc is None else f"{event.distance_mpc:.4g} Mpc"
    work = f"{len(search.pointings)} pointings of {telescopes} telescopes"
    shown = f"{work} cover {100 * search.probability:.2f} % of the probability"
    if event.figures.detection is not None and not search.part:
        shown += f", chance to detect {100 * event.figures.detection:.3g} %"
    if not search.pointings:
        shown = "no pointings"
    window = f"{search.start:%Y-%m-%d %H:%M} to {search.end:%Y-%m-%d %H:%M} UTC"
    return f"{search.title}: {shown}\n{window}, objective {event.objective}, {distance}"


def _saved(search: PlannedSearch, kind: str, *, sky: bool, nights: bool) -> bytes:
    out = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure = _figure(search, sky=sky, nights=nights)
        FigureCanvasAgg(figure)
        metadata: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": "Armillary"}
        figure.savefig(out, format=kind, dpi=DPI, metadata=metadata)
    return out.getvalue()


def _figure(search: PlannedSearch, *, sky: bool, nights: bool) -> Figure:
    view = view_of(search) if sky else None
    heights = [_sky_height(view)] if view is not None else []
    heights += [_nights_height(search)] if nights else []
    figure = Figure(figsize=(WIDTH_IN, sum(heights)), layout="constrained")
    parts = list(figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0])
    if view is not None:
        part = parts.pop(0)
        part.suptitle(headline(search), fontsize=9)
        draw_sky(part, search, view)
    if nights:
        draw_nights(parts.pop(0), search)
    return figure


def _sky_height(view: View) -> float:
    shape = view.half_y_deg / view.half_x_deg if isinstance(view, ZoomedSky) else 0.5
    return min(max(SKY_WIDTH_IN * shape, 3.0), 7.5) + 1.3


def _nights_height(search: PlannedSearch) -> float:
    rows = len(search.summaries)
    return rows * (0.42 if rows <= 40 else 0.25) + 1.3
