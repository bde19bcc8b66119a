"""Telescopes take their seats in a search: candidate fields for each, on cells fine enough for its field."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np

from coordinator.planning.bench import Bench
from coordinator.planning.candidates import THIN, Fits, anywhere, candidate_fields, leftover_fields
from coordinator.planning.cells import (
    COARSEST_ORDER,
    LEFT_IN_REACH,
    WIDE_ORDER,
    Cells,
    Need,
    fine_cells,
    resolving_order,
)
from coordinator.planning.desk import Desk, Mask
from coordinator.planning.fields import Fields, Ints, without_cells
from coordinator.planning.ground import Ground
from coordinator.planning.guide import Guide
from coordinator.planning.hours import hours_of
from coordinator.planning.search_state import Search
from coordinator.sky.coverage import size_deg
from telescopes.description.ephemeris import Array

TILE_MARGIN = 0.8
"""A tile's box and its field differ a little."""

CELLS_ALONG_A_FIELD = 4.0

Candidates = Callable[[Desk, Cells, Ints, Array, float, float], Fields]


def field_order(desk: Desk) -> int:
    """Order of the cells that a telescope's field needs."""
    return resolving_order(min(size_deg(desk.footprint)), CELLS_ALONG_A_FIELD)


def sit_down(state: Search, numbers: Sequence[int]) -> None:
    """Let telescopes take part; their candidate fields are made when their turn comes."""
    task = state.task
    index = task.blocks.of_cells(state.cells)
    rivals_deg2 = _rivals_deg2(state, numbers)
    hours = hours_of(task, state.cells, index, state.start)
    for k in numbers:
        desk = task.desks[k]
        sees = fine_enough(state.cells, desk, task.seen[k][index])
        bench = Bench(
            desk,
            task.depths[k],
            task.seen[k],
            sees,
            desk.slots(),
            guide=task.guides[k],
            rivals_deg2=rivals_deg2[k],
            sooner=hours.worth(desk),
        )
        state.benches.append(bench)


def _rivals_deg2(state: Search, numbers: Sequence[int]) -> dict[int, float]:
    """Say what others of these can cover of the sky that each would go to first: so much more it is offered.

    Looked at block by block: what a telescope sees is known by block, and there are few of them.
    """
    task = state.task
    rivals_deg2 = dict.fromkeys(numbers, 0.0)
    tiling = [k for k in numbers if task.guides[k] is None]
    if len(tiling) < 2 or state.cells.area_deg2.size == 0:
        return rivals_deg2
    seen = np.stack([task.seen[k] for k in tiling])
    densest = _densest(state, {task.depths[k] for k in tiling})
    peak = [int(np.argmax(np.where(task.seen[k], densest[task.depths[k]], 0.0))) for k in tiling]
    capacity_deg2 = np.array([task.desks[k].capacity_deg2 for k in tiling])
    together_deg2 = np.where(seen[:, peak], capacity_deg2[:, None], 0.0).sum(axis=0)
    for n, k in enumerate(tiling):
        own_deg2 = float(capacity_deg2[n]) if seen[n, peak[n]] else 0.0
        rivals_deg2[k] = float(together_deg2[n]) - own_deg2
    return rivals_deg2


def _alike_deg2(state: Search, numbers: Sequence[int]) -> dict[int, float]:
    """Say the same of only those others whose fields need cells of the same order."""
    by_order: dict[int, list[int]] = {}
    for k in numbers:
        by_order.setdefault(field_order(state.task.desks[k]), []).append(k)
    found: dict[int, float] = {}
    for alike in by_order.values():
        found |= _rivals_deg2(state, alike)
    return found


def _densest(state: Search, depths: Iterable[int]) -> dict[int, Array]:
    """Return by depth what is left in the densest cell of each block, per square degree, shape (blocks,)."""
    index = state.task.blocks.of_cells(state.cells)
    first = np.flatnonzero(np.r_[True, index[1:] != index[:-1]])  # cells lie along the curve, as blocks do
    found = {}
    for depth in depths:
        found[depth] = np.zeros(state.task.blocks.number.size)
        found[depth][index[first]] = np.maximum.reduceat(state.ground.left(depth) / state.cells.area_deg2, first)
    return found


def fine_enough(cells: Cells, desk: Desk, seen: Mask) -> Ints:
    """Cells coarser than a narrow field would be covered whole by a part of it."""
    least_order = field_order(desk) if field_order(desk) > WIDE_ORDER else COARSEST_ORDER
    return np.flatnonzero(seen & (cells.order >= least_order))


def _of_a_grid(state: Search, bench: Bench, fits: Fits = anywhere) -> Candidates:
    """Where depth counts, others have taken most of the sky: tiles that could not own their half are passed over."""
    worth = bench.own(state.start.worth[bench.depth]) if state.task.by_depth else None
    return partial(candidate_fields, worth=worth, fits=fits)


def _where_room(bench: Bench) -> Fits:
    """Take only fields for which a telescope that has others already could still find time."""
    room = bench.slots.room()
    return lambda vectors: np.asarray((bench.desk.visible(vectors) & room).any(axis=1))


def seat(state: Search, bench: Bench) -> None:
    """Give a telescope its candidate fields."""
    if bench.guide is None:
        _offer(state, bench, _of_a_grid(state, bench))
    else:
        _offer_galaxies(state, bench, bench.guide)
    bench.seated = True


def _offer_galaxies(state: Search, bench: Bench, guide: Guide) -> None:
    ra_deg, dec_deg = guide.fields.ra_deg, guide.fields.dec_deg
    at = state.cells.holding(ra_deg, dec_deg)
    ready = _ready(state.ground.galaxies, bench, guide.galaxies_of, len(guide.fields))
    bench.add_guided(without_cells(ra_deg, dec_deg, bench.desk.angle_deg), at, guide.worth, ready)


def _offer(state: Search, bench: Bench, candidates: Candidates) -> None:
    """Make candidate fields of what is left; a wide field's cells are found among the coarse ones."""
    left, least = state.ground.left(bench.depth), state.least_gain * TILE_MARGIN
    if bench.split is None:
        cells, sees = state.cells, bench.sees
    else:
        cells = state.task.cells
        sees = np.flatnonzero(bench.seen[state.task.blocks.of_cells(cells)])
    fields = candidates(bench.desk, cells, sees, bench.own(left), least, bench.rivals_deg2)
    ready = ready_slots(state.ground, bench, fields)
    bench.add(fields, state.start.worth[bench.depth], ready)


def refine(state: Search, narrow: Sequence[int]) -> None:
    """Go over to cells that are fine where the narrow fields may look."""
    task = state.task
    index = task.blocks.of_cells(state.cells)
    needs, rivals_deg2 = [], _rivals_deg2(state, narrow)
    alike_deg2 = _alike_deg2(state, narrow)
    for k in narrow:
        if task.guides[k] is not None:
            continue
        desk, seen = task.desks[k], task.seen[k][index]
        density = np.where(seen, state.ground.left(task.depths[k]) / state.cells.area_deg2, 0.0)
        if density.max(initial=0.0) * desk.field_area_deg2 >= state.least_gain:
            thin = THIN * TILE_MARGIN * state.least_gain / desk.field_area_deg2
            all_deg2 = float(state.cells.area_deg2[density > thin].sum())
            # Where rivals can cover all of it, finer cells pay only for those that need cells as fine as these.
            more_deg2 = rivals_deg2[k] if rivals_deg2[k] < all_deg2 else min(alike_deg2[k], all_deg2)
            needs.append(Need(field_order(desk), density, thin, LEFT_IN_REACH * desk.capacity_deg2, more_deg2))
    if not needs:
        return
    cells, split = fine_cells(state.cells, needs)
    index = task.blocks.of_cells(cells)
    start = task.ground(cells, split.parent)
    ground = start.again()
    for bench in state.benches:
        bench.sees = fine_enough(cells, bench.desk, bench.seen[index])
        if bench.guide is None:
            bench.divide(split)
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


def ready_slots(ground: Ground, bench: Bench, fields: Fields) -> Mask:
    """Say in which of a telescope's slots some fields may be looked at again, shape (fields, slots) or (fields, 1)."""
    return _ready(ground, bench, lambda f: bench.onto(fields.cells_of(f)), len(fields))


def offer_more(state: Search, turn: int) -> None:
    """Offer fields for what is left: first centred on each remnant, then a grid laid anew."""
    for bench in state.benches:
        if bench.guide is not None:
            continue  # it has fields for more galaxies than it has time for
        if bench.seated and bench.most_gain(state.ground, state.cells) >= state.least_gain:
            most, fits = 2 * bench.slots.empty, anywhere if state.settings.everywhere else _where_room(bench)
            again = partial(leftover_fields, most=most, fits=fits) if turn % 2 == 0 else _of_a_grid(state, bench, fits)
            _offer(state, bench, again)
