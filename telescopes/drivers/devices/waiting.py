"""Waiting for devices: one asked again and again with a deadline, or several at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telescopes.drivers.driver import DriverFault

log = logging.getLogger(__name__)


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


async def all_of(*doing: Awaitable[None]) -> None:
    """Let each come to its end, also where another fails; then raise the first failure, and log the others."""
    ends = await asyncio.gather(*doing, return_exceptions=True)
    failures = [end for end in ends if isinstance(end, BaseException)]
    for failure in failures[1:]:
        log.error("and besides: %s", failure)
    if failures:
        raise failures[0]
