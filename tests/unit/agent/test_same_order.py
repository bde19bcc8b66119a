"""What happens at one instant happens in the order of asking: a simulation must go the same way again."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from coordinator.simulation.virtual_loop import LoopClock, VirtualLoop, run_virtual
from telescopes.agent.link import Message
from telescopes.agent.outage import OutageLink
from telescopes.agent.sky_time import AgentSky
from telescopes.description.clocks import SkyClockReading
from telescopes.description.errors import RetryLater
from telescopes.description.messages import PointingPage

MANY = 40


class _Deaf:
    """A link that never answers."""

    async def list_pointings(self, *_: Any) -> PointingPage:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    async def watch(self, *_: Any) -> AsyncGenerator[Message, None]:
        raise AssertionError
        yield


def test_all_who_wait_for_the_sky_clock_wake_in_order() -> None:
    async def main(loop: VirtualLoop) -> list[int]:
        sky, woken = AgentSky(LoopClock(loop)), list[int]()

        async def wait(number: int) -> None:
            await sky.wait_until_known()
            woken.append(number)

        async with asyncio.TaskGroup() as tasks:
            for number in range(MANY):
                tasks.create_task(wait(number))
            await asyncio.sleep(1.0)
            sky.announce(SkyClockReading(datetime(2026, 1, 1, tzinfo=UTC), 1.0))
        return woken

    assert run_virtual(main) == list(range(MANY))


def test_a_cut_ends_calls_in_the_order_in_which_they_left() -> None:
    async def main(loop: VirtualLoop) -> list[int]:
        link, ended = OutageLink(_Deaf(), LoopClock(loop)), list[int]()  # type: ignore[arg-type]

        async def ask(number: int) -> None:
            with suppress(RetryLater):
                await link.list_pointings("s", (), 1, "")
            ended.append(number)

        async with asyncio.TaskGroup() as tasks:
            for number in range(MANY):
                tasks.create_task(ask(number))
            await asyncio.sleep(1.0)
            link.cut(10.0)
        return ended

    assert run_virtual(main) == list(range(MANY))
