"""A person's word about a candidate: from the decision that is journaled to what vetting and documents know of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import get_args

from coordinator.dispatch.asked_for import BY_HAND, name_of
from coordinator.dispatch.facts import OperatorActed
from coordinator.dispatch.ownership import FOLLOW_UP
from coordinator.vetting.candidate import ID
from coordinator.vetting.facts import CandidatesScored, FollowUpRequested, PersonsWord, Saying
from coordinator.vetting.people import MARKS
from telescopes.description.errors import Refused

MARK, COMMENT = "mark_candidate", "comment_candidate"
LOOK, NO_LOOK = "request_follow_up", "withdraw_follow_up"
ABOUT_CANDIDATES = frozenset({MARK, COMMENT, LOOK, NO_LOOK})


def word_of(fact: OperatorActed, at: datetime) -> PersonsWord | None:
    """Return what a decision says of a candidate; None: it is about something else."""
    if fact.action not in (MARK, COMMENT):
        return None
    said = "comment" if fact.action == COMMENT else fact.details.get("as", "")
    says: Saying | None = next((known for known in get_args(Saying) if known == said), None)
    return None if says is None else PersonsWord(fact.subject, says, fact.operator, fact.reason, at)


def placed(fact: OperatorActed, scored: CandidatesScored | None) -> OperatorActed:
    """Write into a wish for another look where the candidate is, as far as the newest odds say.

    Raises
    ------
    Refused
        They do not say it.
    """
    found = next((c for c in (() if scored is None else scored.candidates) if c.id == fact.subject), None)
    if found is None:
        mend = "ask for one of the event's best candidates, or a telescope for its place (ask-pointing)"
        raise Refused("its place is not known here", where=f"candidate {fact.subject}", mend=mend, reason="NOT_FOUND")
    place = {"ra_deg": repr(found.ra_deg), "dec_deg": repr(found.dec_deg)}
    mag = {} if found.mag_ab is None else {"mag_ab": repr(found.mag_ab)}
    return replace(fact, details=fact.details | place | mag)


def look_of(fact: OperatorActed) -> FollowUpRequested:
    """Read a person's wish for another look: by the telescope best placed, as when a machine asks."""
    said = fact.details
    band = said.get("filter", "")
    return FollowUpRequested(
        event=said["event"],
        candidate=fact.subject,
        visit=f"{FOLLOW_UP}{fact.subject}:{band or 'any'}:{name_of(fact.action_id)}",
        ra_deg=float(said["ra_deg"]),
        dec_deg=float(said["dec_deg"]),
        filters=(band,) if band else (),
        mag_ab=float(said["mag_ab"]) if "mag_ab" in said else None,
        because=f"{fact.reason} ({fact.operator})",
    )


def is_by_hand(wanted: FollowUpRequested, event: str, candidate: str) -> bool:
    """Say whether a look at a candidate was asked for by a person."""
    last = wanted.visit.rpartition(":")[2]
    return (wanted.event, wanted.candidate) == (event, candidate) and last.startswith(BY_HAND)


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
