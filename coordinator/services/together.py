"""Several things at once: the first failure ends the others, and is raised as itself and not in a group."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def together(several: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run them all and return their results in the order given; nothing runs on behind a failure."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in several]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
