"""How the time of a plan grows with telescopes and with cells.

Run ``python tests/benchmarks/bench_plan_growth.py``; it prints a markdown table and draws docs/images/plan-growth.svg.
Sites are those that are shipped or lie in ARMILLARY_SITES, and varied ones beyond; maps lie in ARMILLARY_DATA.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from plan_growth.picture import draw
from plan_growth.series import BUDGETS_S, COUNTS, SPLITS, measure, table
from plan_table.choices import ROOT

from telescopes.description.errors import ArmillaryError
from telescopes.description.site_file import default_sites_folder, read_sites


def main() -> int:
    """Measure, print, draw."""
    p = argparse.ArgumentParser(description="CPU time of a plan against telescopes and cells.")
    p.add_argument("--most-telescopes", type=int, default=COUNTS[-1], metavar="N")
    p.add_argument("--most-split", type=int, default=SPLITS[-1], metavar="N", help="times a map's cells are quartered")
    p.add_argument("--svg", type=Path, default=ROOT / "docs" / "images" / "plan-growth.svg", metavar="FILE")
    asked = p.parse_args()
    folder = Path(os.environ.get("ARMILLARY_DATA", ROOT / ".." / "shared" / "data")).resolve() / "skymaps"
    missing = [name for name in BUDGETS_S if not (folder / name).is_file()]
    if missing:
        print(f"{folder}: there is no {missing[0]}; set ARMILLARY_DATA to the folder above skymaps/", file=sys.stderr)
        return 2
    points = []
    try:
        known = read_sites(Path(os.environ.get("ARMILLARY_SITES", default_sites_folder())))
        for point in measure(folder, known, asked.most_telescopes, asked.most_split):
            print(f"{point.sky} {point.telescopes} {point.cells}: {point.cpu_s:.2f} s", file=sys.stderr, flush=True)
            points.append(point)
    except ArmillaryError as error:
        print(error, file=sys.stderr)
        return 2
    print(table(points))
    draw(points, asked.svg)
    return 0


if __name__ == "__main__":
    sys.exit(main())
