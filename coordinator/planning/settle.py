"""What is chosen gets its time, and what does not own its half in order of start, or has no time, is dropped."""

from coordinator.planning.greedy import Bench
from coordinator.planning.search_state import HALF_AND_MARGIN, Search
from coordinator.planning.sequence import start_times

TRIES = 3


def settle(state: Search) -> None:
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
