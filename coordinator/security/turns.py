"""Whose call is read next: a few of each at the same time, and of who was refused one after the other, ever later.

A call that waits here was not read yet, so it holds no memory, and the sender cannot send on: that is HTTP/2's own
flow control.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

AT_ONCE = 8
"""Calls of one peer that are read at the same time: an agent has a stream, a batch and a status under way."""
APART_S = 0.05
LATEST_S = 5.0
"""Well within an agent's own deadline of ten seconds: it would not hear a later answer."""
REFUSED_BYTES_PER_S = 4 << 20
FORGIVEN_S = 5.0


@dataclass(slots=True)
class _Peer:
    """Somebody who calls; `refused_until_s`: nothing of theirs is read before, None: nothing was refused lately."""

    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    calls: int = 0
    refused_until_s: float | None = None


class Turns:
    """Gives each peer its turns; one peer's never wait for another's.

    Parameters
    ----------
    link_now : callable
        Link time, seconds.
    """

    def __init__(self, link_now: Callable[[], float]) -> None:
        self._link_now = link_now
        self._peers: dict[str, _Peer] = {}

    @asynccontextmanager
    async def of(self, who: str) -> AsyncIterator[None]:
        """Wait for somebody's turn, and hold it while their call is read and judged."""
        peer = self._peers.setdefault(who, _Peer())
        peer.calls += 1
        try:
            async with peer.slots:
                if self._is_forgiven(peer):
                    yield
                else:
                    async with peer.line:
                        await asyncio.sleep(self._left_s(peer))
                        yield
        finally:
            peer.calls -= 1
            if not peer.calls and self._is_forgiven(peer):
                del self._peers[who]

    def refused(self, who: str, size_bytes: int) -> None:
        """Let somebody wait before their next call is read: they were refused one of such a size."""
        peer = self._peers[who]
        cost_s = APART_S + size_bytes / REFUSED_BYTES_PER_S
        peer.refused_until_s = self._link_now() + min(LATEST_S, self._left_s(peer) + cost_s)

    def _left_s(self, peer: _Peer) -> float:
        return max(0.0, (peer.refused_until_s or 0.0) - self._link_now())

    def _is_forgiven(self, peer: _Peer) -> bool:
        return peer.refused_until_s is None or self._link_now() - peer.refused_until_s >= FORGIVEN_S
