"""What a cone search costs: a catalogue of point objects that fills the sky, asked around many places at once.

Run ``python tests/benchmarks/bench_cones.py [ROWS]``; ROWS is 1,000,000 by default. It prints a markdown table. CPU
seconds are of this process, the least of a few runs.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from coordinator.catalogues.build_points import PointsToBuild, build_points
from coordinator.catalogues.points import PointIndex

RUNS = 5
SIZES = (1, 1_000, 20_000, 1_000_000)
RADII_ARCSEC = (2.0, 15.0)


def main() -> None:
    """Build the catalogue and time its cones."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as work:
        index = built(rows, Path(work), rng)
        print(
            "| rows | cones at once | radius arcsec | rows found | CPU s | cones a second |\n|---|---|---|---|---|---|"
        )
        for cones in SIZES:
            places = strewn(cones, rng)
            for radius in RADII_ARCSEC:
                spent = []
                for _ in range(RUNS):
                    begin = time.process_time()
                    found = index.within(*places, radius)
                    spent.append(time.process_time() - begin)
                least = min(spent)
                print(
                    f"| {rows:,} | {cones:,} | {radius:g} | {found.row.size:,} | {least:.4f} | {cones / least:,.0f} |"
                )


def built(rows: int, work: Path, rng: np.random.Generator) -> PointIndex:
    """Write a table and index it."""
    ra, dec = strewn(rows, rng)
    np.savetxt(work / "points.csv", np.stack([ra, dec], 1), "%.7f", ",", header="ra,dec", comments="")
    begin = time.process_time()
    build_points([work / "points.csv"], work / "points", PointsToBuild("stars"))
    print(f"built in {time.process_time() - begin:.1f} s of CPU\n")
    return PointIndex.open(work / "points")


def strewn(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Places even over the sphere, degrees."""
    return rng.uniform(0, 360, count), np.degrees(np.arcsin(rng.uniform(-1, 1, count)))


if __name__ == "__main__":
    main()
