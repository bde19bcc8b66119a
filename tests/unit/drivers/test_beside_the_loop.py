"""A folder that hangs holds up a stop for so long and no longer, and nothing is done before it."""

import asyncio
import threading

import pytest

from telescopes.drivers.beside_the_loop import BesideTheLoop
from telescopes.drivers.driver import DriverFault


async def stopped_in(beside, work, times=1):
    """Begin something, and stop it as often."""
    doing = asyncio.create_task(beside.do(work))
    for _ in range(times):
        await asyncio.sleep(0.01)
        doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(90.0):
            await doing


async def test_a_stop_waits_no_longer_for_a_folder_that_hangs_and_what_comes_next_waits_first(caplog):
    answers, done = threading.Event(), []

    def hangs():
        answers.wait(20.0)
        done.append("dropped")

    beside = BesideTheLoop("t1: plans", within_s=0.1)
    try:
        await stopped_in(beside, hangs)
        assert "t1: plans: the folder does not answer within 0.1 s; see that its disk" in caplog.text
        with pytest.raises(DriverFault, match="does not answer"):
            await beside.do(lambda: done.append("taken back"))
        assert done == []
    finally:
        answers.set()
    async with asyncio.timeout(90.0):
        while not done:
            await asyncio.sleep(0.01)
    await beside.do(lambda: done.append("taken back"))
    assert done == ["dropped", "taken back"]


async def test_who_is_stopped_twice_waits_for_the_end_all_the_same():
    answers, done = threading.Event(), []

    def works():
        answers.wait(20.0)
        done.append("dropped")

    asyncio.get_running_loop().call_later(0.1, answers.set)
    await stopped_in(BesideTheLoop("t1: plans", within_s=20.0), works, times=3)
    assert done == ["dropped"]
