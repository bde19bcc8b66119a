"""The smallest script that still fails: troubles are left out as long as it does."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from coordinator.simulation.faults.trouble import FaultWorld


def shrunk(world: FaultWorld, fails: Callable[[FaultWorld], bool]) -> FaultWorld:
    """Leave out as many troubles as may be left out: halves first, then one by one, until each that is left is needed.

    Parameters
    ----------
    world
        One that fails.
    fails
        Plays a world and says whether a law is broken in it.
    """
    kept = tuple(number for number, _ in world.numbered)
    size = max(1, len(kept) // 2)
    while kept:
        smaller = next((rest for rest in _without(kept, size) if fails(replace(world, keep=frozenset(rest)))), None)
        if smaller is not None:
            kept, size = smaller, max(1, min(size, len(smaller) // 2))
        elif size == 1:
            break
        else:
            size //= 2
    return replace(world, keep=frozenset(kept))


def _without(kept: tuple[int, ...], size: int) -> Iterator[tuple[int, ...]]:
    """Yield what is left when a run of so many is left out, for each run."""
    for first in range(0, len(kept), size):
        yield kept[:first] + kept[first + size :]
