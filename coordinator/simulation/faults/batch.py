"""Many worlds one after another, and batches of them in several processes."""

import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context

import structlog

from coordinator.simulation.faults.draw import drawn
from coordinator.simulation.faults.parts import AS_SHIPPED, Parts
from coordinator.simulation.faults.verdict import Verdict, play

BATCH = 50
"""Worlds of one batch: some seconds of work."""
IN_FLIGHT = 2
"""Batches per process that are given out at once."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of some worlds: how many, what they cost, and those in which a law was broken."""

    worlds: int
    entries: int
    frames: int
    cpu_s: float
    broken: tuple[Verdict, ...]


def play_batch(seeds: Iterable[int], parts: Parts = AS_SHIPPED) -> Batch:
    """Play worlds one after another."""
    began_s = time.process_time()
    verdicts = [play(drawn(seed), parts) for seed in seeds]
    return Batch(
        worlds=len(verdicts),
        entries=sum(v.entries for v in verdicts),
        frames=sum(v.frames for v in verdicts),
        cpu_s=time.process_time() - began_s,
        broken=tuple(v for v in verdicts if v.broken),
    )


def play_batches(seeds: Iterable[int], processes: int) -> Iterator[Batch]:
    """Play worlds in batches, and yield each when it is done; seeds are taken as they are needed.

    Parameters
    ----------
    seeds
        Of the worlds; may be without end.
    processes
        How many work at once; with one, this process does it itself.
    """
    todo = _batches(seeds)
    if processes == 1:
        yield from (play_batch(batch) for batch in todo)
        return
    # Spawned: a child that was forked would share this process's threads and locks.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=be_quiet) as pool:
        under_way: set[Future[Batch]] = set()
        try:
            for batch in todo:
                under_way.add(pool.submit(play_batch, batch))
                if len(under_way) >= IN_FLIGHT * processes:
                    done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in done)
            yield from (one.result() for one in under_way)
        finally:
            for one in under_way:
                one.cancel()


def _batches(seeds: Iterable[int]) -> Iterator[tuple[int, ...]]:
    rest = iter(seeds)
    while batch := tuple(islice(rest, BATCH)):
        yield batch


@contextmanager
def quietly() -> Iterator[None]:
    """Let services say nothing for a while."""
    before, known = logging.root.manager.disable, structlog.get_config()
    be_quiet()
    try:
        yield
    finally:
        logging.disable(before)
        structlog.configure(**known)


def be_quiet() -> None:
    """Let services say nothing: in a fault world nearly everything is worth a warning."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
