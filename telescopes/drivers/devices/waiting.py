"""Waiting for a device: asked again and again, with a deadline."""

import asyncio
from collections.abc import Awaitable, Callable

from telescopes.drivers.driver import DriverFault


async def until(
    done: Callable[[], Awaitable[bool]], *, within_s: float, every_s: float, otherwise: Callable[[], DriverFault]
) -> None:
    """Ask until the answer is yes; raise `otherwise` after so many seconds."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within_s
    while not await done():
        if loop.time() >= give_up:
            raise otherwise()
        await asyncio.sleep(every_s)
