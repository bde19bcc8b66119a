"""Events of a campaign, one after another or over Ray: batches of numbers, few in flight at once.

An event depends on the seed and its number alone, so who plays it, and when, changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from coordinator.simulation.campaign.drawn_world import Setting
from coordinator.simulation.campaign.play import PlayedEvent, played_event

IN_FLIGHT = 2
"""Batches for each worker: one that it plays, one that waits."""

BATCH = 1
"""Events in a batch: one takes seconds, which is what a task of Ray should."""

Play = Callable[[int], PlayedEvent]


def in_turn(setting: Setting, seed: int, numbers: Sequence[int], policies: Sequence[str]) -> Iterator[PlayedEvent]:
    """Yield events as they are played in this process."""
    return map(partial(_one, setting, seed, tuple(policies)), numbers)


def over_ray(
    setting: Setting, seed: int, numbers: Sequence[int], policies: Sequence[str], ray: Any, workers: int
) -> Iterator[PlayedEvent]:
    """Yield events as Ray's workers have played them, in whatever order they end.

    Parameters
    ----------
    ray : module
        `ray`, initialised; handed in because a campaign in one process needs none.
    workers : int
        How many play at once.
    """
    play = ray.remote(num_cpus=1)(_batch)
    shared = ray.put(setting)
    waiting = [tuple(numbers[i : i + BATCH]) for i in range(0, len(numbers), BATCH)]
    flying: list[Any] = []
    while waiting or flying:
        while waiting and len(flying) < IN_FLIGHT * workers:
            flying.append(play.remote(shared, seed, waiting.pop(0), tuple(policies)))
        done, flying = ray.wait(flying, num_returns=1)
        yield from ray.get(done[0])


def _one(setting: Setting, seed: int, policies: tuple[str, ...], number: int) -> PlayedEvent:
    return played_event(setting, seed, number, policies)


def _batch(setting: Setting, seed: int, numbers: tuple[int, ...], policies: tuple[str, ...]) -> list[PlayedEvent]:
    return [played_event(setting, seed, number, policies) for number in numbers]
