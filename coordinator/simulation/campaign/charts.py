"""Charts of a campaign's report; the same figures give the same bytes."""

import base64
import io
from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

STYLE: Any = {"svg.hashsalt": "armillary", "font.size": 9.0}
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A6F00", "#B84700")
FORESTS = (
    ("probability covered", "probability_covered"),
    ("probability of detection", "detection_probability"),
    ("counterpart found", "counterpart_found"),
    ("counterpart ranked first", "counterpart_rank1"),
    ("purity", "purity"),
    ("telescope use", "telescope_use"),
)


def charts(point: Mapping[str, Any]) -> dict[str, str]:
    """Draw one point of a sweep: each chart's title, and its SVG as base64."""
    policies = point["policies"]
    drawn: dict[str, Figure] = {
        "Probability covered against time": _coverage(policies),
        "Means with 90 % intervals": _forest(policies),
        "What was said of candidates, and what came true": _reliability(policies),
        "Time of each stage, medians of events": _stages(policies),
    }
    if point["marginal_worth"]:
        drawn["What would be lost without each telescope"] = _worth(point["marginal_worth"])
    return {title: _svg(figure) for title, figure in drawn.items()}


def sweep_chart(points: Iterable[Mapping[str, Any]]) -> str:
    """Draw probability of detection at every point of a sweep."""
    every = list(points)
    names = [_at(point) for point in every]
    policies = list(every[0]["policies"])
    figure = Figure(figsize=(7.5, 0.8 + 0.22 * len(every) * (len(policies) + 1)))
    axes = figure.subplots()
    for n, name in enumerate(policies):
        rows = [point["policies"][name]["detection_probability"] for point in every]
        _bars(axes, rows, (n + 1) / (len(policies) + 1) - 0.5, COLOURS[n % len(COLOURS)], name)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set(xlabel="probability of detection")
    axes.legend(fontsize=7)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    out = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    return base64.b64encode(out.getvalue()).decode()


def _at(point: Mapping[str, Any]) -> str:
    return ", ".join(f"{key.rpartition('.')[2]} {value}" for key, value in point["at"].items()) or "as it stands"


def _coverage(policies: Mapping[str, Any]) -> Figure:
    figure = Figure(figsize=(7.5, 3.4))
    axes = figure.subplots()
    for (name, its), hue in zip(policies.items(), _hues(), strict=False):
        rows = [(float(h), row) for h, row in its["covered_after_h"].items() if row["mean"] is not None]
        hours = [0.0, *(h for h, _ in rows)]
        axes.plot(hours, [0.0, *(row["mean"] for _, row in rows)], color=hue, label=name, marker="o", markersize=3)
        low, high = ([0.0, *(row[key] for _, row in rows)] for key in ("low", "high"))
        axes.fill_between(hours, low, high, color=hue, alpha=0.15, linewidth=0)
    axes.set(xlabel="hours after the merger", ylabel="probability covered", ylim=(0.0, None), xlim=(0.0, None))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7)
    return figure


def _forest(policies: Mapping[str, Any]) -> Figure:
    figure = Figure(figsize=(9.0, 1.6 + 0.5 * len(policies)))
    grid = figure.subplots(2, 3, sharey=True).flat
    for axes, (title, key) in zip(grid, FORESTS, strict=True):
        for n, (name, its) in enumerate(policies.items()):
            _bars(axes, [its[key]], float(n), COLOURS[n % len(COLOURS)], name)
        axes.set_yticks(range(len(policies)), list(policies))
        axes.set_title(title, fontsize=8)
        axes.grid(alpha=0.3, axis="x")
    axes.set_ylim(len(policies) - 0.5, -0.5)
    figure.tight_layout()
    return figure


def _bars(axes: Axes, rows: Iterable[Mapping[str, Any]], first: float, hue: str, label: str) -> None:
    """Draw means as points, with their intervals, a row below the other from `first`; what is unknown is left out."""
    known = [(first + n, row) for n, row in enumerate(rows) if row["mean"] is not None]
    axes.plot([row["mean"] for _, row in known], [y for y, _ in known], "o", color=hue, markersize=4, label=label)
    for y, row in known:
        axes.plot([row["low"], row["high"]], [y, y], color=hue, linewidth=1.2)


def _reliability(policies: Mapping[str, Any]) -> Figure:
    figure = Figure(figsize=(2.6 * len(policies) + 0.6, 2.9))
    every = figure.subplots(1, len(policies), sharey=True, squeeze=False).flat
    for axes, (name, its), hue in zip(every, policies.items(), _hues(), strict=False):
        axes.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
        for one in its["calibration"]:
            axes.plot([one["mean_said"]] * 2, [one["low"], one["high"]], color=hue, linewidth=1.0)
            axes.plot(one["mean_said"], one["share"], "o", color=hue, markersize=4)
            axes.annotate(str(one["members"]), (one["mean_said"], one["high"]), fontsize=6)
        axes.set(xlabel="said", xlim=(-0.03, 1.03), ylim=(-0.03, 1.08))
        axes.set_title(name, fontsize=8)
    figure.axes[0].set_ylabel("came true")
    return figure


def _stages(policies: Mapping[str, Any]) -> Figure:
    stages = list(next(iter(policies.values()))["stages_s"])
    figure = Figure(figsize=(7.5, 0.8 + 0.2 * len(stages) * (len(policies) + 1)))
    axes = figure.subplots()
    share = 1.0 / (len(policies) + 1)
    for n, (name, its) in enumerate(policies.items()):
        rows = [its["stages_s"][stage] for stage in stages]
        _bars(axes, rows, (n + 1) * share - 0.5, COLOURS[n % len(COLOURS)], name)
    axes.set_yticks(range(len(stages)), [stage.replace("_", " ") for stage in stages])
    axes.invert_yaxis()
    axes.set_xscale("symlog", linthresh=1.0)
    axes.set(xlabel="seconds of sky time", xlim=(0.0, None))
    axes.grid(alpha=0.3, axis="x")
    axes.legend(fontsize=7)
    return figure


def _worth(worth: Mapping[str, Any]) -> Figure:
    figure = Figure(figsize=(7.5, 0.8 + 0.25 * len(worth)))
    axes = figure.subplots()
    rows = sorted(worth.items(), key=lambda its: -(its[1]["detection_probability"]["mean"] or 0.0))
    _bars(axes, [its["detection_probability"] for _, its in rows], 0.0, COLOURS[0], "")
    axes.axvline(0.0, color="0.6", linewidth=0.8)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.invert_yaxis()
    axes.set(xlabel="probability of detection that is lost without it")
    return figure


def _hues() -> Iterable[str]:
    """Give a colour for each policy, the same in every chart."""
    while True:
        yield from COLOURS
