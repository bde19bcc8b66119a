"""Several things at once: the first failure ends the others, and the gravest is raised, not in a group."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from telescopes.description.errors import Refused, RetryLater

log = logging.getLogger(__name__)

T = TypeVar("T")
LIGHT = (RetryLater, Refused)
"""From the lightest on; whatever is none of these is graver."""


async def together(several: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run them all and return their results in the order given; nothing runs on behind a failure."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in several]
    except BaseExceptionGroup as failed:
        gravest = max(failed.exceptions, key=_gravity)
        for other in failed.exceptions:
            if other is not gravest:
                log.warning("failed beside it: %s", other)
        raise gravest from None
    return [task.result() for task in tasks]


def _gravity(error: BaseException) -> int:
    return next((at for at, family in enumerate(LIGHT) if isinstance(error, family)), len(LIGHT))
