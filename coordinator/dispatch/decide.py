"""What follows from the state, now: expiries, revocations; pure, and the same after a restart.

Each rule looks at the folded state and says which facts should be true. Nothing depends on how the state
came about, so a decision that a crash cut off is made again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import Closing, PointingMoved, RevocationRequested
from coordinator.dispatch.leases import closed_windows, lost_lease, unanswered
from coordinator.dispatch.revocation import (
    AskBack,
    for_closed_telescope,
    for_closings,
    for_forbidden,
    for_retraction,
    for_stale,
    for_veto,
)
from telescopes.description.clocks import LinkTime
from telescopes.description.states import Reason


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rules look at besides the book.

    Attributes
    ----------
    retracted : frozenset of str
        Keys of events that are retracted.
    forbidden : frozenset of str
        Ids of open pointings whose event is of a purpose that their telescope does not accept (any more).
    cut_off : frozenset of str
        Telescopes whose lease is lost.
    closed : mapping of str to Reason
        Telescopes that cannot or may not observe now, and why.
    closings : mapping of str to sequence of Closing
        When people want telescopes left alone.
    unwanted : frozenset of str
        Ids of open pointings of events that people keep from their telescope.
    left_out : frozenset of str
        Ids of open pointings that people's limits on the search of their event forbid; what runs comes to its end.
    offered_at : mapping of str to LinkTime
        When each open offer began to count, by pointing id.
    report_grace : timedelta
        Sky time that a report may take to arrive after its window.
    answer_grace_s : float
        Link seconds that an answer may take to arrive.
    """

    now: datetime
    link_now: LinkTime
    retracted: frozenset[str]
    forbidden: frozenset[str]
    cut_off: frozenset[str]
    closed: Mapping[str, Reason]
    offered_at: dict[str, LinkTime]
    report_grace: timedelta
    answer_grace_s: float
    closings: Mapping[str, Sequence[Closing]] = field(default_factory=dict)
    unwanted: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """Facts to commit; an expired pointing of a cut-off telescope is also asked back."""

    moves: tuple[PointingMoved, ...]
    revocations: tuple[AskBack, ...]


def decide(book: Book, at: Situation) -> Decision:
    """Say what ends by itself and what must be asked back."""
    held = list(book.live())
    gone = [a for a in held if a.telescope in at.cut_off]
    moves: dict[str, PointingMoved] = {}
    for move in (
        *lost_lease(gone),
        *closed_windows(held, at.now, at.report_grace),
        *unanswered(held, at.offered_at, at.link_now, at.answer_grace_s),
    ):
        moves.setdefault(move.pointing_id, move)
    return Decision(tuple(moves.values()), tuple(_ask_back(held, gone, set(moves), at)))


def _ask_back(held: list[Assignment], gone: list[Assignment], ended: set[str], at: Situation) -> Iterable[AskBack]:
    """Rules in their order; none asks back what one before it has asked back already."""
    rest = {a.id: a for a in held if a.id not in ended}
    asked: list[AskBack] = []
    by_telescope: dict[str, list[Assignment]] = {}
    for one in rest.values():
        by_telescope.setdefault(one.telescope, []).append(one)

    def take(found: Iterable[AskBack]) -> None:
        fresh = list(found)
        asked.extend(fresh)
        for one in fresh:
            del rest[one.assignment.id]

    def of(telescope: str) -> Iterable[Assignment]:
        return (a for a in by_telescope.get(telescope, ()) if a.id in rest)

    take(for_retraction(a for a in rest.values() if a.offered.pointing.event_id in at.retracted))
    take(for_forbidden(a for a in rest.values() if a.id in at.forbidden))
    take(r for a in rest.values() if a.id in at.unwanted for r in for_veto(a))
    take(for_stale(a for a in rest.values() if a.id in at.left_out))
    for telescope, closings in at.closings.items():
        take(for_closings(of(telescope), closings, at.now))
    for telescope, reason in at.closed.items():
        take(for_closed_telescope(of(telescope), reason))
    # A cut-off telescope may still hold what was just given up: it is told so when it comes back.
    asked += [AskBack(a, Reason.LINK_LOST) for a in gone if a.id in ended and a.revocation is None]
    return asked


def numbered(asked: Iterable[AskBack], head: Callable[[str], int]) -> list[tuple[str, RevocationRequested]]:
    """Give each revocation the next number of its telescope's command log; (telescope, fact)."""
    used: dict[str, int] = {}
    facts = []
    for one in asked:
        mine = one.assignment.telescope
        used[mine] = used.get(mine, head(mine)) + 1
        pointing = one.assignment.offered.pointing
        facts.append(
            (
                mine,
                RevocationRequested(
                    pointing.pointing_id, pointing.revision, one.reason, one.abort_if_started, used[mine]
                ),
            )
        )
    return facts
