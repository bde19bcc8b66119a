"""The picture of a reliability curve; the same figures give the same bytes."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from coordinator.vetting.calibration.reliability import Bin

STYLE: Any = {"svg.hashsalt": "armillary", "svg.fonttype": "none", "font.size": 9.0, "font.family": "sans-serif"}


def picture(curves: Mapping[str, Sequence[Bin]]) -> bytes:
    """Draw share that came true against what was said, with 95 % intervals; full where a bin has 30 members."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.2 * len(curves), 4.2), layout="constrained")
        for n, (name, bins) in enumerate(curves.items(), start=1):
            axes = figure.add_subplot(1, len(curves), n)
            axes.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
            for b in bins:
                if not b.members:
                    continue
                low, high = b.interval
                axes.plot([b.mean_said] * 2, [low, high], color="C0", linewidth=1.0)
                axes.plot(b.mean_said, b.share, "o", color="C0", markerfacecolor="C0" if b.is_judged else "white")
                axes.annotate(
                    str(b.members), (b.mean_said, high), textcoords="offset points", xytext=(3, 2), fontsize=7
                )
            axes.set(title=name, xlabel="said", ylabel="came true", xlim=(-0.02, 1.02), ylim=(-0.02, 1.05))
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
