"""Answers about plans that were made of an event, and what others have looked at."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from coordinator.dashboard.answers.base import Degrees, Instant, Resource
from coordinator.dispatch.event_limits import EventLimits
from coordinator.dispatch.facts import PlanMade


class Changes(Struct, kw_only=True, forbid_unknown_fields=True):
    """How many pointings a plan kept, moved, added and withdrew, of all its events together."""

    kept: int
    moved: int
    added: int
    withdrawn: int


class PlannedPointing(Struct, kw_only=True, forbid_unknown_fields=True):
    """A pointing of a plan in few words; `was_at`: where it was moved from."""

    id: str
    telescope: str
    visit: str
    ra_deg: Degrees
    dec_deg: Degrees
    start: str
    new_probability: float
    was_at: str | UnsetType = UNSET


class Since(Struct, kw_only=True, forbid_unknown_fields=True):
    """What became of an event's pointings since the plan before."""

    kept: int
    moved: list[PlannedPointing]
    added: list[PlannedPointing]
    withdrawn: list[PlannedPointing]


class PlanAnswer(Resource, kw_only=True):
    """One plan of an event, by its entry. From `start` on: of one that is asked for alone, as its record has it."""

    seq: int
    plan: str
    made_at: Instant
    sky_time: Instant
    because: str
    planned: float | None
    changes: Changes
    events: list[str]
    start: str | UnsetType | None = UNSET
    end: str | UnsetType | None = UNSET
    figures: dict[str, Any] | UnsetType | None = UNSET
    telescopes: list[dict[str, Any]] | UnsetType = UNSET
    unplanned: list[str] | UnsetType = UNSET
    before: int | UnsetType | None = UNSET
    since: Since | UnsetType | None = UNSET


class OthersLooks(Struct, kw_only=True, forbid_unknown_fields=True):
    """What others were reported to have looked at of an event."""

    id: str
    sha256: str
    looks: int
    area_deg2: float
    source: str
    because: str


class PlanWindow(Struct, kw_only=True, forbid_unknown_fields=True):
    """From when to when both plans reach."""

    start: Instant
    end: Instant


class WhatIfSide(Struct, kw_only=True, forbid_unknown_fields=True):
    """One of two plans of an event. Null where it plans nothing of it; `first_start` also where it points nowhere."""

    limits: EventLimits
    figures: dict[str, Any] | None
    objective: str | None
    changes: Changes | None
    telescopes: list[dict[str, Any]]
    pointings: int
    first_start: Instant | None
    notes: list[str]
    unplanned: list[str]


class OtherEvent(Struct, kw_only=True, forbid_unknown_fields=True):
    """What both plan of another event; null: it is in the first alone."""

    event: str
    as_it_is: float
    what_if: float | None


class WhatIf(Resource, kw_only=True):
    """A plan with other limits beside the same without, of one state; neither is given out."""

    schema: str
    event: str
    at: Instant
    window: PlanWindow
    in_force: PlanMade | None
    as_it_is: WhatIfSide
    what_if: WhatIfSide
    others: list[OtherEvent]
