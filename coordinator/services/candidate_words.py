"""A person's word about a candidate: from the decision that is journaled to what vetting and documents know of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import get_args

from coordinator.dispatch.facts import OperatorActed
from coordinator.vetting.candidate import ID
from coordinator.vetting.facts import CandidatesScored, PersonsWord, Saying
from coordinator.vetting.people import MARKS
from telescopes.description.errors import Refused

MARK, COMMENT = "mark_candidate", "comment_candidate"
ABOUT_CANDIDATES = frozenset({MARK, COMMENT})


def word_of(fact: OperatorActed, at: datetime) -> PersonsWord | None:
    """Return what a decision says of a candidate; None: it is about something else."""
    if fact.action not in ABOUT_CANDIDATES:
        return None
    said = "comment" if fact.action == COMMENT else fact.details.get("as", "")
    says: Saying | None = next((known for known in get_args(Saying) if known == said), None)
    return None if says is None else PersonsWord(fact.subject, says, fact.operator, fact.reason, at)


def require_candidate(fact: OperatorActed, scored: CandidatesScored | None, known: Iterable[str]) -> None:
    """Refuse a word about something that is no candidate of its event, or that says nothing.

    Parameters
    ----------
    fact : OperatorActed
        The decision.
    scored : CandidatesScored or None
        The event's newest odds; where they lie in a table, every id that may be one is taken.
    known : iterable of str
        Ids that the event's candidates have or had.

    Raises
    ------
    Refused
        There is no such candidate, or no such mark.
    """
    event = fact.details.get("event", "")
    if fact.action == MARK and fact.details.get("as") not in MARKS:
        raise Refused(
            f"no such mark: {fact.details.get('as')}", where="operator", mend=f"use one of {', '.join(MARKS)}"
        )
    in_table = scored is not None and scored.table_sha256 is not None and ID.fullmatch(fact.subject) is not None
    if not in_table and fact.subject not in known:
        where = f"candidate {fact.subject} of event {event}"
        mend = "see the event's candidates on the dashboard or in `armillary status`"
        raise Refused("is not known here", where=where, mend=mend, reason="NOT_FOUND")
