"""Decisions on their way to the scheduler's actor: it may be killed between the act and the answer."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coordinator.dashboard.actor_scheduler import ActorScheduler
from coordinator.dispatch.facts import OperatorActed
from telescopes.description.errors import Refused, RetryLater

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
PAUSE = OperatorActed("cora:1", "pause", "tca", "cora", "clouds come up", {"expected_version": "free"})


class Mortal:
    """A scheduler that remembers by a file, and is killed between each act and its answer."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def act(self, action: OperatorActed) -> int:
        """Write a decision down once; return its line."""
        known = self._file.read_text().split("\n") if self._file.exists() else []
        if action.subject == "nowhere":
            raise Refused("has changed", where=action.subject, mend="look again", reason="STALE")
        if action.action_id in known:
            return known.index(action.action_id) + 1
        with self._file.open("a") as file:
            file.write(f"{action.action_id}\n")
        os._exit(1)


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Any]:
    """Its actor, which is killed at every new decision."""
    import ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(
        address="local",
        namespace="armillary",
        num_cpus=1,
        include_dashboard=False,
        object_store_memory=100 * 2**20,
        log_to_driver=False,
        logging_level="error",
    )
    try:
        mortal: Any = ray.remote(Mortal).options(name="scheduler", num_cpus=0, max_restarts=-1)
        actor = mortal.remote(tmp_path / "journal")
        yield actor
    finally:
        ray.shutdown()


async def handed_over(desk: ActorScheduler, action: OperatorActed) -> int:
    """Hand a decision over, once more where the scheduler takes longer to come back than a page waits."""
    async with asyncio.timeout(180.0):
        while True:
            try:
                return await desk.act(action)
            except RetryLater as error:
                await asyncio.sleep(error.after_s)


@pytest.mark.usefixtures("scheduler")
async def test_a_scheduler_killed_before_its_answer_has_decided_once() -> None:
    desk = ActorScheduler()
    assert await handed_over(desk, PAUSE) == 1
    assert await handed_over(desk, PAUSE) == 1
    assert await handed_over(desk, replace(PAUSE, action_id="cora:2")) == 2, "between them nothing was written"
    with pytest.raises(Refused, match="has changed") as refused:
        await handed_over(desk, replace(PAUSE, action_id="cora:3", subject="nowhere"))
    assert refused.value.reason == "STALE"
