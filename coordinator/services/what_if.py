"""A plan that is not given out, beside the same without what is asked: what a change would bring and cost (pure)."""

from datetime import datetime
from typing import Any

import msgspec

from coordinator.dispatch.event_limits import EventLimits
from coordinator.dispatch.facts import PlanMade
from coordinator.planning.plan import EventPlan, Plan

SCHEMA = "armillary.what-if/1"


def compared(
    event: str,
    now: datetime,
    asked: tuple[EventLimits, EventLimits],
    plans: tuple[Plan, Plan],
    in_force: PlanMade | None,
) -> dict[str, Any]:
    """Set two plans side by side.

    Parameters
    ----------
    event : str
        The event whose search would have other limits.
    now : datetime
        When both plans were asked for.
    asked : tuple of EventLimits
        As they are, and as they might be.
    plans : tuple of Plan
        Made with these limits, of the same state.
    in_force : PlanMade or None
        What is being worked off; None: nothing is.
    """
    as_it_is, what_if = (_side(event, limits, plan) for limits, plan in zip(asked, plans, strict=True))
    others = [key for key in _planned(plans[0]) if key != event]
    document = {
        "schema": SCHEMA,
        "event": event,
        "at": now,
        "window": {"start": plans[0].start, "end": plans[0].end},
        "in_force": in_force,
        "as_it_is": as_it_is,
        "what_if": what_if,
        "others": [
            {"event": key, "as_it_is": _planned(plans[0])[key], "what_if": _planned(plans[1]).get(key)}
            for key in others
        ],
    }
    plain: dict[str, Any] = msgspec.to_builtins(document)
    return plain


def _planned(plan: Plan) -> dict[str, float]:
    return {e.key: e.figures.planned for e in plan.events}


def _side(event: str, limits: EventLimits, plan: Plan) -> dict[str, Any]:
    mine = next((e for e in plan.events if e.key == event), None)
    return {
        "limits": limits,
        "figures": None if mine is None else mine.figures,
        "objective": None if mine is None else mine.objective,
        "changes": None if mine is None else mine.changes,
        "telescopes": [] if mine is None else mine.telescopes,
        "pointings": 0 if mine is None else len(mine.pointings),
        "first_start": None if mine is None else _first(mine),
        "notes": [] if mine is None else [note.text for note in mine.notes],
        "unplanned": plan.unplanned,
    }


def _first(plan: EventPlan) -> datetime | None:
    return min((p.start for p in plan.pointings), default=None)
