"""What people decide about an event besides go and stop: whether it can be, and what it asks back (pure).

Limits on its search, what others have looked at, a retraction by hand, and remarks.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from coordinator.dispatch.event_limits import OBJECTIVES, EventLimits, limits_of
from coordinator.dispatch.facts import OperatorActed
from coordinator.planning.recipe import visits_for
from coordinator.services.state import ObservatoryState
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope

LIMIT, LIFT, REMARK = "limit_event", "lift_limits", "comment_event"
COVER, UNCOVER = "report_coverage", "withdraw_coverage"
ABOUT_EVENTS = frozenset({LIMIT, LIFT, REMARK, COVER, UNCOVER})
_SHA256 = re.compile(r"[0-9a-f]{64}")


def require_event_act(
    action: OperatorActed, state: ObservatoryState, telescopes: Mapping[str, Telescope], now: datetime
) -> None:
    """Refuse what cannot be decided about an event; everything else about events is judged elsewhere.

    Raises
    ------
    Refused
        There is no such event, telescope, visit or report of coverage, or nothing is said.
    """
    if action.action not in ABOUT_EVENTS:
        return
    if action.subject not in state.events:
        raise Refused("is not known here", where=action.subject, mend="see `armillary status`", reason="NOT_FOUND")
    match action.action:
        case "limit_event":
            require_limits(read_limits(action.details), telescopes, now)
        case "report_coverage" if not _SHA256.fullmatch(action.details.get("sha256", "")):
            raise Refused("names no looks", where="coverage", mend="hand it in at /api/v1/coverage")
        case "withdraw_coverage" if action.details.get("coverage") not in _coverage_of(action.subject, state):
            where = f"coverage {action.details.get('coverage')}"
            raise Refused("is not known of this event", where=where, mend="see its plans", reason="NOT_FOUND")


def _coverage_of(event: str, state: ObservatoryState) -> set[str]:
    return {c.id for c in state.coverage.get(event, ())}


def read_limits(said: Mapping[str, str]) -> EventLimits:
    """Read limits; `Refused` where the objective is none that there is."""
    wanted = said.get("objective", "")
    if wanted and wanted not in OBJECTIVES:
        raise Refused(f"no such objective: {wanted}", where="objective", mend=f"use one of {', '.join(OBJECTIVES)}")
    return limits_of(said)


def require_limits(limits: EventLimits, telescopes: Mapping[str, Telescope], now: datetime) -> None:
    """Refuse limits that name what there is not, or that leave nothing of the search.

    Raises
    ------
    Refused
        Such limits.
    """
    if not limits.says:
        raise Refused("no limit is given", where="limits", mend="give without, until, visits or objective")
    unknown = [name for name in limits.without if name not in telescopes]
    if unknown:
        raise Refused(f"no telescope is called {', '.join(unknown)}", where="without", mend="see `armillary status`")
    if not set(telescopes) - set(limits.without):
        raise Refused("leaves no telescope", where="without", mend="stop the event instead")
    if limits.until is not None and limits.until <= now:
        what = f"{limits.until:%Y-%m-%dT%H:%MZ} is over: it is {now:%Y-%m-%dT%H:%MZ}"
        raise Refused(what, where="until", mend="give a later instant, or stop the event")
    if limits.visits:
        visits_for(limits.visits, tuple(telescopes.values()))
