"""Many events, spread over processes; each has its seed by its number, so the same seed gives the same figures."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from coordinator.simulation.calibration.play import NIGHTS, played, scene
from coordinator.simulation.calibration.record import Record, record_of
from telescopes.description.telescope import Telescope


def one(number: int, seed: int, telescopes: Sequence[Telescope] = (), nights: int = NIGHTS) -> Record:
    """Play one event."""
    return record_of(played(number, scene(seed, number, telescopes, nights), nights))


def played_events(
    seed: int, numbers: Sequence[int], processes: int, telescopes: Sequence[Telescope] = ()
) -> Iterator[Record]:
    """Yield events in the order of their numbers."""
    play = partial(one, seed=seed, telescopes=telescopes)
    if processes <= 1:
        yield from map(play, numbers)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(play, numbers)
