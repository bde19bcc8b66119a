"""Batches of a campaign, one after another or over Ray, few in flight at once.

An event depends on the seed and its number alone, so who plays it, and when, changes nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from coordinator.simulation.campaign.asked import Asked, Batch
from coordinator.simulation.campaign.play import PlayedEvent, played_batch
from coordinator.simulation.faults.batch import be_quiet
from telescopes.description.errors import RetryLater

IN_FLIGHT = 2
"""Batches for each worker: one that it plays, one that waits."""

Done = tuple[Batch, tuple[PlayedEvent, ...]]


def in_turn(asked: Asked, batches: Iterable[Batch]) -> Iterator[Done]:
    """Yield batches as they are played in this process."""
    for batch in batches:
        yield batch, played_batch(asked, batch)


def over_ray(asked: Asked, batches: Iterable[Batch], ray: Any, workers: int) -> Iterator[Done]:
    """Yield batches as Ray's workers have played them, in whatever order they end.

    Parameters
    ----------
    ray : module
        `ray`, initialised; handed in because a campaign in one process needs none.
    workers : int
        How many play at once.

    Raises
    ------
    RetryLater
        A worker died, and those after it too. What a batch itself raises comes as it is: again it would do the same.
    """
    play = ray.remote(num_cpus=1)(_played_quietly)
    shared = ray.put(asked)
    waiting = iter(batches)
    flying: dict[Any, Batch] = {}
    while True:
        while len(flying) < IN_FLIGHT * workers and (batch := next(waiting, None)) is not None:
            flying[play.remote(shared, batch)] = batch
        if not flying:
            return
        (done,), _ = ray.wait(list(flying), num_returns=1)
        try:
            yield flying.pop(done), ray.get(done)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except ray.exceptions.RayError as error:
            raise RetryLater(
                f"a worker died: {' '.join(str(error).split())[:200]}",
                where="Ray",
                mend="give the same command again: with -o it goes on where it stood; fewer --workers need less memory",
            ) from error


def _played_quietly(asked: Asked, batch: Batch) -> tuple[PlayedEvent, ...]:
    """Play a batch in a worker, whose services are to say as little as those of the process that asks."""
    be_quiet()
    return played_batch(asked, batch)
