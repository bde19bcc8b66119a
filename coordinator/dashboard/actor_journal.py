"""The journal actor, for reading: found by name at every call, so its restart is only a pause."""

import asyncio
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from coordinator.services.journal import EVERYTHING, JournalInfo, Only, Tail
from telescopes.description.errors import ArmillaryError, Broken, RetryLater

NAMESPACE = "armillary"
NAME = "journal"
CALL_S = 30.0


class ActorJournal:
    """What the dashboard uses of the Journal protocol; every call may raise RetryLater while the actor is away."""

    async def info(self) -> JournalInfo:
        """Return its identity and head."""
        info: JournalInfo = await call(NAME, "info")
        return info

    async def read(self, after_seq: int, *, only: Only = EVERYTHING, limit: int = 1000) -> Tail:
        """Read what comes after a sequence number."""
        tail: Tail = await call(NAME, "read", after_seq, only=only, limit=limit)
        return tail

    async def follow(self, after_seq: int, *, only: Only = EVERYTHING, wait_s: float = 10.0, limit: int = 1000) -> Tail:
        """Wait for something new that passes the filter."""
        tail: Tail = await call(NAME, "follow", after_seq, only=only, wait_s=wait_s, limit=limit)
        return tail


async def call(name: str, method: str, *args: Any, **named: Any) -> Any:
    """Call a method of an actor once.

    Raises
    ------
    RetryLater
        It is away.
    Broken
        It failed.
    """
    try:
        handle = ray.get_actor(name, namespace=NAMESPACE)
        async with asyncio.timeout(CALL_S):
            return await getattr(handle, method).remote(*args, **named)
    except RayTaskError as error:
        cause = getattr(error, "cause", None)
        if isinstance(cause, ArmillaryError):
            raise cause from None
        raise Broken(f"failed: {cause!r}", where=name, mend="see its log") from error
    except (RayError, ValueError, TimeoutError) as error:
        raise RetryLater("is away", where=name, mend="it is being restarted", after_s=1.0) from error
