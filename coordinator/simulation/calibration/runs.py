"""Many events, spread over processes; each has its seed by its number, so the same seed gives the same figures.

What is played is kept line by line, so that a run that was broken off goes on where it stood. Scenes may be kept, too:
after a change of the vetter's laws they are vetted anew without being played anew.
"""

import gzip
import json
import os
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from coordinator.simulation.calibration.play import NIGHTS, Scene, played, scene
from coordinator.simulation.calibration.record import Record, read_record, record_of
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope


def one(
    number: int,
    seed: int,
    telescopes: Sequence[Telescope] = (),
    nights: int = NIGHTS,
    scenes: Path | None = None,
) -> Record:
    """Play one event, or take its scene from a folder, and have it vetted."""
    its = scene(seed, number, telescopes, nights) if scenes is None else kept_scene(scenes, seed, number, telescopes)
    return record_of(played(number, its, nights))


def kept_scene(folder: Path, seed: int, number: int, telescopes: Sequence[Telescope] = ()) -> Scene:
    """Return an event's scene from a folder, played and put there where it is not yet.

    A folder holds scenes of one network, as the code of the worlds was then: remove it when either changes. It is read
    with pickle: never hand it a folder of somebody else's.
    """
    file = folder / f"{seed}-{number:04d}.pickle.gz"
    if file.exists():
        with gzip.open(file) as kept:
            found = pickle.load(kept)
        if not isinstance(found, Scene):
            raise Refused("holds no scene", where=str(file), mend="remove it")
        return found
    its = scene(seed, number, telescopes, NIGHTS)
    folder.mkdir(parents=True, exist_ok=True)
    begun = file.with_suffix(f".{os.getpid()}")
    with gzip.open(begun, "wb", compresslevel=1) as kept:
        pickle.dump(its, kept, protocol=pickle.HIGHEST_PROTOCOL)
    begun.replace(file)
    return its


def played_events(
    seed: int,
    numbers: Sequence[int],
    processes: int,
    telescopes: Sequence[Telescope] = (),
    scenes: Path | None = None,
) -> Iterator[Record]:
    """Yield events as they are done; `scenes`: a folder that keeps what was played, before anybody vets it."""
    play = partial(one, seed=seed, telescopes=tuple(telescopes), scenes=scenes)
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
