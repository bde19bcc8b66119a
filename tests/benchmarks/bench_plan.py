"""How long a plan takes, warm, and what it is worth.

Run ``python tests/benchmarks/bench_plan.py [MAP...]``; it prints a markdown table. The network is the one that is
shipped, or the folder in ARMILLARY_SITES; maps lie in ARMILLARY_DATA. CPU seconds are of this process, the least of
a few runs, without reading the map.
"""

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from coordinator.planning.make import plan
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan
from coordinator.sky.read import read_skymap
from telescopes.description.site_file import default_sites_folder, read_sites

ROOT = Path(__file__).resolve().parents[2]
MAPS = (
    "GW170817.GWTC1.multiorder.fits",
    "S190814bv.LALInference.v1.multiorder.fits",
    "S230518h.preliminary.bayestar.multiorder.fits",
    "S190425z.LALInference.multiorder.fits",
)
RUNS = 3


def main() -> None:
    """Plan each map and print a row."""
    data = Path(os.environ.get("ARMILLARY_DATA", ROOT / ".." / "shared" / "data")) / "skymaps"
    if not data.is_dir():
        sys.exit(f"no maps at {data}: set ARMILLARY_DATA")
    telescopes = read_sites(Path(os.environ.get("ARMILLARY_SITES", default_sites_folder())))
    print("| map | 90 % area deg2 | telescopes | CPU s | pointings | planned | bound | redundancy | duplicates |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in sys.argv[1:] or MAPS:
        sky = read_skymap((data / name).read_bytes(), name)
        t0 = sky.facts.t0 or datetime(2022, 6, 17, 12, tzinfo=UTC)
        event = EventToPlan(name, 1, sky.facts.sha256, t0)
        asked = tuple(TelescopeToPlan(t, t0) for t in telescopes)
        request = PlanRequest((event,), asked, t0, t0 + timedelta(hours=24))
        spent = []
        for _ in range(RUNS + 1):
            begin = time.process_time()
            made = plan(request, {sky.facts.sha256: sky}).events[0]
            spent.append(time.process_time() - begin)
        figures = made.figures
        print(
            f"| {name} | {made.area90_deg2:.0f} | {len(telescopes)} | {min(spent[1:]):.2f} | {len(made.pointings)} "
            f"| {figures.planned:.4f} | {figures.bound:.4f} {figures.bound_kind} | {figures.redundancy:.3f} "
            f"| {figures.duplicates} |"
        )


if __name__ == "__main__":
    main()
