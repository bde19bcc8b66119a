"""The tail of the journal in memory, so that following it costs no reads."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

from coordinator.services.journal import Only, Stored, Tail

RING_ENTRIES = 5000


class Ring:
    """The last entries, without gaps; `head_seq` is the last one's number."""

    def __init__(self, head_seq: int, size: int = RING_ENTRIES) -> None:
        self.head_seq = head_seq
        self._tail: deque[Stored] = deque(maxlen=size)

    def extend(self, new: Iterable[Stored]) -> None:
        """Take what was committed; a gap (written past this process) starts the ring anew."""
        for stored in new:
            if stored.seq != self.head_seq + 1:
                self._tail.clear()
            self._tail.append(stored)
            self.head_seq = stored.seq

    def tail(self, after_seq: int, only: Only, limit: int) -> Tail | None:
        """Return what is new after a sequence number; None: it lies further back than the ring reaches."""
        if after_seq >= self.head_seq:
            return Tail((), self.head_seq)
        first = self.head_seq - len(self._tail) + 1
        if after_seq + 1 < first:
            return None
        newest_first = list(islice(reversed(self._tail), self.head_seq - after_seq))  # most ask for the last few
        found = tuple(islice((stored for stored in reversed(newest_first) if only.admits(stored)), limit))
        return Tail(found, found[-1].seq if len(found) == limit else self.head_seq)
