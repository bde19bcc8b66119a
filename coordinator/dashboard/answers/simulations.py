"""Answers about simulated campaigns; what is not written is null."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from coordinator.dashboard.answers.base import AsOf, Cursor, Instant, Resource
from coordinator.simulation.campaign.results import PointFigures


class Campaign(Resource, kw_only=True):
    """One campaign. From `command` on: of one that is asked for by name; no points: it is not finished."""

    id: str
    name: str | None
    state: str
    parts_done: int | None
    parts: int | None
    kept_at: Instant | None
    made_at: Instant | None
    events: int | None
    policies: list[str]
    seeds: list[int]
    wrong: str | None
    command: str | UnsetType | None = UNSET
    asked: dict[str, Any] | UnsetType | None = UNSET
    points: list[PointFigures] | UnsetType = UNSET
    versions: dict[str, str] | UnsetType = UNSET
    worlds_sha256: str | UnsetType | None = UNSET


class Campaigns(Struct, kw_only=True, forbid_unknown_fields=True):
    """A page of the campaigns that lie in a folder."""

    as_of: AsOf
    folder: str
    items: list[Campaign]
    next: Cursor


class Night(Struct, kw_only=True, forbid_unknown_fields=True):
    """How the night of an event is opened, or made where it is not kept."""

    open: list[str]
    same_state: bool | None
    make: str | None
    wrong: str | None


class Played(Struct, kw_only=True, forbid_unknown_fields=True):
    """One event under one policy."""

    id: str
    point: int
    campaign_seed: int
    event: int
    seed: int
    policy: str
    kind: str | None
    retracted: bool
    source_in_reach: bool | None
    distance_mpc: float | None
    probability_covered: float | None
    detection_probability: float | None
    found: bool | None
    time_to_first_pointing_s: float | None
    time_to_rank1_s: float | None
    duplicates: int
    state_hash: str
    night: Night
