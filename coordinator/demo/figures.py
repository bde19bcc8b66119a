"""Figures of the report: the sky, the coverage against time, each telescope's timeline."""

import base64
import io
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coordinator.dashboard.contours import contour
from coordinator.dashboard.outlines import field_outline
from coordinator.demo.stage import Stage
from coordinator.demo.witness import Witness
from coordinator.dispatch.assignment import Assignment
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from coordinator.sky.regions import peak
from telescopes.description.states import LATE_TRUTH

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A6F00", "#B84700")
SHOWN_DEG = 25.0


def figures(stage: Stage, witness: Witness) -> dict[str, str]:
    """Return the figures by name, each as the base64 of an SVG."""
    colour = {t.id: COLOURS[i % len(COLOURS)] for i, t in enumerate(stage.cast.telescopes)}
    with mpl.rc_context({"svg.hashsalt": "armillary", "font.size": 9}):
        return {
            "sky": _svg(_sky(stage, witness, colour)),
            "coverage": _svg(_coverage(stage, witness)),
            "timeline": _svg(_timeline(stage, witness, colour)),
        }


def _svg(figure: Figure) -> str:
    out = io.BytesIO()
    figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    return base64.b64encode(out.getvalue()).decode()


def _sky(stage: Stage, witness: Witness, colour: dict[str, str]) -> Figure:
    figure = Figure(figsize=(7.5, 6))
    axes = figure.subplots()
    centre = peak(stage.revisions[-1].sky)
    curve = ProbabilityCurve.of(stage.revisions[-1].sky)
    for level, style in ((0.5, "-"), (0.9, "--")):
        for loop in contour(curve, level).polygons:
            _draw(axes, loop, centre, color="black", linestyle=style, linewidth=1.2)
    for one in witness.state.pointings.assignments.values():
        _field(axes, stage, one, centre, colour[one.telescope])
    x, y = _plane(np.array([stage.injected.ra_deg]), np.array([stage.injected.dec_deg]), centre)
    axes.plot(x, y, marker="*", color="red", markersize=14, linestyle="none", label="injected source")
    for name, hue in colour.items():
        axes.plot([], [], color=hue, label=name)
    axes.set(xlabel="east of the peak, degrees", ylabel="north, degrees", aspect="equal")
    axes.invert_xaxis()
    axes.legend(fontsize=7, loc="upper right")
    axes.set_title("last map: 50 % (solid), 90 % (dashed); fields observed (filled) and given up (dotted)")
    return figure


def _field(axes: Axes, stage: Stage, one: Assignment, centre: tuple[float, float], hue: str) -> None:
    asked = one.offered.pointing
    done = one.state in LATE_TRUTH
    network = {t.id: t for t in stage.cast.telescopes}
    place = (asked.ra_deg, asked.dec_deg)
    for loop in field_outline(network, one.telescope, asked.instrument_id, place, asked.position_angle_deg) or ():
        line = {"color": hue, "linewidth": 1.0, "linestyle": "-" if done else ":"}
        _draw(axes, loop, centre, fill=hue if done else None, **line)


def _draw(axes: Axes, loop: Any, centre: tuple[float, float], fill: str | None = None, **line: Any) -> None:
    points = np.asarray(loop, float)
    x, y = _plane(points[:, 0], points[:, 1], centre)
    if np.hypot(x, y).min() > SHOWN_DEG:
        return
    axes.plot(np.r_[x, x[:1]], np.r_[y, y[:1]], **line)
    if fill is not None:
        axes.fill(x, y, color=fill, alpha=0.15)


def _plane(ra_deg: Any, dec_deg: Any, centre: tuple[float, float]) -> tuple[Any, Any]:
    """Degrees east and north of the centre, equidistant enough for a picture."""
    east = (ra_deg - centre[0] + 180.0) % 360.0 - 180.0
    return east * np.cos(np.radians(dec_deg)), dec_deg - centre[1]


def _coverage(stage: Stage, witness: Witness) -> Figure:
    figure = Figure(figsize=(7.5, 3))
    axes = figure.subplots()
    curve, book = ProbabilityCurve.of(stage.revisions[-1].sky), witness.state.pointings
    done = sorted((a for a in book.assignments.values() if a.observed), key=lambda a: a.ended)
    hours, share, seen = [0.0], [0.0], Ranges.empty()
    for one in done:
        seen = seen.union(book.ranges(one))
        hours.append((one.ended - stage.start).total_seconds() / 3600.0)
        share.append(curve.probability(seen))
    axes.step(hours, share, where="post", color="#0072B2")
    axes.set(xlabel="hours of sky time after the alert", ylabel="probability observed", ylim=(0, 1))
    axes.grid(alpha=0.3)
    return figure


def _timeline(stage: Stage, witness: Witness, colour: dict[str, str]) -> Figure:
    names = [t.id for t in stage.cast.telescopes]
    figure = Figure(figsize=(7.5, 0.4 * len(names) + 1))
    axes = figure.subplots()
    for one in witness.state.pointings.assignments.values():
        start, end = one.began, one.actual_end or one.offered.planned_end
        left = (start - stage.start).total_seconds() / 3600.0
        done = one.state in LATE_TRUTH
        axes.barh(
            names.index(one.telescope),
            max((end - start).total_seconds() / 3600.0, 0.01),
            left=left,
            color=colour[one.telescope] if done else "none",
            edgecolor="black" if one.late else colour[one.telescope],
            linewidth=0.8,
        )
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set(xlabel="hours of sky time after the alert (filled: observed; empty: given up; black edge: late truth)")
    return figure
