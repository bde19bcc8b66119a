"""What a person's decision about a telescope makes of it (pure)."""

from dataclasses import replace
from datetime import datetime

from coordinator.dispatch.asked_for import asked_for_of
from coordinator.dispatch.facts import Closing, OperatorActed
from coordinator.services.telescope_state import TelescopeState
from telescopes.description.durations import noon_after
from telescopes.description.errors import Refused
from telescopes.description.states import Reason
from telescopes.description.telescope import Telescope

ABOUT_TELESCOPES = frozenset(
    {
        "pause",
        "resume",
        "veto_event",
        "allow_event",
        "veto_night",
        "maintenance",
        "cancel_maintenance",
        "ask_pointing",
        "withdraw_pointing",
    }
)
ASK, WITHDRAW = "ask_pointing", "withdraw_pointing"
CLOSES = {"veto_night": Reason.VETOED_BY_OPERATOR, "maintenance": Reason.MAINTENANCE}


def after_act(mine: TelescopeState, fact: OperatorActed, now: datetime) -> TelescopeState:
    """Fold a decision; what is over, closings and pointings asked for, is forgotten."""
    because = f"{fact.reason} ({fact.operator})"
    mine = replace(mine, asked_for=tuple(a for a in mine.asked_for if a.end > now))
    ahead = tuple(c for c in mine.closings if c.end > now)
    event = fact.details.get("event", "")
    match fact.action:
        case "pause":
            return replace(mine, paused_because=because)
        case "resume":
            return replace(mine, paused_because=None, closings=tuple(c for c in ahead if not c.holds_at(now)))
        case "veto_event":
            return replace(mine, vetoed_here=mine.vetoed_here | {event: because})
        case "allow_event":
            return replace(mine, vetoed_here={k: v for k, v in mine.vetoed_here.items() if k != event})
        case "cancel_maintenance":
            stays = (c for c in ahead if c.holds_at(now) or c.reason is not Reason.MAINTENANCE)
            return replace(mine, closings=tuple(stays))
        case "ask_pointing":
            return replace(
                mine, asked_for=(*mine.asked_for, asked_for_of(fact.action_id, mine.id, fact.details, because))
            )
        case "withdraw_pointing":
            gone = fact.details.get("pointing")
            return replace(mine, asked_for=tuple(a for a in mine.asked_for if a.id != gone))
        case _:
            start, end = (datetime.fromisoformat(fact.details[key]) for key in ("start", "end"))
            closing = Closing(start, end, CLOSES[fact.action], because)
            return replace(mine, closings=tuple(sorted((*ahead, closing), key=lambda c: (c.start, c.end))))


def timed(action: OperatorActed, telescope: Telescope, now: datetime) -> OperatorActed:
    """Say from when to when a decision closes a telescope, where it does: a night ends at the site's next noon.

    Raises
    ------
    Refused
        It closes the telescope for a time that is over, or that ends before it begins.
    """
    if action.action == "veto_night":
        end = noon_after(now, telescope.site.longitude_deg)
        return replace(action, details=action.details | {"start": now.isoformat(), "end": end.isoformat()})
    if action.action == "maintenance":
        start, end = (datetime.fromisoformat(action.details[key]) for key in ("start", "end"))
        if end <= start:
            raise Refused("ends before it begins", where=f"maintenance of {telescope.id}", mend="give a later end")
        if end <= now:
            what = f"is over: it is {now:%Y-%m-%dT%H:%M:%SZ}"
            raise Refused(what, where=f"maintenance of {telescope.id}", mend="give a later end")
    return action
