"""Answers about plans that were made of an event, and what others have looked at."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from coordinator.dashboard.answers.base import Degrees, Instant, Resource


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
