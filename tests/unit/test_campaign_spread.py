"""Batches over a cluster: few in flight, each once, in whatever order they end; a worker that is lost is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from builders.campaign_outcomes import a_played_event, an_asked

from coordinator.simulation.campaign.asked import Asked, Batch
from coordinator.simulation.campaign.play import PlayedEvent
from coordinator.simulation.campaign.spread import IN_FLIGHT, over_ray
from telescopes.description.errors import RetryLater


class LostError(Exception):
    """What this cluster says of a worker that died."""


class TaskError(LostError):
    """What it says of a task that raised: one of its own errors, as in Ray."""

    cause = ZeroDivisionError("a mistake of ours")


@dataclass
class Cluster:
    """Stands in for `ray`: the last batch that was handed out is the first that is done."""

    lost: int | None = None
    raising: int | None = None
    flying: list[Batch] = field(default_factory=list)
    most: int = 0

    class exceptions:
        RayError = LostError
        RayTaskError = TaskError

    def remote(self, **_: Any) -> Callable[[object], "Cluster.Task"]:
        return lambda _: Cluster.Task(self)

    def put(self, what: Asked) -> Asked:
        return what

    def wait(self, flying: Sequence[Batch], num_returns: int) -> tuple[list[Batch], list[Batch]]:
        return list(flying[-num_returns:]), list(flying[:-num_returns])

    def get(self, batch: Batch) -> tuple[PlayedEvent, ...]:
        if batch.number == self.lost:
            raise LostError("out of memory")
        if batch.number == self.raising:
            raise TaskError("its traceback, over many lines")
        self.flying.remove(batch)
        return tuple(a_played_event(number) for number in batch.events)

    @dataclass
    class Task:
        cluster: "Cluster"

        def remote(self, asked: Asked, batch: Batch) -> Batch:
            self.cluster.flying.append(batch)
            self.cluster.most = max(self.cluster.most, len(self.cluster.flying))
            return batch


def test_every_batch_is_played_once_and_few_are_on_the_way_at_a_time() -> None:
    asked, cluster = an_asked(21), Cluster()
    done = list(over_ray(asked, asked.batches(), cluster, workers=2))
    assert sorted(batch.number for batch, _ in done) == list(range(11))
    assert [tuple(one.number for one in events) for _, events in done] == [batch.events for batch, _ in done]
    assert cluster.most == 2 * IN_FLIGHT and cluster.flying == []


def test_a_worker_that_is_lost_ends_it_with_what_to_do() -> None:
    asked = an_asked(21)
    with pytest.raises(RetryLater, match=r"out of memory.*give the same command again"):
        list(over_ray(asked, asked.batches(), Cluster(lost=4), workers=1))


def test_what_a_batch_raises_is_told_as_it_is_and_not_as_a_worker_that_died() -> None:
    asked = an_asked(21)
    with pytest.raises(ZeroDivisionError, match="a mistake of ours"):
        list(over_ray(asked, asked.batches(), Cluster(raising=4), workers=1))
