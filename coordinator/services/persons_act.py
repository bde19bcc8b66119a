"""What a person may ask of the scheduler, and what of it ends open pointings (pure)."""

from collections.abc import Container

from coordinator.dispatch.facts import OperatorActed
from coordinator.dispatch.revocation import AskBack, for_veto
from coordinator.services.deciding import APPROVE, VERDICTS
from coordinator.services.state import ObservatoryState
from coordinator.services.telescope_acts import ABOUT_TELESCOPES
from telescopes.description.errors import Refused

LIST = "see `armillary status` for what there is"


def asked_back_by(action: OperatorActed, state: ObservatoryState, telescopes: Container[str]) -> list[AskBack]:
    """Say what a person's decision asks back at once; what follows from a verdict on an event comes with the rules.

    Raises
    ------
    Refused
        There is no such action or nothing of that name, or an event is approved that its stream has ended.
    """
    match action.action:
        case known if known in ABOUT_TELESCOPES and action.subject in telescopes:
            key = action.details.get("event")
            if known == "veto_event" and key not in state.events:
                raise Refused("is not known here", where=f"event {key}", mend=LIST, reason="NOT_FOUND")
            return []
        case "veto" if action.subject in state.pointings.assignments:
            return for_veto(state.pointings.assignments[action.subject])
        case verdict if verdict in VERDICTS and action.subject in state.events:
            event = state.events[action.subject]
            if verdict == APPROVE and event.ended:
                what = "is retracted" if event.retracted else f"is closed: {event.closed}"
                raise Refused(what, where=action.subject, mend="wait for a word that takes that back")
            return []
        case other if other in (*ABOUT_TELESCOPES, "veto", *VERDICTS):
            raise Refused("is not known here", where=action.subject, mend=LIST, reason="NOT_FOUND")
        case other:
            acts = ", ".join(sorted({*ABOUT_TELESCOPES, "veto", *VERDICTS}))
            raise Refused(f"no such action: {other}", where="operator", mend=f"use one of {acts}")
