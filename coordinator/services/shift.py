"""Who is on duty, and what one shift leaves to the next: a fold of what people said (pure)."""

from dataclasses import dataclass, replace
from datetime import datetime

from coordinator.dispatch.facts import OperatorActed
from telescopes.description.errors import Refused

TAKE_OVER, HAND_OVER, COMMENT, GO_OFF = "take_shift", "hand_over_shift", "comment_shift", "leave_shift"
ABOUT_SHIFTS = frozenset({TAKE_OVER, HAND_OVER, COMMENT, GO_OFF})
SUBJECT = "shift"
KEPT = 20
"""Shifts that are over and are still remembered; the journal has all."""


@dataclass(frozen=True, slots=True)
class PastShift:
    """A shift that is over: what happened in it stands in the journal between its numbers."""

    person: str
    since: datetime
    until: datetime
    since_seq: int
    until_seq: int
    comment: str


@dataclass(frozen=True, slots=True)
class Shift:
    """How it stands.

    Attributes
    ----------
    person : str or None
        Who is on duty; None: nobody.
    since, since_seq : datetime, int
        Since when that holds: when it was recorded (machine UTC), and as which entry.
    successor : str or None
        Whom it is handed to; they are on duty when they take over.
    comment : str
        What the one on duty leaves to the next, besides what the journal says; may have lines.
    past : tuple of PastShift
        The last ones that are over, the newest first.
    """

    person: str | None
    since: datetime
    since_seq: int
    successor: str | None = None
    comment: str = ""
    past: tuple[PastShift, ...] = ()


def shift_after(before: Shift | None, fact: OperatorActed, at: datetime, seq: int) -> Shift | None:
    """Fold what somebody said of the shift."""
    if fact.action in (TAKE_OVER, GO_OFF):
        past = () if before is None else before.past
        if before is not None and before.person is not None:
            over = PastShift(before.person, before.since, at, before.since_seq, seq, before.comment)
            past = (over, *past)[:KEPT]
        return Shift(fact.operator if fact.action == TAKE_OVER else None, at, seq, past=past)
    if before is None:
        return None
    note = fact.details.get("note", before.comment)
    successor = fact.details.get("to", "") if fact.action == HAND_OVER else before.successor
    return replace(before, comment=note, successor=successor)


def shift_version(shift: Shift | None) -> str:
    """Say who is on duty, and what is agreed about the next one."""
    if shift is None or shift.person is None:
        return "nobody is on duty"
    said = f"{shift.person} is on duty since {shift.since:%Y-%m-%dT%H:%M:%SZ}"
    if shift.successor is not None:
        said += f", handed to {shift.successor}"
    return said


def require_shift(fact: OperatorActed, shift: Shift | None) -> None:
    """Refuse to hand over or to comment on a shift that nobody has, and to hand it to who has it.

    Raises
    ------
    Refused
        So it is.
    """
    person = None if shift is None else shift.person
    if person is None and fact.action != TAKE_OVER:
        raise Refused("nobody is on duty", where=SUBJECT, mend="take over first")
    if fact.action == HAND_OVER and fact.details.get("to") == person:
        raise Refused(f"{person} is on duty already", where="to", mend="name who comes next")
    if fact.action == TAKE_OVER and fact.operator == person:
        raise Refused(f"{person} is on duty already", where=SUBJECT, mend="nothing to do")


def without_numbers(shift: Shift) -> tuple[object, ...]:
    """Return what of it is the same in every journal that says the same: no numbers, no times of recording."""
    return shift.person, shift.successor, shift.comment, tuple((p.person, p.comment) for p in shift.past)
