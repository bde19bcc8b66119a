"""A telescope's batch of reports against the book: which facts they make, and the answer to each item."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from coordinator.dispatch.assignment import Assignment, Illegal, Move, Note, Repeat, judge, moved, noted
from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import PointingMoved, PointingNoted
from telescopes.description.messages import (
    ALREADY_EXISTS,
    FAILED_PRECONDITION,
    NOT_FOUND,
    OK,
    ItemResult,
    PointingReport,
)

Fact = PointingMoved | PointingNoted
AT_ONCE = 50
"""Reports that are judged and written in one go, which takes some 10 ms: a longer batch lets others in between."""


@dataclass
class Digest:
    """The facts of a batch, and its answers in order; later items see what earlier ones made."""

    telescope_id: str
    book: Book
    now: datetime
    facts: list[Fact] = field(default_factory=list)
    results: list[ItemResult] = field(default_factory=list)
    _mine: dict[str, Assignment] = field(default_factory=dict)

    def take(self, report: PointingReport) -> None:
        """Take one report."""
        mine = self._mine.get(report.pointing_id) or self.book.assignments.get(report.pointing_id)
        if mine is None or mine.telescope != self.telescope_id:
            self.results.append(ItemResult(report.report_id, NOT_FOUND, "UNKNOWN_POINTING"))
            return
        code, reason = OK, ""
        match judge(mine, report):
            case Move(to, late):
                move = PointingMoved(
                    report.pointing_id, to, report.reason, report.detail[:500], late=late, report=report
                )
                self.facts.append(move)
                mine = moved(mine, move, self.now)
            case Note(why):
                reason = why
                note = PointingNoted(report.pointing_id, report)
                self.facts.append(note)
                mine = noted(mine, note)
            case Repeat():
                code = ALREADY_EXISTS
            case Illegal(why):
                code, reason = FAILED_PRECONDITION, why
        self._mine[report.pointing_id] = mine
        self.results.append(ItemResult(report.report_id, code, reason, mine.state))


def parts(reports: Sequence[PointingReport]) -> Iterator[list[int]]:
    """Cut a batch into parts to be digested one after the other: places in the batch, in the agent's own order."""
    order = _in_agents_order(reports)
    for first in range(0, len(order), AT_ONCE):
        yield order[first : first + AT_ONCE]


def digest(book: Book, telescope_id: str, reports: Sequence[PointingReport], now: datetime) -> Digest:
    """Judge a batch in the agent's own order; answer in the order in which it came."""
    made = Digest(telescope_id, book, now)
    order = _in_agents_order(reports)
    for i in order:
        made.take(reports[i])
    answers = dict(zip(order, made.results, strict=True))
    made.results = [answers[i] for i in range(len(reports))]
    return made


def _in_agents_order(reports: Sequence[PointingReport]) -> list[int]:
    return sorted(range(len(reports)), key=lambda i: reports[i].agent_seq)
