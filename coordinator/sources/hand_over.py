"""Handing a message to the intake so that nothing in it can stop its stream."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from coordinator.services.intake import NOTHING_SAID, Received, Said
from coordinator.sources.pulse import Pulse
from telescopes.description.errors import Refused, RetryLater

log = logging.getLogger(__name__)


class Taker(Protocol):
    """The intake, as a source sees it."""

    async def receive(
        self, raw: bytes, *, name: str, topic: str = "", headers: Mapping[str, str] | None = None
    ) -> Received:
        """Take one message; it is durable on return."""
        ...

    async def quarantine(self, raw: bytes, *, name: str, reason: str, said: Said = NOTHING_SAID) -> Received:
        """Keep a message that nobody understands, whole, with the reason and with what was said of it."""
        ...


async def hand_over(
    intake: Taker, pulse: Pulse, raw: bytes, *, name: str, topic: str = "", headers: Mapping[str, str] | None = None
) -> Received:
    """Let the intake take a message; one that breaks its reader goes to quarantine with the reason, and is counted.

    Raises
    ------
    RetryLater
        The journal cannot be reached now: the message is not taken.
    Broken
        Not even a quarantine can be written: this process writes no more.
    """
    try:
        received = await intake.receive(raw, name=name, topic=topic, headers=headers)
    except RetryLater:
        raise
    except Refused as refusal:
        received = await intake.quarantine(raw, name=name, reason=refusal.what, said=Said(topic, headers or {}))
    except Exception as error:
        pulse.count("broke")
        log.exception("%s broke its reader", name)
        reason = f"broke its reader: {type(error).__name__}: {error}"
        received = await intake.quarantine(raw, name=name, reason=reason, said=Said(topic, headers or {}))
    pulse.message(received.outcome)
    return received


async def hand_over_at_last(
    intake: Taker, pulse: Pulse, raw: bytes, *, name: str, topic: str = "", headers: Mapping[str, str] | None = None
) -> Received:
    """Hand a message over however long the journal is away."""
    while True:
        try:
            return await hand_over(intake, pulse, raw, name=name, topic=topic, headers=headers)
        except RetryLater as later:
            log.warning("%s waits: %s", name, later)
            await asyncio.sleep(later.after_s)


Sleep = Callable[[float], Awaitable[None]]
"""Waits so many seconds of link time."""
