"""The journal folded again from its start, without the system that wrote it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from coordinator.services.state import ObservatoryState
from coordinator.store.journal_file import JournalFile


def fold_journal(path: Path, until: int | None, stops: Sequence[int] = ()) -> Iterator[ObservatoryState]:
    """Yield the one folded state at every stop, and at the end; look at it before asking for the next.

    Parameters
    ----------
    path : Path
        The journal's file; it is only read.
    until : int, optional
        Fold nothing after this sequence number.
    stops : sequence of int
        Sequence numbers at which to yield.
    """
    file = JournalFile.for_reading(path)
    state = ObservatoryState()
    wanted = set(stops)
    try:
        while True:
            tail = file.read(state.applied_seq)
            for stored in tail.entries:
                if until is not None and stored.seq > until:
                    break
                state.apply(stored)
                if stored.seq in wanted:
                    yield state
            else:
                if tail.entries:
                    continue
            break
        yield state
    finally:
        file.close()
