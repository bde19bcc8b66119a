"""How much dust of the Galaxy lies before candidates."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from coordinator.services.surroundings import Around
from coordinator.sky.dust_map import DustMap
from coordinator.sky.nested import MAX_ORDER, pixel_at
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.neighbours import Neighbours, Surroundings
from telescopes.description.errors import Refused

log = structlog.get_logger("dust")


def dust_around(dust: DustMap, candidates: Sequence[Candidate]) -> Surroundings:
    """Look up E(B-V) at each place; where the map has nothing it stays unknown."""
    if not candidates:
        return Surroundings()
    found = dust.at(pixel_at(MAX_ORDER, [c.ra_deg for c in candidates], [c.dec_deg for c in candidates])).tolist()
    return Surroundings(
        {
            c.id: Neighbours(reddening_mag=max(e, 0.0))
            for c, e in zip(candidates, found, strict=True)
            if math.isfinite(e)
        }
    )


def dust_read_meanwhile(read: Callable[[], DustMap]) -> Around:
    """Read a map of dust beside everything else, for that takes a second; who asks sooner waits for it.

    A map that cannot be read is said once, and dust stays unknown.
    """
    reader = ThreadPoolExecutor(1, thread_name_prefix="dust")
    reading: Future[DustMap | None] = reader.submit(_read, read)
    reader.shutdown(wait=False)

    def around(candidates: Sequence[Candidate]) -> Surroundings:
        dust = reading.result()
        return Surroundings() if dust is None else dust_around(dust, candidates)

    return around


def _read(read: Callable[[], DustMap]) -> DustMap | None:
    try:
        return read()
    except Refused as error:
        log.error("dust stays unknown", because=str(error))
        return None
