"""The supervisor's actor, for a look at all others: found by name at every call."""

from typing import Any

from coordinator.dashboard.actor_journal import call

NAME = "supervisor"


async def actors() -> list[dict[str, Any]]:
    """Return a row an actor, as the supervisor last heard of it.

    Raises
    ------
    RetryLater
        The supervisor is away, or there is none.
    """
    rows: list[dict[str, Any]] = await call(NAME, "actors")
    return rows
