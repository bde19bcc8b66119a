"""What an actor does once it has started: what it is made of is searched for garbage no more."""

import subprocess
import sys

SCRIPT = """
import asyncio, gc
from coordinator.actors.shell import Shell

class Started(Shell):
    async def _start(self):
        self.recovered = [[n] for n in range(1000)]

async def main():
    gc.collect()
    before = len(gc.get_objects())
    actor = Started()
    await actor.ready()
    print(before, len(gc.get_objects()), gc.get_freeze_count(), gc.get_threshold()[2])

asyncio.run(main())
"""


def test_what_an_actor_started_with_is_left_out_of_searches_for_garbage() -> None:
    said = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True).stdout
    before, searched, left_out, seldom = map(int, said.split())
    assert searched < before / 10
    assert left_out > before + 900
    assert seldom > 10
