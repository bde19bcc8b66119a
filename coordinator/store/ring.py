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
        newer = (stored for stored in islice(self._tail, after_seq + 1 - first, None) if only.admits(stored))
        found = tuple(islice(newer, limit))
        return Tail(found, found[-1].seq if len(found) == limit else self.head_seq)
