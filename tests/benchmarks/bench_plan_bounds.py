"""How near plans come to the bound on their own candidates, by probability: every map, 3, 10 and 20 telescopes.

Efforts fast and best, each over the bound of its own candidates.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from plan_table.instances import NETWORKS, maps_in, network_of, request_for

from coordinator.planning.make import plan
from coordinator.planning.request import Effort
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import SkyMap
from telescopes.description.site_file import read_sites
from telescopes.description.telescope import Telescope

ROOT = Path(__file__).resolve().parents[2]
EFFORTS: tuple[Effort, ...] = ("fast", "best")


@dataclass(frozen=True, slots=True)
class Reached:
    """What a plan came to: as a share of its bound (None: it has none), in probability, and in CPU seconds."""

    ratio: float | None
    planned: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{'-' if self.ratio is None else f'{self.ratio:.4f}'} ({self.planned:.4f}, {self.cpu_s:.1f} s)"


def reached(sky: SkyMap, name: str, telescopes: tuple[Telescope, ...], effort: Effort) -> Reached:
    """Plan and prove; the CPU time is that of both."""
    request = replace(request_for(sky, name, telescopes, "probability", effort), prove=True)
    begin = time.process_time()
    figures = plan(request, {sky.facts.sha256: sky}).events[0].figures
    cpu_s = time.process_time() - begin
    ratio = figures.planned / figures.bound_candidates if figures.bound_candidates else None
    return Reached(ratio, figures.planned, cpu_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="maps whose name holds this")
    asked = parser.parse_args()
    data, sites = (
        os.environ.get("ARMILLARY_DATA"),
        os.environ.get("ARMILLARY_SITES", str(ROOT / "telescopes" / "sites")),
    )
    if data is None:
        sys.exit("ARMILLARY_DATA is not set: name the folder that holds skymaps/")
    known = read_sites(Path(sites))
    print("| map | telescopes | fast: ratio (planned, CPU) | best: ratio (planned, CPU) |")
    print("| --- | --- | --- | --- |")
    for path in (p for p in maps_in(Path(data) / "skymaps") if asked.only in p.name):
        sky = read_skymap(path.read_bytes(), path.name)
        for count in NETWORKS:
            telescopes = network_of(known, count, "tiles")
            fast, best = (reached(sky, path.name, telescopes, effort) for effort in EFFORTS)
            print(f"| {path.name.split('.fits')[0]} | {count} | {fast} | {best} |", flush=True)


if __name__ == "__main__":
    main()
