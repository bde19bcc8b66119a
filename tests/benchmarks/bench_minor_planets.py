"""What minor planets cost: elements read, bodies placed on days, and places asked for.

Run ``python tests/benchmarks/bench_minor_planets.py [BODIES]``; BODIES (default 1,400,000, as many as MPCORB has) is
the size of a made-up MPCORB.DAT. It prints a markdown table. CPU seconds are of this process; memory is the most that
the process ever held: one that reads and builds, one that searches.
"""

import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from builders.minor_planets import asteroids

from coordinator.catalogues.minor_planets.build import build
from coordinator.catalogues.minor_planets.elements import GAUSS, Elements
from coordinator.catalogues.minor_planets.possible import Seen
from coordinator.catalogues.minor_planets.read import read_elements
from coordinator.catalogues.minor_planets.search import MinorPlanets
from telescopes.description.telescope import Site

DAYS = [date(2025, 11, 20), date(2025, 11, 21), date(2025, 11, 22)]
NOON = datetime(2025, 11, 21, 12, tzinfo=UTC)
SITE = Site(28.3, -16.5, 2400.0)
SINGLE, BATCH = 300, 5_000


def main() -> None:
    """Make a file, have it read and built, then search."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_400_000
    with tempfile.TemporaryDirectory() as work:
        table, folder = Path(work) / "MPCORB.DAT", Path(work) / "positions"
        write(asteroids(count), table)
        print(f"| what | {count:,} bodies |\n| --- | --- |")
        for step in ("build", "search"):
            done = [sys.executable, __file__, step, str(table), str(folder)]
            print(subprocess.run(done, check=True, text=True, capture_output=True).stdout, end="")
        sizes = [(folder / name).stat().st_size / 1e6 for name in ("elements.npy", f"{DAYS[1]}.npy")]
        print(f"| on disk: elements / a day | {sizes[0]:.0f} / {sizes[1]:.0f} MB |")


def built(table: Path, folder: Path) -> None:
    """Read and build, and say what it took."""
    begin = time.process_time()
    read = read_elements(table)
    middle = time.process_time()
    build(read.elements, folder, DAYS)
    end = time.process_time()
    print(f"| MPCORB.DAT read | {middle - begin:.1f} s |")
    print(f"| placed on a day | {(end - middle) / len(DAYS):.1f} s |")
    print(f"| memory of both | {held_mib():.0f} MiB |")


def searched(folder: Path) -> None:
    """Ask for single places and for many."""
    known, rng = MinorPlanets.open(folder), np.random.default_rng(7)
    known.near([Seen(10.0, 10.0, NOON, site=SITE)])
    for where, width in (("near the ecliptic", 5.0), ("all over the sky", 180.0)):
        spent = []
        for one in places(SINGLE, width, rng):
            begin = time.perf_counter()
            known.near([one])
            spent.append(time.perf_counter() - begin)
        half, most = np.percentile(spent, [50, 99]) * 1e3
        many = places(BATCH, width, rng)
        begin = time.process_time()
        found = sum(len(answer.found) for answer in known.near(many))
        rate = BATCH / (time.process_time() - begin)
        print(f"| a place {where}, one by one: p50 / p99 | {half:.1f} / {most:.1f} ms |")
        print(f"| {BATCH:,} places {where} at once | {rate:,.0f}/s, {found:,} bodies within 25 arcsec |")
    print(f"| memory of a search | {held_mib():.0f} MiB |")


def places(count: int, width_deg: float, rng: np.random.Generator) -> list[Seen]:
    """Places within an ecliptic latitude, at any time of the middle day."""
    longitude = rng.uniform(0, 2 * np.pi, count)
    sin = rng.uniform(-1, 1, count) * np.sin(np.radians(min(width_deg, 90.0)))
    x, y = np.sqrt(1 - sin * sin) * np.cos(longitude), np.sqrt(1 - sin * sin) * np.sin(longitude)
    tilt = np.radians(23.44)
    ra = np.degrees(np.arctan2(y * np.cos(tilt) - sin * np.sin(tilt), x)) % 360
    dec = np.degrees(np.arcsin(y * np.sin(tilt) + sin * np.cos(tilt)))
    hours = rng.uniform(-12, 12, count)
    return [
        Seen(float(a), float(d), NOON + timedelta(hours=float(h)), site=SITE)
        for a, d, h in zip(ra, dec, hours, strict=True)
    ]


def write(elements: Elements, path: Path) -> None:
    """Write elements of epoch 2025-11-21 as MPCORB.DAT has them."""
    r = elements.records
    a = r["q_au"] / (1 - r["e"])
    motion = np.degrees(GAUSS / a**1.5)
    mean = (r["epoch_mjd"] - r["tp_mjd"]) * motion % 360
    columns = (r["name"], r["h_mag"], mean, r["peri_deg"], r["node_deg"], r["incl_deg"], r["e"], motion, a)
    with path.open("w") as file:
        file.write("MINOR PLANET CENTER ORBIT DATABASE (MPCORB)\n" + "-" * 160 + "\n")
        for name, h, m, peri, node, incl, e, n, axis in zip(*columns, strict=True):
            line = (
                f"0000000 {h:5.2f}  0.15 K25BL {m:9.5f}  {peri:9.5f}  {node:9.5f}  {incl:9.5f}  {e:9.7f} {n:11.8f} "
                f"{axis:11.7f}"
            )
            file.write(f"{line:<166}{name.decode():<28}20251121\n")


def held_mib() -> float:
    """Most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["build", table, folder]:
            built(Path(table), Path(folder))
        case ["search", _, folder]:
            searched(Path(folder))
        case _:
            main()
