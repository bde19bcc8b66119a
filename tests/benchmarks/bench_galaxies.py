"""What galaxies cost: an index made and queried, and one million galaxies weighed and planned for ten telescopes.

Run ``python tests/benchmarks/bench_galaxies.py [ROWS]``; ROWS (default 1,000,000; GLADE+ has 22 million) is the size
of a made-up catalogue that fills the sky. It prints markdown tables. CPU seconds are of this process, the least of a
few runs; memory is what the building process ever held.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np

from coordinator.catalogues.columns import GLADE_PLUS
from coordinator.catalogues.index import GalaxyIndex
from coordinator.planning.catalogue import Catalogue
from coordinator.planning.completeness import Completeness
from coordinator.planning.galaxies import Galaxies
from coordinator.planning.galaxy_fields import galaxy_fields
from coordinator.planning.galaxy_memory import GALAXY_MEMORY
from coordinator.planning.galaxy_weights import galaxy_targets
from coordinator.planning.luminosity import B_BAND
from coordinator.planning.make import plan
from coordinator.planning.request import EventToPlan, Objective, PlanRequest, TelescopeToPlan
from coordinator.sky.nested import MAX_ORDER, pixel_vectors
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_ranges
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.footprint import Rectangle
from telescopes.description.site_file import default_sites_folder, read_sites

ROOT = Path(__file__).resolve().parents[2]
MAPS = (
    "S190814bv.LALInference.v1.multiorder.fits",
    "S230518h.preliminary.bayestar.multiorder.fits",
    "S190425z.LALInference.multiorder.fits",
)
CHUNK = 100_000
RUNS = 5
TELESCOPES = 10
POINTINGS = 150
"""Of each telescope in the window."""

Result = TypeVar("Result")

BUILD = """
import resource, sys
from pathlib import Path
from typing import TypeVar
from coordinator.catalogues.build import build
build([Path(sys.argv[1])], Path(sys.argv[2]))
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def main() -> None:
    """Make the catalogue, the index and the tables."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as work:
        index = built(rows, Path(work))
        queried(index)
    weighed()
    planned()


def built(rows: int, work: Path) -> GalaxyIndex:
    """Write a catalogue as GLADE+ has it and index it in a process of its own."""
    table = work / "made_up.txt"
    with table.open("w") as file:
        for chunk in glade_like(rows):
            file.write(chunk)
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(table), str(work / "index")], capture_output=True, text=True, check=True
    )
    cpu_s, memory = map(float, done.stdout.split())
    size = sum(file.stat().st_size for file in (work / "index").iterdir())
    print("| rows | table MB | CPU s | memory MiB | index MB |\n|---|---|---|---|---|")
    print(f"| {rows:,} | {table.stat().st_size / 1e6:.0f} | {cpu_s:.1f} | {memory:.0f} | {size / 1e6:.0f} |\n")
    table.unlink()
    return GalaxyIndex.open(work / "index")


def glade_like(rows: int) -> Iterator[str]:
    """Lines of 40 values: position, B and K, redshift, distance with error, mass of some."""
    rng = np.random.default_rng(1)
    at = {name: i for i, name in enumerate(GLADE_PLUS)}
    for start in range(0, rows, CHUNK):
        count = min(CHUNK, rows - start)
        ra, dec = rng.uniform(0, 360, count), np.degrees(np.arcsin(rng.uniform(-1, 1, count)))
        mpc = 1500 * rng.uniform(0, 1, count) ** (1 / 3)
        lines = [["null"] * len(GLADE_PLUS) for _ in range(count)]
        for i, line in enumerate(lines):
            line[at["GLADE"]], line[at["Type"]] = str(start + i), "G"
            line[at["RA"]], line[at["Dec"]] = f"{ra[i]:.6f}", f"{dec[i]:.6f}"
            line[at["Bmag"]], line[at["z_cmb"]] = f"{5 * np.log10(mpc[i]) + 5:.3f}", f"{mpc[i] / 4300:.5f}"
            line[at["dL"]], line[at["e_dL"]] = f"{mpc[i]:.3f}", f"{mpc[i] / 20:.3f}"
            line[at["M*"]] = f"{rng.exponential():.4f}" if i % 3 else "null"
        yield "\n".join(map(" ".join, lines)) + "\n"


def queried(index: GalaxyIndex) -> None:
    """Time queries by region and distance."""
    print("| region deg2 | ranges | within Mpc | galaxies | CPU s | memory MiB more |\n|---|---|---|---|---|---|")
    for sky, within in [(sky, w) for sky in maps().values() for w in ((100.0, 400.0), None)]:
        region = credible_ranges(sky, 0.99)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found, cpu_s = timed(lambda region=region, within=within: sum(map(len, index.lots(region, within))))
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        span = "any" if within is None else f"{within[0]:.0f} to {within[1]:.0f}"
        print(f"| {region.area_deg2:.0f} | {region.low.size} | {span} | {found:,} | {cpu_s:.3f} | {more:.0f} |")
    print()


def weighed() -> None:
    """Time the choice of galaxies and of fields for narrow telescopes, one million galaxies in the region."""
    print("| region deg2 | galaxies | kept | weights CPU s | fields of 10 telescopes CPU s | fields | all CPU s |")
    print("|---|---|---|---|---|---|---|")
    held = Completeness.to_limit(B_BAND, 17.5)
    for sky in maps().values():
        galaxies = million(credible_ranges(sky, 0.99))
        targets, weights_s = timed(
            lambda galaxies=galaxies, sky=sky: galaxy_targets([galaxies], sky, TELESCOPES * POINTINGS, held)
        )
        assert targets is not None
        seen = [np.random.default_rng(k).random(len(targets.galaxies)) < 0.6 for k in range(TELESCOPES)]
        sizes = [Rectangle(0.06 + 0.006 * k, 0.06 + 0.005 * k) for k in range(TELESCOPES)]
        fields, fields_s = timed(
            lambda targets=targets, seen=seen, sizes=sizes: [
                galaxy_fields(size, targets, mask, 4 * POINTINGS) for size, mask in zip(sizes, seen, strict=True)
            ]
        )
        area = credible_ranges(sky, 0.99).area_deg2
        print(
            f"| {area:.0f} | {len(galaxies):,} | {len(targets.galaxies):,} | {weights_s:.3f} | {fields_s:.3f} "
            f"| {sum(map(len, fields)):,} | {weights_s + fields_s:.3f} |"
        )


def planned() -> None:
    """Time whole plans of 24 hours for the shipped telescopes that go to galaxies: the first, and warm."""
    print("\n| region deg2 | objective | pointings | galaxies in them | duplicates | first CPU s | warm CPU s |")
    print("|---|---|---|---|---|---|---|")
    network = [t for t in read_sites(default_sites_folder()) if t.observing.strategy == "galaxies"]
    assert len(network) == TELESCOPES
    objectives: tuple[Objective, ...] = ("detection", "probability")
    for name, sky in maps().items():
        region = credible_ranges(sky, 0.99)
        galaxies = million(region)
        catalogue = {name: Catalogue((galaxies,), Completeness.to_limit(B_BAND, 17.5))}
        for objective in objectives:
            t0 = sky.facts.t0 or datetime(2026, 11, 24, tzinfo=UTC)
            event = EventToPlan("made-up", 1, name, t0, objective=objective)
            everybody = tuple(TelescopeToPlan(t, t0) for t in network)
            request = PlanRequest((event,), everybody, t0, t0 + timedelta(hours=24))
            made, spent = plan(request, {name: sky}, catalogue), []
            for _ in range(RUNS):
                begin = time.process_time()
                made = plan(request, {name: sky}, catalogue)
                spent.append(time.process_time() - begin)
            first_s = first_plan_s(request, sky, catalogue)
            pixel = galaxies.key >> 2 * (MAX_ORDER - RANGE_ORDER)
            seen = Ranges.union_of(p.ranges for p in made.pointings if p.why.startswith("galaxy")).contains(pixel).sum()
            figures = made.events[0].figures
            print(
                f"| {region.area_deg2:.0f} | {objective} | {len(made.pointings)} | {seen:,} | {figures.duplicates} "
                f"| {first_s:.2f} | {min(spent):.2f} |"
            )


def first_plan_s(request: PlanRequest, sky: SkyMap, catalogue: dict[str, Catalogue]) -> float:
    """CPU seconds of a plan for which neither the map nor its galaxies are ready."""
    (name,) = catalogue
    fresh, anew = replace(sky), {name: replace(catalogue[name])}
    GALAXY_MEMORY.clear()
    begin = time.process_time()
    plan(request, {name: fresh}, anew)
    return time.process_time() - begin


def million(region: Ranges) -> Galaxies:
    """One million galaxies strewn over a region, out to 500 Mpc."""
    rng = np.random.default_rng(2)
    spans = region.high - region.low
    which = rng.choice(spans.size, 1_000_000, p=spans / spans.sum())
    place = pixel_vectors(20, ((region.low[which] << 16) + rng.integers(0, spans[which] << 16)))
    ra, dec = np.degrees(np.arctan2(place[:, 1], place[:, 0])) % 360, np.degrees(np.arcsin(place[:, 2]))
    mpc = 500 * rng.uniform(0.001, 1, 1_000_000) ** (1 / 3)
    mass = np.where(rng.random(1_000_000) < 0.6, 10 ** rng.normal(10, 0.7, 1_000_000), np.nan)
    return Galaxies.of(ra, dec, mpc, distance_err_mpc=mpc * 0.1, b_mag=5 * np.log10(mpc) + 5, mass_msun=mass)


def maps() -> dict[str, SkyMap]:
    """Real maps where they are, else a round one."""
    data = Path(os.environ.get("ARMILLARY_DATA", ROOT / ".." / "shared" / "data")) / "skymaps"
    if data.is_dir():
        return {name: read_skymap((data / name).read_bytes(), name) for name in MAPS}
    ipix = np.arange(12 * 4**7)
    near = np.exp((pixel_vectors(7, ipix)[:, 0] - 1) / 0.1**2)
    return {"round": SkyMap(np.full(ipix.size, 7), ipix, near / near.sum(), MapFacts("", None, 150.0, 40.0))}


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Result and least CPU seconds of a few runs."""
    spent = []
    for _ in range(RUNS):
        begin = time.process_time()
        result = work()
        spent.append(time.process_time() - begin)
    return result, min(spent)


if __name__ == "__main__":
    main()
