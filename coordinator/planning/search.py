"""The search of one event in one visit: candidates, joint choice, times, prune, refill, until nothing changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from coordinator.planning.candidates import candidate_fields, leftover_fields
from coordinator.planning.cells import (
    COARSEST_ORDER,
    WIDE_ORDER,
    Blocks,
    Cells,
    Need,
    fine_cells,
    resolving_order,
)
from coordinator.planning.desk import Desk, Mask
from coordinator.planning.fields import Fields
from coordinator.planning.greedy import Bench, Tally, Terms, choose
from coordinator.planning.sequence import Timed, order_night, start_times
from coordinator.sky.coverage import size_deg
from telescopes.description.ephemeris import Array
from telescopes.description.footprint import Circle

HALF_AND_MARGIN = 0.55
"""Own share that a pointing must keep in order of start; cells are not the pixels that are counted at the end."""

SHARES = (HALF_AND_MARGIN,)
"""Own shares asked for while choosing, one after the other: a lower one only for slots that stay empty."""

LEAST_GAIN = 3e-5
"""Below 0.003 % of the probability a telescope's time is not worth taking."""

TILE_MARGIN = 0.8
"""A tile's box and its field differ a little."""

ROUND_REDUNDANCY = 0.35
"""Circles cannot cover the sky with less than 0.21."""

ROUNDS = 2
CELLS_ALONG_A_FIELD = 4.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be traded in a search."""

    shares: tuple[float, ...] = SHARES
    redundancy_when_full: float = 0.045
    redundancy_else: float = 0.09
    least_gain: float = LEAST_GAIN


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What is left in each cell before the search, and from when it may be looked at again (None: any time)."""

    left: Array
    ready_s: Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What a search is about.

    Attributes
    ----------
    cells : Cells
        As fine as wide fields need them.
    ground : callable
        What earlier looks have left, for any cells.
    desks : telescopes that take part
    seen : bool arrays, shape (blocks,), one per telescope
        What it can see at some time.
    tally : Tally
        What pointings that are kept hold already.
    """

    cells: Cells
    blocks: Blocks
    ground: Callable[[Cells], Ground]
    desks: Sequence[Desk]
    seen: Sequence[Mask]
    tally: Tally
    settings: Settings


@dataclass(slots=True, eq=False)
class Search:
    """The state of one search; `left` is the value per cell that nobody looks at."""

    task: Task
    cells: Cells
    ground: Ground
    left: Array
    benches: list[Bench]
    masks: list[Mask]
    timed: dict[str, list[Timed]] = field(default_factory=dict)

    @property
    def covered(self) -> float:
        """What the search covers of what was left."""
        return float(self.ground.left.sum() - self.left.sum())

    @property
    def settings(self) -> Settings:
        """What may be traded."""
        return self.task.settings


def search(task: Task) -> Search:
    """Search: wide fields first on coarse cells, then all on cells that are fine where narrow fields may look."""
    ground = task.ground(task.cells)
    state = Search(task, task.cells, ground, ground.left.copy(), [], [])
    wide = [k for k, desk in enumerate(task.desks) if _order(desk) <= WIDE_ORDER]
    narrow = [k for k in range(len(task.desks)) if k not in wide]
    _seat(state, wide)
    added = _fill(state)
    if narrow:
        _refine(state, narrow)
        _seat(state, narrow)
        added += _fill(state)
    removed = _settle(state)
    for turn in range(ROUNDS):
        if turn and not added and not removed:
            break
        _offer_more(state, turn)
        added = _fill(state)
        removed = _settle(state)
    while removed:  # each time fewer are left, and their times are those of what is left
        removed = _settle(state)
    return state


def _order(desk: Desk) -> int:
    return resolving_order(min(size_deg(desk.footprint)), CELLS_ALONG_A_FIELD)


def _seat(state: Search, numbers: Sequence[int]) -> None:
    """Give telescopes their candidate fields."""
    task = state.task
    index = task.blocks.of_cells(state.cells)
    least = state.settings.least_gain * TILE_MARGIN
    for k in numbers:
        desk = task.desks[k]
        # cells coarser than a narrow field would be covered whole by a part of it
        least_order = _order(desk) if _order(desk) > WIDE_ORDER else COARSEST_ORDER
        mask = task.seen[k][index] & (state.cells.order >= least_order)
        fields = candidate_fields(desk, state.cells, mask, state.left, least)
        bench = Bench(desk, fields, desk.slots(fields), fields.sums(state.cells.probability))
        bench.slots.visible &= _ready(state, desk, fields)
        state.benches.append(bench)
        state.masks.append(mask)


def _refine(state: Search, narrow: Sequence[int]) -> None:
    """Go over to cells that are fine where the narrow fields may look."""
    task = state.task
    index = task.blocks.of_cells(state.cells)
    desks = [task.desks[k] for k in narrow]
    needs = [Need(_order(d), task.seen[k][index], d.capacity_deg2) for k, d in zip(narrow, desks, strict=True)]
    cells, parent = fine_cells(state.cells, state.left, needs)
    state.ground = task.ground(cells)
    state.left = np.where(state.left[parent] > 0, state.ground.left, 0.0)
    state.cells, state.masks = cells, [mask[parent] for mask in state.masks]
    for bench in state.benches:
        bench.fields = bench.fields.on(parent)


def _ready(state: Search, desk: Desk, fields: Fields) -> Mask:
    """Say from which slot on each field may be looked at again, shape (fields, slots)."""
    if state.ground.ready_s is None:
        return np.ones((len(fields), 1), bool)
    worth = np.where((state.left > 0) & np.isfinite(state.ground.ready_s), state.ground.ready_s, -np.inf)
    latest = [float(worth[fields.cells_of(f)].max(initial=-np.inf)) for f in range(len(fields))]
    return np.asarray(desk.times.start_s[None, :] >= np.array(latest).reshape(-1, 1))


def _fill(state: Search) -> int:
    """Choose with falling own shares."""
    tally = _tally(state)
    most = _most_redundancy(state)
    return sum(
        choose(state.benches, state.left, tally, Terms(share, state.settings.least_gain, most))
        for share in state.settings.shares
    )


def _tally(state: Search) -> Tally:
    own = sum(float(b.value[b.placed()].sum()) for b in state.benches)
    return Tally(state.task.tally.own + own, state.task.tally.new + float(state.ground.left.sum() - state.left.sum()))


def _most_redundancy(state: Search) -> float:
    """Full slots mean that overlap costs sky; otherwise a little of it closes gaps."""
    within_reach = sum(b.desk.capacity_deg2 for b in state.benches)
    by = np.argsort(-state.cells.density, kind="stable")
    region = int(np.searchsorted(np.cumsum(state.cells.probability[by]), 0.9 * state.cells.probability.sum())) + 1
    area = float(state.cells.area_deg2[by[:region]].sum())
    if within_reach < 4 * area:
        return state.settings.redundancy_when_full
    round_ones = any(isinstance(b.desk.footprint, Circle) for b in state.benches)
    return ROUND_REDUNDANCY if round_ones else state.settings.redundancy_else


def _settle(state: Search) -> int:
    """Give every pointing its time and drop what no longer owns its half in order of start."""
    removed = 0
    entries: list[tuple[float, str, int, int]] = []
    for k, bench in enumerate(state.benches):
        lost: list[int] = []
        if bench.slots.changed:
            order_night(bench)
            state.timed[bench.desk.id], lost = start_times(bench)
            bench.slots.changed = False
        timed = state.timed.get(bench.desk.id, [])
        for f in lost:
            bench.slots.remove(f)
        removed += len(lost)
        entries += [(t.start_s, bench.desk.id, k, t.field) for t in timed]
    left = state.ground.left.copy()
    for _, _, k, f in sorted(entries):
        bench = state.benches[k]
        cells = bench.fields.cells_of(f)
        if float(left[cells].sum()) < HALF_AND_MARGIN * bench.value[f]:
            bench.slots.remove(f)
            removed += 1
        else:
            left[cells] = 0.0
    state.left = left
    for bench in state.benches:
        bench.refused = set(bench.placed())
    return removed


def _offer_more(state: Search, turn: int) -> None:
    """Offer fields for what is left: first centred on each remnant, then a grid laid anew."""
    least = state.settings.least_gain
    for bench, seen in zip(state.benches, state.masks, strict=True):
        if not bench.slots.empty:
            continue
        if turn % 2 == 0:
            more = leftover_fields(bench.desk, state.cells, seen, state.left, least, 2 * bench.slots.empty)
        else:
            more = candidate_fields(bench.desk, state.cells, seen, state.left, least)
        bench.add(more, state.cells.probability, _ready(state, bench.desk, more))
