"""Whose call is read next: a few of each at the same time, and of who was refused one after the other, ever later.

A call that waits here was not read yet, so it holds no memory, and the sender cannot send on: that is HTTP/2's own
flow control.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from coordinator.security.meters import TooFast

AT_ONCE = 8
"""Calls of one peer that are read and answered at the same time: an agent has a batch and a status under way."""
MOST_CALLS = 1000
"""Calls of one peer that wait or are answered: ten connections full.

What came of each before it is read lies here, 64 KiB at most (HTTP/2's own window): so a peer with many connections
makes us hold 64 MiB, and no more.
"""
APART_S = 0.05
LATEST_S = 5.0
"""Well within an agent's own deadline of ten seconds: it would not hear a later answer."""
REFUSED_BYTES_PER_S = 4 << 20
FORGIVEN_S = 5.0
SWEPT_AT_ONCE = 2
"""Peers looked at with each call whether they are forgiven: more than one call can leave behind."""


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
        self._resting: dict[str, None] = {}

    def __len__(self) -> int:
        """Say of how many something is remembered: who calls now, and who was refused lately."""
        return len(self._peers)

    def require_room(self, who: str) -> None:
        """Refuse a call where so many of the same peer wait already.

        Raises
        ------
        TooFast
            With when to come again; the call was not read.
        """
        peer = self._peers.get(who)
        if peer is not None and peer.calls >= MOST_CALLS:
            mend = f"make at most {MOST_CALLS} calls at the same time"
            raise TooFast("too many calls wait", where=who, mend=mend, after_s=LATEST_S)

    @asynccontextmanager
    async def of(self, who: str) -> AsyncIterator[None]:
        """Wait for somebody's turn, and hold it while their call is read, judged and answered."""
        self._sweep()
        peer = self._peers.setdefault(who, _Peer())
        peer.calls += 1
        self._resting.pop(who, None)
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
            if not peer.calls:
                self._rest(who)

    def refused(self, who: str, size_bytes: int) -> None:
        """Let somebody wait before their next call is read: they were refused one of such a size."""
        peer = self._peers.setdefault(who, _Peer())
        cost_s = APART_S + size_bytes / REFUSED_BYTES_PER_S
        peer.refused_until_s = self._link_now() + min(LATEST_S, self._left_s(peer) + cost_s)
        if not peer.calls:  # it was a stream, which has given its turn back
            self._rest(who)

    def _rest(self, who: str) -> None:
        """Forget who calls no more, or remember them until they are forgiven."""
        self._resting.pop(who, None)
        if self._is_forgiven(self._peers[who]):
            del self._peers[who]
        else:
            self._resting[who] = None

    def _sweep(self) -> None:
        """Forget some of the forgiven; who came to rest first is looked at first."""
        for who in list(itertools.islice(self._resting, SWEPT_AT_ONCE)):
            if self._is_forgiven(self._peers[who]):
                self._rest(who)

    def _left_s(self, peer: _Peer) -> float:
        return max(0.0, (peer.refused_until_s or 0.0) - self._link_now())

    def _is_forgiven(self, peer: _Peer) -> bool:
        return peer.refused_until_s is None or self._link_now() - peer.refused_until_s >= FORGIVEN_S
