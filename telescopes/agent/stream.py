"""Reads one command stream, and notices when it has gone silent or lost something."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from telescopes.agent.link import CoordinatorLink, Message
from telescopes.description.errors import RetryLater
from telescopes.description.messages import Command, Drain, Heartbeat, SessionGrant

MISSED_HEARTBEATS = 3


class GapSeen(RetryLater):
    """Commands are missing: what both sides hold must be compared."""


async def follow_stream(
    link: CoordinatorLink,
    grant: SessionGrant,
    after_seq: int,
    take: Callable[[Command], Awaitable[None]],
    hear: Callable[[Heartbeat], bool],
) -> Drain:
    """Hand on commands and heartbeats until the coordinator drains the stream.

    Parameters
    ----------
    link, grant, after_seq
        Which stream, from where on.
    take : callable
        Applies a command; while it waits for room, nothing more is read.
    hear : callable
        Takes a heartbeat; returns whether it names a command that did not come. One such heartbeat may have
        overtaken the command, two in a row have not.

    Raises
    ------
    RetryLater
        The stream ended, or nothing was heard for three heartbeats.
    GapSeen
        Commands are missing.
    """
    behind = False
    async with aclosing(link.watch(grant.session_id, after_seq)) as stream:
        while True:
            match await _next(stream, MISSED_HEARTBEATS * grant.heartbeat_s):
                case Command() as command:
                    await take(command)
                case Heartbeat() as heartbeat:
                    was_behind, behind = behind, hear(heartbeat)
                    if was_behind and behind:
                        raise GapSeen("commands did not come", where="command stream", mend="compare with the list")
                case Drain() as drain:
                    return drain


async def _next(stream: AsyncGenerator[Message, None], at_most_s: float) -> Message:
    try:
        async with asyncio.timeout(at_most_s):
            return await anext(stream)
    except StopAsyncIteration:
        raise RetryLater(
            "the coordinator ended the stream", where="command stream", mend="open it again", after_s=0.0
        ) from None
    except TimeoutError:
        raise RetryLater(
            f"nothing was heard for {at_most_s:.1f} s", where="command stream", mend="open it again", after_s=0.0
        ) from None
