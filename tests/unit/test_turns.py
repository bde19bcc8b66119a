"""Whose call is read next at the gateway's door."""

import asyncio

import pytest

from coordinator.security.meters import TooFast
from coordinator.security.turns import AT_ONCE, MOST_CALLS, Turns
from coordinator.simulation.virtual_loop import VirtualLoop, run_virtual


def test_of_one_peer_only_a_few_calls_are_read_at_once_and_no_other_waits_for_them() -> None:
    async def main(loop: VirtualLoop) -> None:
        turns, reading = Turns(loop.time), {"a": 0, "b": 0}

        async def call(who: str) -> None:
            async with turns.of(who):
                reading[who] += 1
                await asyncio.sleep(10.0)

        async with asyncio.TaskGroup() as tasks:
            for who in ("a",) * 100 + ("b",):
                tasks.create_task(call(who))
            await asyncio.sleep(1.0)
            assert reading == {"a": AT_ONCE, "b": 1}
            await asyncio.sleep(10.0)
            assert reading == {"a": 2 * AT_ONCE, "b": 1}

    run_virtual(main)


def test_who_is_refused_is_read_one_after_the_other_and_later_for_more_bytes() -> None:
    async def main(loop: VirtualLoop) -> None:
        turns, read_at_s = Turns(loop.time), list[float]()

        async def call(size_bytes: int) -> None:
            async with turns.of("bad"):
                read_at_s.append(loop.time())
                turns.refused("bad", size_bytes)

        await call(0)
        await asyncio.gather(*(call(0) for _ in range(3)))
        assert read_at_s == pytest.approx([0.0, 0.05, 0.10, 0.15])
        await call(100 << 20)
        await call(0)
        assert read_at_s[-1] - read_at_s[-2] == pytest.approx(5.0)
        async with turns.of("good"):
            assert loop.time() == pytest.approx(read_at_s[-1])

    run_virtual(main)


def test_of_one_peer_only_so_many_calls_wait_and_the_next_is_sent_back_at_once() -> None:
    async def main(loop: VirtualLoop) -> None:
        turns = Turns(loop.time)

        async def call(who: str) -> None:
            turns.require_room(who)
            async with turns.of(who):
                await asyncio.sleep(10.0)

        async with asyncio.TaskGroup() as tasks:
            waiting = [tasks.create_task(call("many")) for _ in range(MOST_CALLS)]
            await asyncio.sleep(1.0)
            with pytest.raises(TooFast) as refused:
                await call("many")
            assert (loop.time(), refused.value.after_s) == (pytest.approx(1.0), 5.0)
            turns.require_room("another")
            await asyncio.sleep(10.0)
            turns.require_room("many")
            for one in waiting:
                one.cancel()
        assert len(turns) == 0

    run_virtual(main)


def test_who_keeps_quiet_for_a_while_is_forgiven() -> None:
    async def main(loop: VirtualLoop) -> None:
        turns = Turns(loop.time)
        async with turns.of("once"):
            turns.refused("once", 0)
        await asyncio.sleep(5.1)

        async def call() -> None:
            async with turns.of("once"):
                await asyncio.sleep(1.0)

        began_s = loop.time()
        await asyncio.gather(*(call() for _ in range(AT_ONCE)))
        assert loop.time() - began_s == pytest.approx(1.0)

    run_virtual(main)


def test_who_gives_up_while_waiting_takes_nobodys_turn() -> None:
    async def main(loop: VirtualLoop) -> None:
        turns = Turns(loop.time)
        async with turns.of("bad"):
            turns.refused("bad", 4 << 20)

        async def call() -> None:
            async with turns.of("bad"):
                pass

        waiting = [asyncio.create_task(call()) for _ in range(20)]
        await asyncio.sleep(0.5)
        for task in waiting[:19]:
            task.cancel()
        await asyncio.gather(*waiting[:19], return_exceptions=True)
        await waiting[19]
        assert loop.time() == pytest.approx(1.05)

    run_virtual(main)


def test_who_was_refused_and_left_is_forgotten_when_forgiven() -> None:
    async def main(loop: VirtualLoop) -> None:
        turns = Turns(loop.time)
        for number in range(100):
            async with turns.of(f"bad-{number}"):
                turns.refused(f"bad-{number}", 0)
        turns.refused("a stream", 0)
        assert len(turns) == 101
        await asyncio.sleep(11.0)
        for _ in range(60):
            async with turns.of("good"):
                pass
        assert len(turns) == 0

    run_virtual(main)
