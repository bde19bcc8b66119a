"""The picture of docs/benchmarks.md: the same numbers give the same file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .series import BUDGETS_S, USUAL, Point

COLOURS = ("#0072b2", "#d55e00", "#009e73")
STYLE: Any = {"svg.hashsalt": "armillary", "svg.fonttype": "none", "font.size": 9.0, "font.family": "sans-serif"}


def draw(points: Sequence[Point], file: Path) -> None:
    """Draw CPU time against telescopes and against cells, and write it as SVG, without a date."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.0, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        _panel(left, [p for p in points if p.split == 0], "telescopes")
        _panel(right, [p for p in points if p.telescopes == USUAL], "cells")
        _budgets(left)
        left.set(xlabel="telescopes", ylabel="CPU time of a warm plan, s")
        right.set(xlabel=f"cells of the map, {USUAL} telescopes")
        left.legend(frameon=False, fontsize=8.0)
        file.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(file, format="svg", metadata={"Date": None})


def _panel(axes: Axes, points: Sequence[Point], against: str) -> None:
    for colour, sky in zip(COLOURS, BUDGETS_S, strict=True):
        mine = sorted((getattr(p, against), p.cpu_s) for p in points if p.sky == sky)
        if mine:
            axes.plot(*zip(*mine, strict=True), "o-", color=colour, markersize=3.5, label=sky.rsplit(".", 2)[0])
    axes.set(xscale="log", yscale="log")
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)


def _budgets(axes: Axes) -> None:
    """Mark what is promised by a short bar of the map's colour."""
    label: str | None = "budget"
    for colour, budgets in zip(COLOURS, BUDGETS_S.values(), strict=True):
        axes.plot(
            list(budgets), list(budgets.values()), "_", color=colour, markersize=12, markeredgewidth=2, label=label
        )
        label = None
