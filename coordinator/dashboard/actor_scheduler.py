"""The scheduler's actor, for decisions: found by name at every call, so its restart is only a pause.

A decision has an id of its own, so that it may be handed over again when nobody knows whether it arrived.
"""

import asyncio
from typing import Any

from coordinator.dashboard.actor_journal import call
from coordinator.dispatch.event_limits import EventLimits
from coordinator.dispatch.facts import OperatorActed
from telescopes.description.errors import RetryLater

NAME = "scheduler"
PATIENCE_S = 8.0


class ActorScheduler:
    """What the dashboard uses of the scheduler."""

    async def act(self, action: OperatorActed) -> int:
        """Take a decision; return the journal entry that holds it.

        Raises
        ------
        Refused
            The scheduler does not take it.
        RetryLater
            The scheduler is away for longer than a restart takes.
        """
        loop = asyncio.get_running_loop()
        give_up = loop.time() + PATIENCE_S
        while True:
            try:
                return int(await call(NAME, "act", action))
            except RetryLater:
                if loop.time() > give_up:
                    raise
                await asyncio.sleep(0.2)

    async def what_if(self, event: str, limits: EventLimits) -> dict[str, Any]:
        """Say what a plan with other limits would be.

        Raises
        ------
        Refused
            There are no such limits, or the event is not searched.
        RetryLater
            Somebody else asks, or the scheduler is away.
        """
        document: dict[str, Any] = await call(NAME, "what_if", event, limits)
        return document
