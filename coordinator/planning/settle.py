"""What is chosen gets its time, and what does not own its half in order of start, or has no time, is dropped."""

import numpy as np

from coordinator.planning.bench import Bench
from coordinator.planning.fields import Ints
from coordinator.planning.search_state import HALF_AND_MARGIN, Search
from coordinator.planning.sequence import start_times

TRIES = 3
ROUNDING = 1e-9


def settle(state: Search) -> None:
    """Give every pointing its time and drop what in order of start owns no half, or too little to be worth its time.

    What is left keeps its time: with fewer looks before it, it owns no less.
    """
    entries: list[tuple[float, str, int, int]] = []
    for k, bench in enumerate(state.benches):
        _give_times(state, bench)
        entries += [(t.start_s, bench.desk.id, k, t.field) for t in state.timed.get(bench.desk.id, [])]
    ground = state.start.again()
    for _, _, k, f in sorted(entries):
        bench = state.benches[k]
        if bench.gain(f, ground) < max(HALF_AND_MARGIN * bench.value[f], state.least_gain - ROUNDING):
            bench.slots.remove(f)
        else:
            bench.look(f, ground)
    state.ground = ground
    _close(state)


def keep_limit(state: Search, most_redundancy: float) -> None:
    """Drop what repeats most for what it brings, until redundancy is within its limit.

    A choice keeps the limit as it grows, but what found no time may have been what repeated nothing.
    """
    tiling = [bench for bench in state.benches if bench.guide is None]
    own = state.task.tally.own + sum(float(bench.value[bench.placed()].sum()) for bench in tiling)
    joint = state.task.tally.new + state.covered
    if not np.isfinite(most_redundancy) or own <= (1.0 + most_redundancy) * joint + ROUNDING:
        return
    placed = [(bench, f) for bench in tiling for f in bench.placed()]
    looked = np.zeros(state.ground.held.size, np.int64)
    for bench, f in placed:
        looked[bench.cells_of(f)] += 1
    gone = False
    while placed and own > (1.0 + most_redundancy) * joint + ROUNDING:
        losses = [_alone(state, bench, f, looked) for bench, f in placed]
        spared = [
            round(float(bench.value[f]) - (1.0 + most_redundancy) * loss, 9)
            for (bench, f), loss in zip(placed, losses, strict=True)
        ]
        worst = max(range(len(placed)), key=spared.__getitem__)
        if spared[worst] <= 0.0:
            break  # nothing that could go would help
        bench, f = placed.pop(worst)
        own, joint, gone = own - float(bench.value[f]), joint - losses[worst], True
        looked[bench.cells_of(f)] -= 1
        bench.slots.remove(f)
    if gone:
        state.ground = state.start.again()
        for bench in state.benches:
            for f in bench.placed():
                bench.look(f, state.ground)
        _close(state)


def _alone(state: Search, bench: Bench, f: int, looked: Ints) -> float:
    """What only this field brings, where all looks are worth the same."""
    cells = bench.cells_of(f)
    alone = cells[looked[cells] == 1]
    return state.start.gain(bench.depth, alone)


def _close(state: Search) -> None:
    """Keep the times of what is still placed."""
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
        state.timed[bench.desk.id], lost = start_times(bench, state.shorten)
        bench.slots.changed = False
        for f in lost:
            bench.slots.bar(f, stretch == stretch[bench.slots.slot_of(f)])
            bench.slots.remove(f)
        for f in lost if more else []:
            bench.slots.place(f)
