"""What is measured: plans of three maps by growing networks, and of growing maps by one network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plan_table.instances import request_for
from plan_table.measure import timed

from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import SkyMap
from telescopes.description.telescope import Telescope

from .networks import network, split

COUNTS = (5, 10, 20, 50, 100, 200, 300)
SPLITS = (1, 2, 3)
USUAL = 20

BUDGETS_S = {
    "S190814bv.LALInference.v1.multiorder.fits": {20: 0.1, 100: 0.15, 300: 0.4},
    "S230518h.preliminary.bayestar.multiorder.fits": {20: 0.5, 100: 1.5, 300: 4.0},
    "S190425z.LALInference.multiorder.fits": {20: 1.0, 100: 3.0, 300: 10.0},
}
"""CPU seconds that are promised, by map and number of telescopes."""


@dataclass(frozen=True, slots=True)
class Point:
    """One plan: the map, its cells (each split `split` times in four), the telescopes, and what came of it."""

    sky: str
    telescopes: int
    split: int
    cells: int
    cpu_s: float
    pointings: int
    planned: float

    @property
    def budget_s(self) -> float | None:
        """What is promised; None: nothing is."""
        return BUDGETS_S[self.sky].get(self.telescopes) if self.split == 0 else None


def measure(folder: Path, known: Sequence[Telescope], most_telescopes: int, most_split: int) -> Iterator[Point]:
    """Measure, map by map: first ever more telescopes, then ever more cells."""
    for name in BUDGETS_S:
        sky = read_skymap((folder / name).read_bytes(), name)
        for count in (c for c in COUNTS if c <= most_telescopes):
            yield _point(name, sky, network(known, count), 0)
        for times in (s for s in SPLITS if s <= most_split):
            yield _point(name, split(sky, times), network(known, USUAL), times)


def _point(name: str, sky: SkyMap, telescopes: Sequence[Telescope], times: int) -> Point:
    made, cpu_s = timed(request_for(sky, name, telescopes, "probability"), sky)
    event = made.events[0]
    return Point(name, len(telescopes), times, sky.order.size, cpu_s, len(event.pointings), event.figures.planned)


def table(points: Sequence[Point]) -> str:
    """Render the points as a markdown table; a budget that is missed is marked."""
    lines = ["| map | cells | telescopes | CPU s | budget | pointings | planned |", "|" + " --- |" * 7]
    for p in points:
        budget = "" if p.budget_s is None else f"{p.budget_s:g}" + (" missed" if p.cpu_s > p.budget_s else "")
        lines.append(
            f"| {p.sky} | {p.cells} | {p.telescopes} | {p.cpu_s:.3f} | {budget} | {p.pointings} | {p.planned:.4f} |"
        )
    return "\n".join(lines) + "\n"
