"""Maps of simulated mergers held against the truth and against what is published; a P-P plot.

Run ``python tests/benchmarks/bench_maps.py [EVENTS]`` (default 500); prints a markdown table, writes the picture to
``docs/images/world-pp.svg`` (to ``build`` for fewer events), and ends with 1 where levels are not even (Kolmogorov and
Smirnov, p below 0.01).
"""

import io
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from scipy.stats import kstest

from coordinator.simulation.world.checked_maps import O3_PUBLISHED, CheckedMap, Scenario, checked_maps

LEAST_P = 0.01
HEAD = (
    "detectors",
    "events",
    "median distance, Mpc",
    "published",
    "median 90 % area, deg²",
    "published",
    "p of even levels",
)
ROOT = Path(__file__).resolve().parents[2]
WHOLE = 500
STYLE: Any = {"svg.hashsalt": "armillary", "svg.fonttype": "none", "font.size": 9.0, "font.family": "sans-serif"}


def main(events: int) -> int:
    """Check the published scenario."""
    print("| " + " | ".join(HEAD) + " |")
    print("|" + " --- |" * len(HEAD))
    maps = list(islice(checked_maps(np.random.default_rng(1), O3_PUBLISHED), events))
    p = float(kstest([m.level for m in maps], "uniform").pvalue)
    print("| " + " | ".join(row(O3_PUBLISHED, maps, p)) + " |", flush=True)
    file = ROOT / ("docs/images" if events >= WHOLE else "build") / "world-pp.svg"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(picture(maps))
    print(f"\n{file}", file=sys.stderr)
    return int(p < LEAST_P)


def row(scenario: Scenario, maps: Sequence[CheckedMap], p: float) -> list[str]:
    """One scenario, with the error of each median by resampling."""
    distance, area = [m.distance_mpc for m in maps], [m.area90_deg2 for m in maps]
    return [
        scenario.name,
        str(len(maps)),
        with_error(distance),
        published(scenario.distance_mpc),
        with_error(area),
        published(scenario.area90_deg2),
        f"{p:.2f}",
    ]


def with_error(values: Sequence[float]) -> str:
    """Median, and its 90 % interval by resampling."""
    rng, sample = np.random.default_rng(0), np.array(values)
    medians = [np.median(rng.choice(sample, sample.size)) for _ in range(500)]
    low, high = np.percentile(medians, [5.0, 95.0])
    return f"{np.median(sample):.0f} ({low:.0f} to {high:.0f})"


def published(its: tuple[float, float, float]) -> str:
    """What is published, and its interval."""
    return f"{its[1]:.0f} ({its[0]:.0f} to {its[2]:.0f})"


def picture(maps: Sequence[CheckedMap]) -> bytes:
    """Draw the share of mergers inside the region of each level, with the band in which 99 % of even ones stay."""
    levels = np.sort([m.level for m in maps])
    share, level, off = (
        (np.arange(levels.size) + 0.5) / levels.size,
        np.linspace(0.0, 1.0, 101),
        1.63 / levels.size**0.5,
    )
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.6, 4.6), layout="constrained")
        axes = figure.add_subplot()
        axes.fill_between(level, level - off, level + off, color="0.85", label="99 % of even ones")
        axes.plot(levels, share, color="C0", linewidth=1.2, label=f"{levels.size} mergers")
        axes.set(xlabel="level of the region", ylabel="share of mergers inside", xlim=(0, 1), ylim=(0, 1))
        axes.legend(loc="upper left", frameon=False)
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else WHOLE))
