"""A journal in memory whose followers sleep until something comes, however often they would look on their own.

In the real system a follower asks again every few seconds, so that a journal that went away is noticed. In one process
on virtual time it cannot go away, and fifty followers who look at nothing cost more than all that they do.
"""

from coordinator.services.journal import EVERYTHING, InMemoryJournal, Only, Tail

PATIENCE_S = 6 * 3600.0


class PatientJournal(InMemoryJournal):
    """`InMemoryJournal`, but nobody who waits for news gives up before six hours of virtual time."""

    async def follow(self, after_seq: int, *, only: Only = EVERYTHING, wait_s: float = 10.0, limit: int = 1000) -> Tail:
        """Wait for something new that passes the filter."""
        return await super().follow(after_seq, only=only, wait_s=max(wait_s, PATIENCE_S), limit=limit)
