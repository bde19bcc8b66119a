"""The search of one event in one visit: candidates, joint choice, times, prune, refill, until nothing changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import numpy as np

from coordinator.planning.candidates import THIN, candidate_fields, leftover_fields
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
from coordinator.planning.fields import Fields, Ints, without_cells
from coordinator.planning.greedy import Bench, Tally, Terms, choose
from coordinator.planning.ground import Ground
from coordinator.planning.guide import Guide
from coordinator.planning.sequence import Timed, start_times
from coordinator.planning.split import Split
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
"""Circles cannot cover the sky with less than 0.21; nor do fields fit together that turn about a pole."""

NEAR_POLE_DEG = 80.0
MANY_FIELDS = 20
PLENTY = 10.0
"""A region of many fields has few edges for its size: overlap there costs more than it closes, unless time abounds."""

AS_DEEP = 0.85
"""Telescopes that see so much of what a deeper one sees choose together with it: it loses little where they look."""

ROUNDS = 2
PLENTY_FREE = 0.75
PAYS = 2e-3
"""Where time abounds, a round that added less than this share has shown that the next would add next to nothing."""

TRIES = 3

CELLS_ALONG_A_FIELD = 4.0


Turns = Literal["together", "deep first", "one by one"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be traded in a search.

    `least_gain` is a share of all value. `turns`: all telescopes choose together, the deepest ones
    before the others, or one after the other.
    """

    shares: tuple[float, ...] = SHARES
    redundancy_when_full: float = 0.046
    redundancy_else: float = 0.09
    least_gain: float = LEAST_GAIN
    turns: Turns = "together"


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What a search is about.

    Attributes
    ----------
    cells : Cells
        As fine as wide fields need them.
    ground : callable
        What looks are worth and what earlier ones have left, for these cells or finer ones of which each parent is
        named.
    desks : telescopes that take part
    depths : row of the ground's worth, one per telescope
    seen : bool arrays, shape (blocks,), one per telescope
        What it can see at some time.
    tally : Tally
        What pointings that are kept hold already.
    by_depth : bool
        Whether a deeper look is worth more; redundancy is then not limited.
    guides : one per telescope
        Galaxies that it goes to; None: it tiles.
    """

    cells: Cells
    blocks: Blocks
    ground: Callable[[Cells, Ints | None], Ground]
    desks: Sequence[Desk]
    depths: Sequence[int]
    seen: Sequence[Mask]
    tally: Tally
    by_depth: bool
    settings: Settings
    guides: Sequence[Guide | None]


@dataclass(slots=True, eq=False)
class Search:
    """The state of one search; `ground` is what is left now, `start` what was before.

    `split` says into which cells the coarse ones were divided, once they are.
    """

    task: Task
    cells: Cells
    start: Ground
    ground: Ground
    benches: list[Bench]
    least_gain: float
    split: Split | None = None
    timed: dict[str, list[Timed]] = field(default_factory=dict)

    @property
    def covered(self) -> float:
        """Value that the search adds."""
        return self.ground.taken_since(self.start)

    @property
    def settings(self) -> Settings:
        """What may be traded."""
        return self.task.settings


def search(task: Task) -> Search:
    """Search: wide fields first on coarse cells, then all on cells that are fine where narrow fields may look."""
    start = task.ground(task.cells, None)
    least = task.settings.least_gain * float(start.worth.max(axis=0, initial=0.0).sum())
    state = Search(task, task.cells, start, start.again(), [], least)
    wide = [k for k, desk in enumerate(task.desks) if _order(desk) <= WIDE_ORDER]
    narrow = [k for k in range(len(task.desks)) if k not in wide]
    _sit_down(state, wide)
    together = task.settings.turns == "together"
    if together:
        _fill(state)
    if narrow:
        _refine(state, narrow)
        _sit_down(state, narrow)
    if narrow or not together:
        _fill(state)
    return settled(state)


def settled(state: Search) -> Search:
    """Give times, drop repeats, and fill up what that leaves, as long as it pays."""
    _settle(state)
    for turn in range(ROUNDS):
        before = state.covered
        _offer_more(state, turn)
        _fill(state)
        _settle(state)
        if _time_abounds(state) and state.covered - before < PAYS * before:
            break
    return state


def _time_abounds(state: Search) -> bool:
    """Say whether three quarters of the time of those that look are free: then the sky is what limits a plan."""
    seated = [bench.slots for bench in state.benches if bench.seated]
    return sum(slots.empty for slots in seated) > PLENTY_FREE * sum(len(slots.night) for slots in seated)


def chosen_again(state: Search, favours: Sequence[Array]) -> Search:
    """Choose anew among the same candidates, some of them favoured: float64 arrays, shape (fields,), by telescope."""
    benches = [
        replace(
            bench,
            slots=replace(bench.slots, filled=bench.desk.held_by_night),
            refused=set(),
            favour=favour if favour.size and bench.guide is None else None,
        )
        for bench, favour in zip(state.benches, favours, strict=True)
    ]
    again = replace(state, benches=benches, ground=state.start.again(), timed={})
    _fill(again)
    return settled(again)


def _order(desk: Desk) -> int:
    return resolving_order(min(size_deg(desk.footprint)), CELLS_ALONG_A_FIELD)


def _sit_down(state: Search, numbers: Sequence[int]) -> None:
    """Let telescopes take part; their candidate fields are made when their turn comes."""
    task = state.task
    index = task.blocks.of_cells(state.cells)
    for k in numbers:
        desk = task.desks[k]
        sees = _fine_enough(state.cells, desk, task.seen[k][index])
        state.benches.append(Bench(desk, task.depths[k], task.seen[k], sees, desk.slots(), guide=task.guides[k]))


def _fine_enough(cells: Cells, desk: Desk, seen: Mask) -> Ints:
    """Cells coarser than a narrow field would be covered whole by a part of it."""
    least_order = _order(desk) if _order(desk) > WIDE_ORDER else COARSEST_ORDER
    return np.flatnonzero(seen & (cells.order >= least_order))


def _seat(state: Search, bench: Bench) -> None:
    """Give a telescope its candidate fields."""
    if bench.guide is None:
        _offer(state, bench, candidate_fields)
    else:
        _offer_galaxies(state, bench, bench.guide)
    bench.seated = True


def _offer_galaxies(state: Search, bench: Bench, guide: Guide) -> None:
    ra_deg, dec_deg = guide.fields.ra_deg, guide.fields.dec_deg
    at = state.cells.holding(ra_deg, dec_deg)
    ready = _ready(state.ground.galaxies, bench, guide.galaxies_of, len(guide.fields))
    bench.add_guided(without_cells(ra_deg, dec_deg, bench.desk.angle_deg), at, guide.worth, ready)


def _offer(state: Search, bench: Bench, candidates: Callable[[Desk, Cells, Ints, Array, float], Fields]) -> None:
    """Make candidate fields of what is left; a wide field's cells are found among the coarse ones."""
    left, least = state.ground.left(bench.depth), state.least_gain * TILE_MARGIN
    if bench.split is None:
        fields = candidates(bench.desk, state.cells, bench.sees, left, least)
    else:
        coarse = state.task.cells
        sees = np.flatnonzero(bench.seen[state.task.blocks.of_cells(coarse)])
        fields = candidates(bench.desk, coarse, sees, bench.own(left), least)
    ready = _ready(state.ground, bench, lambda f: bench.onto(fields.cells_of(f)), len(fields))
    bench.add(fields, state.start.worth[bench.depth], ready)


def _refine(state: Search, narrow: Sequence[int]) -> None:
    """Go over to cells that are fine where the narrow fields may look."""
    task = state.task
    index = task.blocks.of_cells(state.cells)
    needs = []
    for k in narrow:
        if task.guides[k] is not None:
            continue
        desk, seen = task.desks[k], task.seen[k][index]
        density = np.where(seen, state.ground.left(task.depths[k]) / state.cells.area_deg2, 0.0)
        if density.max(initial=0.0) * desk.field_area_deg2 >= state.least_gain:
            thin = THIN * TILE_MARGIN * state.least_gain / desk.field_area_deg2
            needs.append(Need(_order(desk), density, thin, desk.capacity_deg2))
    if not needs:
        return
    cells, split = fine_cells(state.cells, needs)
    index = task.blocks.of_cells(cells)
    start = task.ground(cells, split.parent)
    ground = start.again()
    for bench in state.benches:
        bench.sees = _fine_enough(cells, bench.desk, bench.seen[index])
        if bench.guide is None:
            bench.split = split
        else:
            bench.at = cells.holding(bench.fields.ra_deg, bench.fields.dec_deg)
        for f in bench.placed():
            bench.look(f, ground)
    state.cells, state.start, state.ground, state.split = cells, start, ground, split


def _ready(ground: Ground | None, bench: Bench, items: Callable[[int], Ints], fields: int) -> Mask:
    """Say from which slot on each field may be looked at again, shape (fields, slots)."""
    if ground is None or ground.ready_s is None:
        return np.ones((fields, 1), bool)
    worth = np.where((ground.left(bench.depth) > 0) & np.isfinite(ground.ready_s), ground.ready_s, -np.inf)
    latest = [float(worth[items(f)].max(initial=-np.inf)) for f in range(fields)]
    return np.asarray(bench.desk.times.start_s[None, :] >= np.array(latest).reshape(-1, 1))


def _fill(state: Search) -> None:
    """Choose with falling own shares, and if it was asked for the deepest telescopes before the others."""
    tally = _tally(state)
    most = _most_redundancy(state)
    for benches in _turns(state):
        for share in state.settings.shares:
            terms = Terms(share, state.least_gain, most)
            choose(benches, state.cells, state.ground, tally, terms, lambda bench: _seat(state, bench))


def _turns(state: Search) -> list[list[Bench]]:
    """Which telescopes choose together, one group after the other."""
    if state.settings.turns == "together":
        return [state.benches]
    if state.settings.turns == "one by one":
        return [[bench] for bench in state.benches]
    total = state.start.worth.sum(axis=1)
    tiers: dict[int, int] = {}
    best = np.inf
    for depth in np.argsort(-total, kind="stable"):
        if total[depth] < AS_DEEP * best:
            best = total[depth]
            tiers[int(depth)] = len(set(tiers.values()))
        else:
            tiers[int(depth)] = max(tiers.values())
    groups: dict[int, list[Bench]] = {}
    for bench in state.benches:
        groups.setdefault(tiers[bench.depth], []).append(bench)
    return [groups[tier] for tier in sorted(groups)]


def _tally(state: Search) -> Tally:
    own = sum(float(b.value[b.placed()].sum()) for b in state.benches if b.guide is None)
    return Tally(state.task.tally.own + own, state.task.tally.new + state.covered)


def _most_redundancy(state: Search) -> float:
    """Full slots mean that overlap costs sky; otherwise a little of it closes gaps."""
    if state.task.by_depth or all(b.guide is not None for b in state.benches):
        return np.inf
    within_reach = sum(b.desk.capacity_deg2 for b in state.benches)
    by = np.argsort(-state.cells.density, kind="stable")
    region = int(np.searchsorted(np.cumsum(state.cells.probability[by]), 0.9 * state.cells.probability.sum())) + 1
    area = float(state.cells.area_deg2[by[:region]].sum())
    if within_reach < 4 * area:
        return state.settings.redundancy_when_full
    round_ones = any(isinstance(b.desk.footprint, Circle) for b in state.benches)
    polar = bool(np.average(np.abs(state.cells.dec_deg), weights=state.cells.probability) > NEAR_POLE_DEG)
    if round_ones or polar:
        return ROUND_REDUNDANCY
    widest = max((b.desk.field_area_deg2 for b in state.benches), default=0.0)
    many = area > MANY_FIELDS * widest and within_reach < PLENTY * area
    return state.settings.redundancy_when_full if many else state.settings.redundancy_else


def _settle(state: Search) -> None:
    """Give every pointing its time and drop what no longer owns its half in order of start.

    What is left keeps its time: with fewer looks before it, it owns no less.
    """
    entries: list[tuple[float, str, int, int]] = []
    for k, bench in enumerate(state.benches):
        _give_times(state, bench)
        entries += [(t.start_s, bench.desk.id, k, t.field) for t in state.timed.get(bench.desk.id, [])]
    ground = state.start.again()
    for _, _, k, f in sorted(entries):
        bench = state.benches[k]
        if bench.gain(f, ground) < HALF_AND_MARGIN * bench.value[f]:
            bench.slots.remove(f)
        else:
            bench.look(f, ground)
    state.ground = ground
    for bench in state.benches:
        bench.refused = set(bench.placed())
        mine = state.timed.get(bench.desk.id, [])
        state.timed[bench.desk.id] = [t for t in mine if t.field in bench.refused]
        bench.slots.changed = False


def _give_times(state: Search, bench: Bench) -> None:
    """Time a telescope's nights; a field that would miss a limit goes to another stretch of time, or is dropped."""
    stretch = bench.desk.times.stretch
    for more in reversed(range(TRIES)):
        if not bench.slots.changed:
            break
        state.timed[bench.desk.id], lost = start_times(bench)
        bench.slots.changed = False
        for f in lost:
            bench.slots.bar(f, stretch == stretch[bench.slots.slot_of(f)])
            bench.slots.remove(f)
        for f in lost if more else []:
            bench.slots.place(f)


def _offer_more(state: Search, turn: int) -> None:
    """Offer fields for what is left: first centred on each remnant, then a grid laid anew."""
    for bench in state.benches:
        if bench.guide is not None:
            continue  # it has fields for more galaxies than it has time for
        if bench.seated and bench.most_gain(state.ground, state.cells) >= state.least_gain:
            most = 2 * bench.slots.empty
            _offer(state, bench, partial(leftover_fields, most=most) if turn % 2 == 0 else candidate_fields)
