"""Many events, spread over processes; each has its seed by its number, so the same seed gives the same figures.

What is played is kept line by line, so that a run that was broken off goes on where it stood.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from coordinator.simulation.calibration.play import NIGHTS, played, scene
from coordinator.simulation.calibration.record import Record, read_record, record_of
from telescopes.description.telescope import Telescope


def one(number: int, seed: int, telescopes: Sequence[Telescope] = (), nights: int = NIGHTS) -> Record:
    """Play one event."""
    return record_of(played(number, scene(seed, number, telescopes, nights), nights))


def played_events(
    seed: int, numbers: Sequence[int], processes: int, telescopes: Sequence[Telescope] = ()
) -> Iterator[Record]:
    """Yield events as they are done."""
    play = partial(one, seed=seed, telescopes=tuple(telescopes))
    if processes <= 1:
        yield from map(play, numbers)
        return
    with ProcessPoolExecutor(processes) as pool:
        for done in as_completed([pool.submit(play, number) for number in numbers]):
            yield done.result()


def kept_in(file: Path) -> dict[int, Record]:
    """Return the events that a file holds, by number; a line that was broken off is left out."""
    if not file.exists():
        return {}
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            record = read_record(json.loads(line))
        except (ValueError, TypeError, KeyError):
            continue
        found[record.number] = record
    return found


def keep(file: Path, record: Record) -> None:
    """Add an event to a file."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(record.as_json()) + "\n")
