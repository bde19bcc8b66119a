"""The loop on virtual time: hours cost nothing, and nobody waits for ever for a deadline that is nearly there."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from coordinator.simulation.virtual_loop import Stalled, VirtualLoop, run_virtual, virtual_utc


def test_hours_pass_at_once_and_in_order() -> None:
    async def main(loop: VirtualLoop) -> list[str]:
        order: list[str] = []

        async def wait(name: str, hours: float) -> None:
            await asyncio.sleep(hours * 3600)
            order.append(f"{name} at {loop.time() / 3600:.3f}")

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(wait("late", 8))
            tasks.create_task(wait("early", 2))
        return order

    assert run_virtual(main) == ["early at 2.000", "late at 8.000"]


def test_a_timer_never_rings_before_its_time() -> None:
    async def main(loop: VirtualLoop) -> list[float]:
        early: list[float] = []
        for n in range(1, 2000):
            due = loop.time() + n * 0.1 + 1e-10
            await asyncio.sleep(due - loop.time())
            early.append(due - loop.time())
        return early

    assert max(run_virtual(main)) <= 0.0


def test_many_who_wait_again_for_what_is_nearly_there_come_to_an_end() -> None:
    """Timers that ring a nanosecond early used to keep each other busy while time stood still."""

    async def main(loop: VirtualLoop) -> None:
        give_up = time.process_time() + 5.0

        async def wait_until(deadline: float, begin_after: int) -> None:
            for _ in range(begin_after):
                await asyncio.sleep(0)
            while (left := deadline - loop.time()) > 0:
                assert time.process_time() < give_up, "time stands still"
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await loop.create_future()

        async with asyncio.TaskGroup() as tasks:
            for n in range(8):
                tasks.create_task(wait_until(5e-10, begin_after=n))

    run_virtual(main)


def test_the_machines_utc_follows_the_loop() -> None:
    start = datetime(2026, 3, 20, tzinfo=UTC)

    async def main(loop: VirtualLoop) -> datetime:
        utc = virtual_utc(loop, start)
        await asyncio.sleep(90.0)
        return utc()

    assert run_virtual(main) == start + timedelta(seconds=90)


def test_a_wait_that_nothing_ends_is_told() -> None:
    async def main(loop: VirtualLoop) -> None:
        await loop.create_future()

    with pytest.raises(Stalled):
        run_virtual(main)
