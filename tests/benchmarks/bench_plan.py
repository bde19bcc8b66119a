"""How long a plan takes, warm, and what it is worth.

Run ``python tests/benchmarks/bench_plan.py [MAP...]``; it prints a markdown table. The network is the one that is
shipped, or the folder in ARMILLARY_SITES; maps lie in ARMILLARY_DATA. CPU seconds are of this process, the least of
a few runs, without reading the map.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from plan_table.choices import ROOT
from plan_table.instances import TableObjective, request_for
from plan_table.measure import timed

from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import SkyMap
from telescopes.description.site_file import default_sites_folder, read_sites
from telescopes.description.telescope import Telescope

MAPS = (
    "GW170817.GWTC1.multiorder.fits",
    "S190814bv.LALInference.v1.multiorder.fits",
    "S230518h.preliminary.bayestar.multiorder.fits",
    "S190425z.LALInference.multiorder.fits",
)
OBJECTIVES: tuple[TableObjective, ...] = ("probability", "detection")
HEADS = "map | 90 % area deg2 | objective | CPU s | pointings | planned | detection | bound | redundancy | duplicates"


def main() -> None:
    """Plan each map by either objective and print a row for each."""
    data = Path(os.environ.get("ARMILLARY_DATA", ROOT / ".." / "shared" / "data")) / "skymaps"
    if not data.is_dir():
        sys.exit(f"no maps at {data}: set ARMILLARY_DATA")
    telescopes = read_sites(Path(os.environ.get("ARMILLARY_SITES", default_sites_folder())))
    print(f"{len(telescopes)} telescopes, 24 hours\n\n| {HEADS} |\n|{' --- |' * len(HEADS.split('|'))}")
    for name in sys.argv[1:] or MAPS:
        sky = read_skymap((data / name).read_bytes(), name)
        for objective in OBJECTIVES:
            print(_row(name, sky, telescopes, objective), flush=True)


def _row(name: str, sky: SkyMap, telescopes: list[Telescope], objective: TableObjective) -> str:
    whole, cpu_s = timed(request_for(sky, name, telescopes, objective), sky)
    made = whole.events[0]
    figures = made.figures
    detection = "-" if figures.detection is None else f"{figures.detection:.4f}"
    return (
        f"| {name} | {made.area90_deg2:.0f} | {made.objective} | {cpu_s:.2f} | {len(made.pointings)} "
        f"| {figures.planned:.4f} | {detection} | {figures.bound:.4f} {figures.bound_kind} "
        f"| {figures.redundancy:.3f} | {figures.duplicates} |"
    )


if __name__ == "__main__":
    main()
