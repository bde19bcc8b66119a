"""How early a plan covers what it covers: thirty telescopes with like fields, and the reference network.

Run ``python tests/benchmarks/bench_early.py``; it prints a markdown table. Networks of like telescopes are copies of
sites that are shipped, on the built-in map; the network of 20 is the one in ARMILLARY_SITES, on maps of ARMILLARY_DATA.
"Mean" is the mean time from the start of the window to the end of the look that covers a piece of the plan's value:
the integral over time of what is not covered yet, over what is covered in the end.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from plan_table.choices import ROOT
from plan_table.measure import timed

from coordinator.planning.plan import EventPlan
from coordinator.planning.request import EventToPlan, Objective, PlanRequest, TelescopeToPlan
from coordinator.simulation.built_in_map import built_in_map
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import SkyMap
from telescopes.description.site_file import default_sites_folder, read_sites
from telescopes.description.telescope import Telescope

MAPS = (
    "GW170817.GWTC1.multiorder.fits",
    "S190814bv.LALInference.v1.multiorder.fits",
    "S190814bv.bayestar.0.multiorder.fits",
    "S190425z.LALInference.multiorder.fits",
)
NARROW = ("abao-t70", "c2pu", "git", "iris")
"""Shipped sites with small fields that can look at the built-in map within minutes of its alert."""

ALERT_AFTER = timedelta(minutes=20)
HEADS = "network | map | objective | CPU s | pointings | at work | planned | detection | mean h | half h | 80 % h"


@dataclass(frozen=True, slots=True)
class Case:
    """A network, a map and a window."""

    name: str
    map: str
    sky: SkyMap
    telescopes: Sequence[Telescope]
    start: datetime
    hours: float
    objective: Objective


def main() -> None:
    """Plan each case and print a row for it."""
    data = Path(os.environ.get("ARMILLARY_DATA", ROOT / ".." / "shared" / "data")) / "skymaps"
    if not data.is_dir():
        sys.exit(f"no maps at {data}: set ARMILLARY_DATA")
    print(f"| {HEADS} |\n|{' --- |' * len(HEADS.split('|'))}")
    for case in (*_like_telescopes(), *_reference(data)):
        print(_row(case), flush=True)


def _like_telescopes() -> Iterator[Case]:
    sky, shipped = read_skymap(built_in_map()), {t.id: t for t in read_sites(default_sites_folder())}
    assert sky.facts.t0 is not None
    start = sky.facts.t0 + ALERT_AFTER
    for name, sites, count in (
        ("10 of .7 deg", ("git",), 10),
        ("30 of .4 deg", ("iris",), 30),
        ("30 of .4 to .7 deg", NARROW, 30),
    ):
        some = [replace(shipped[site], id=f"{site}-{n:02d}") for n in range(count) for site in [sites[n % len(sites)]]]
        tiling = [replace(t, observing=replace(t.observing, strategy="tiles")) for t in some]
        yield Case(f"{name}, 2 h", "built in", sky, tiling, start, 2.0, "probability")


def _reference(data: Path) -> Iterator[Case]:
    network = read_sites(Path(os.environ.get("ARMILLARY_SITES", default_sites_folder())))
    for name in MAPS:
        sky = read_skymap((data / name).read_bytes(), name)
        assert sky.facts.t0 is not None
        for objective in ("probability", "detection"):
            yield Case(
                f"reference, {len(network)}, 24 h",
                name.removesuffix(".multiorder.fits"),
                sky,
                network,
                sky.facts.t0,
                24.0,
                objective,
            )


def _row(case: Case) -> str:
    event = EventToPlan("lvk:S1", 1, case.sky.facts.sha256, case.start, objective=case.objective)
    seats = tuple(TelescopeToPlan(t, case.start) for t in case.telescopes)
    request = PlanRequest((event,), seats, case.start, case.start + timedelta(hours=case.hours))
    whole, cpu_s = timed(request, case.sky)
    made = whole.events[0]
    figures, at_work = made.figures, sum(t.pointings > 0 for t in made.telescopes)
    mean, half, most = _hours(made, case.start)
    detection = "-" if figures.detection is None else f"{figures.detection:.4f}"
    return (
        f"| {case.name} | {case.map} | {made.objective} | {cpu_s:.2f} "
        f"| {len(made.pointings)} | {at_work} of {len(case.telescopes)} | {figures.planned:.4f} | {detection} "
        f"| {mean:.2f} | {half:.2f} | {most:.2f} |"
    )


def _hours(made: EventPlan, start: datetime) -> tuple[float, float, float]:
    """Mean time of coverage, and the times by which half and 80 % of the plan's value are covered, hours."""
    ended = sorted(((p.end - start).total_seconds() / 3600.0, p.new_value) for p in made.pointings)
    total = sum(value for _, value in ended)
    mean = sum(hour * value for hour, value in ended) / total
    return mean, _by(ended, 0.5 * total), _by(ended, 0.8 * total)


def _by(ended: Sequence[tuple[float, float]], wanted: float) -> float:
    covered = 0.0
    for hour, value in ended:
        covered += value
        if covered >= wanted:
            return hour
    return ended[-1][0]


if __name__ == "__main__":
    main()
