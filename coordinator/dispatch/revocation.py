"""Which pointings are asked back, and why; the telescope's answer alone ends ownership."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import Closing
from telescopes.description.states import Reason


@dataclass(frozen=True, slots=True)
class AskBack:
    """Ask a telescope for a pointing back."""

    assignment: Assignment
    reason: Reason
    abort_if_started: bool = False


def for_retraction(held: Iterable[Assignment]) -> list[AskBack]:
    """A retraction ends everything, running or not (law 5), also what was asked back for less."""
    return [AskBack(a, Reason.RETRACTED, abort_if_started=True) for a in held if _may_run_on(a)]


def for_forbidden(held: Iterable[Assignment]) -> list[AskBack]:
    """What is of a purpose that its telescope does not accept ends, running or not (law 6)."""
    return [AskBack(a, Reason.SUPERSEDED, abort_if_started=True) for a in held if _may_run_on(a)]


def for_stale(held: Iterable[Assignment]) -> list[AskBack]:
    """A newer word made these worthless; what runs is left alone."""
    return [AskBack(a, Reason.SUPERSEDED) for a in held if _open(a) and not a.started]


def for_closed_telescope(held: Iterable[Assignment], reason: Reason) -> list[AskBack]:
    """A telescope that cannot or may not observe gives back what it has not started."""
    return [AskBack(a, reason) for a in held if _open(a) and not a.started]


def for_veto(one: Assignment) -> list[AskBack]:
    """A person's veto stops a pointing, running or not."""
    return [AskBack(one, Reason.VETOED_BY_OPERATOR, abort_if_started=True)] if _may_run_on(one) else []


def for_closings(held: Iterable[Assignment], closings: Sequence[Closing], now: datetime) -> list[AskBack]:
    """A telescope that people want left alone gives back in time what has not started, and at its begin what runs."""
    asked = []
    for one in held:
        if one.started:  # however long it was to take: it runs now
            meeting = next((c for c in closings if c.holds_at(now)), None)
        else:
            meeting = next((c for c in closings if c.end > now and c.meets(one.busy_from, one.busy_until)), None)
        if meeting is not None and (_may_run_on(one) if one.started else _open(one)):
            asked.append(AskBack(one, meeting.reason, abort_if_started=one.started))
    return asked


def for_interruption(held: Iterable[Assignment]) -> list[AskBack]:
    """What runs makes room for something of the highest priority, where its site allows that."""
    return [AskBack(a, Reason.BUSY_HIGHER_PRIORITY, abort_if_started=True) for a in held if _may_run_on(a)]


def _open(one: Assignment) -> bool:
    return one.live and one.revocation is None


def _may_run_on(one: Assignment) -> bool:
    return one.live and not one.abort_asked
