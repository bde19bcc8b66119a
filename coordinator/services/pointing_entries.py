"""Journal entries about pointings: who and what each is filed under."""

from collections.abc import Iterable
from datetime import datetime

from coordinator.dispatch.book import Book
from coordinator.dispatch.decide import numbered
from coordinator.dispatch.facts import PointingApproved, PointingMoved, PointingNoted, PointingOffered
from coordinator.dispatch.revocation import AskBack
from coordinator.services.facts import MOVED_KIND, entry_of
from coordinator.services.journal import Entry


def offer_entry(offer: PointingOffered, at: datetime) -> Entry:
    """File an offer."""
    pointing = offer.pointing
    return entry_of(
        "pointing_offered",
        offer,
        sky_time=at,
        event=pointing.event_id,
        telescope=pointing.telescope_id,
        subject=pointing.pointing_id,
        cause=pointing.plan_id,
    )


def move_entry(book: Book, fact: PointingMoved | PointingNoted, at: datetime) -> Entry:
    """File a move, or a report that moves nothing."""
    pointing = book.assignments[fact.pointing_id].offered.pointing
    return entry_of(
        MOVED_KIND[fact.to] if isinstance(fact, PointingMoved) else "pointing_noted",
        fact,
        sky_time=at,
        event=pointing.event_id,
        telescope=pointing.telescope_id,
        subject=fact.pointing_id,
        cause=None if fact.report is None else fact.report.report_id,
    )


def revocation_entries(book: Book, asked: Iterable[AskBack], at: datetime) -> list[Entry]:
    """File requests to give back, numbered in each telescope's command log."""
    return [
        entry_of(
            "pointing_revocation_requested",
            fact,
            sky_time=at,
            event=book.assignments[fact.pointing_id].offered.pointing.event_id,
            telescope=telescope,
            subject=fact.pointing_id,
        )
        for telescope, fact in numbered(asked, lambda t: book.command_head.get(t, 0))
    ]


def approval_entry(book: Book, pointing_id: str, who: str, at: datetime) -> Entry:
    """File a person's yes, numbered in the telescope's command log."""
    mine = book.assignments[pointing_id]
    seq = book.command_head.get(mine.telescope, 0) + 1
    return entry_of(
        "pointing_approved",
        PointingApproved(pointing_id, mine.offered.pointing.revision + 1, who, seq),
        sky_time=at,
        event=mine.key[0],
        telescope=mine.telescope,
        subject=pointing_id,
    )
