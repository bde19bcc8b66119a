"""What a person may ask of the scheduler, and what of it ends open pointings (pure)."""

from collections.abc import Container

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import OperatorActed
from coordinator.dispatch.revocation import AskBack, for_closed_telescope, for_retraction, for_veto
from coordinator.events.event import Event
from coordinator.services.candidate_words import ABOUT_CANDIDATES, NO_LOOK, is_by_hand, require_candidate
from coordinator.services.deciding import APPROVE, RETRACT, VERDICTS
from coordinator.services.event_acts import ABOUT_EVENTS
from coordinator.services.shift import ABOUT_SHIFTS, require_shift
from coordinator.services.state import ObservatoryState
from coordinator.services.telescope_acts import ABOUT_TELESCOPES, WITHDRAW
from telescopes.description.errors import Refused
from telescopes.description.states import PointingState, Reason

LIST = "see `armillary status` for what there is"


def asked_back_by(action: OperatorActed, state: ObservatoryState, telescopes: Container[str]) -> list[AskBack]:
    """Say what a person's decision asks back at once; what follows from a verdict on an event comes with the rules.

    Raises
    ------
    Refused
        There is no such action or nothing of that name, or an event is approved that its stream has ended.
    """
    if action.action in ABOUT_SHIFTS:
        require_shift(action, state.shift)
        return []
    if action.action in ABOUT_CANDIDATES:
        event_key = action.details.get("event", "")
        require_candidate(action, state.candidates.get(event_key), state.candidate_ids.get(event_key, ()))
        ends = action.action == NO_LOOK or action.details.get("as") == "rejected"
        return _looks_given_up(action, state) if ends else []
    if action.action in ABOUT_EVENTS:
        return []
    return _asked_back_otherwise(action, state, telescopes)


def _asked_back_otherwise(action: OperatorActed, state: ObservatoryState, telescopes: Container[str]) -> list[AskBack]:
    """Say the same of what is not about candidates."""
    match action.action:
        case known if known in ABOUT_TELESCOPES and action.subject in telescopes:
            return _asked_back_of_telescope(action, state)
        case "veto" if action.subject in state.pointings.assignments:
            return for_veto(state.pointings.assignments[action.subject])
        case "approve_pointing" if action.subject in (state.pointings.assignments.keys() | state.follow_ups):
            _require_a_yes_is_wanted(action.subject, state)
            return []
        case verdict if verdict in VERDICTS and action.subject in state.events:
            if verdict == APPROVE:
                _require_not_ended(state.events[action.subject])
            return for_retraction(state.pointings.live(event=action.subject)) if verdict == RETRACT else []
        case other if other in (*ABOUT_TELESCOPES, "veto", "approve_pointing", *VERDICTS):
            raise Refused("is not known here", where=action.subject, mend=LIST, reason="NOT_FOUND")
        case other:
            acts = ", ".join(
                sorted(
                    {
                        *ABOUT_TELESCOPES,
                        *ABOUT_CANDIDATES,
                        *ABOUT_SHIFTS,
                        "veto",
                        "approve_pointing",
                        *VERDICTS,
                        *ABOUT_EVENTS,
                    }
                )
            )
            raise Refused(f"no such action: {other}", where="operator", mend=f"use one of {acts}")


def _looks_given_up(action: OperatorActed, state: ObservatoryState) -> list[AskBack]:
    """Ask back what has not begun of the looks at a candidate that people asked for."""
    event = action.details.get("event", "")
    visits = {v for v, f in state.follow_ups.items() if is_by_hand(f, event, action.subject)}
    held = (a for a in state.pointings.live() if a.key[1] in visits)
    return for_closed_telescope(held, Reason.VETOED_BY_OPERATOR)


def _asked_back_of_telescope(action: OperatorActed, state: ObservatoryState) -> list[AskBack]:
    """Say what a decision about a telescope asks back at once; what follows from how it is comes with the rules."""
    if action.action == WITHDRAW:
        return _withdrawn(action, state)
    if action.action == "veto_event" and action.details.get("event") not in state.events:
        where = f"event {action.details.get('event')}"
        raise Refused("is not known here", where=where, mend=LIST, reason="NOT_FOUND")
    return []


def _withdrawn(action: OperatorActed, state: ObservatoryState) -> list[AskBack]:
    """Ask back what has not begun of a pointing that somebody asked for; what runs comes to its end."""
    mine = state.telescope(action.subject)
    asked = next((a for a in mine.asked_for if a.id == action.details.get("pointing")), None)
    if asked is None:
        where = f"{action.details.get('pointing')} of {action.subject}"
        raise Refused("is nothing that anybody asked for by hand", where=where, mend=LIST, reason="NOT_FOUND")
    held = (a for a in state.pointings.live(telescope=mine.id) if a.key[1] == asked.visit)
    return for_closed_telescope(held, Reason.VETOED_BY_OPERATOR)


def _require_not_ended(event: Event) -> None:
    if event.ended:
        what = "is retracted" if event.retracted else f"is closed: {event.closed}"
        raise Refused(what, where=event.key, mend="wait for a word that takes that back")


def _require_a_yes_is_wanted(subject: str, state: ObservatoryState) -> None:
    mine = state.pointings.assignments.get(subject)
    if mine is None:
        wanted = state.follow_ups[subject].wants_yes
    else:
        _require_offered(mine)
        wanted = mine.offered.pointing.require_human_approval
    if not wanted:
        raise Refused("needs nobody's yes", where=subject, mend="nothing to do")


def _require_offered(mine: Assignment) -> None:
    if mine.state is not PointingState.OFFERED or mine.revocation is not None:
        said = "is asked back" if mine.state is PointingState.OFFERED else f"is {mine.state} already"
        raise Refused(said, where=mine.id, mend="nothing to do")
