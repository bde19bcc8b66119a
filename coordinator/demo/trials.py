"""What was done to the system on purpose, and what the journal says became of it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from coordinator.demo.witness import Witness
from coordinator.store.replay import fold_journal


@dataclass(frozen=True, slots=True)
class Heard:
    """What the running scheduler said of itself at the end: how far it had folded the journal, and its hash."""

    seq: int
    state_hash: str


@dataclass(frozen=True, slots=True)
class Trials:
    """What was done on purpose, and what became of it.

    Attributes
    ----------
    killed : bool
        Whether the scheduler was killed.
    new_epoch : int or None
        The epoch with which it was elected again; None: it was not.
    same_state : bool
        Whether it ended with the state that the journal, folded without it, gives.
    cut_off : tuple of str
        Telescopes that were cut off, one after another until something late came.
    believed : int
        How many pointings that they told late count as observed.
    """

    killed: bool
    new_epoch: int | None
    same_state: bool
    cut_off: tuple[str, ...]
    believed: int


def trials_of(witness: Witness, heard: Heard, killed_at: datetime | None, cut_off: tuple[str, ...]) -> Trials:
    """Look what became of the trials.

    Parameters
    ----------
    witness : Witness
        The journal.
    heard : Heard
        What the scheduler said at the end.
    killed_at : datetime or None
        Machine's UTC at which the scheduler was killed.
    cut_off : tuple of str
        Telescopes that were cut off.
    """
    later = [epoch for at, epoch in witness.schedulers if killed_at is not None and at > killed_at]
    every = witness.state.pointings.assignments.values()
    return Trials(
        killed=killed_at is not None,
        new_epoch=later[-1] if later else None,
        same_state=folds_to(witness.path, heard),
        cut_off=cut_off,
        believed=sum(a.late and a.observed for a in every if a.telescope in cut_off),
    )


def folds_to(journal: Path, heard: Heard) -> bool:
    """Say whether a journal, folded so far as somebody says, gives the hash that they say."""
    (state,) = fold_journal(journal, heard.seq)
    return state.applied_seq == heard.seq and state.hash() == heard.state_hash
