"""Answers about the observatory as a whole: status, log, what waits, quarantine, shift."""

from msgspec import UNSET, Struct, UnsetType

from coordinator.dashboard.answers.base import Instant, Resource
from coordinator.services.inbox import Waiting
from coordinator.services.shift import PastShift


class Status(Resource, kw_only=True):
    """The observatory at a glance; null is unknown."""

    journal_id: str | None
    heard_at: Instant | None
    sky_time: Instant | None
    sky_rate: float
    events_open: int
    events_retracted: int
    telescopes: dict[str, int]
    pointings_live: int
    pointings_planned: int | None
    detections: int
    quarantined: int
    waiting: int
    on_duty: str | None
    shifts: bool
    streams_open: int


class LogEntry(Struct, kw_only=True, forbid_unknown_fields=True):
    """One entry of the journal with a sentence. `of` stands in a shift's entries alone: what they are merged by."""

    seq: int
    recorded_at: Instant | None
    sky_time: Instant | None
    writer: str
    kind: str
    event: str | None
    telescope: str | None
    subject: str | None
    cause: str | None
    text: str
    of: str | UnsetType | None = UNSET


class Quarantined(Struct, kw_only=True, forbid_unknown_fields=True):
    """A message that nobody has understood yet; it is kept whole under `raw_sha256`."""

    id: str
    raw_sha256: str
    file: str | None
    reason: str | None
    source: str
    topic: str
    headers: dict[str, str] | None
    purpose: str | None
    event_key: str | None
    waits: bool


class ShiftAnswer(Resource, kw_only=True):
    """Who is on duty, or was; what happened since by heading, what waits. Before the first shift much is left out."""

    version: str
    person: str | UnsetType | None = UNSET
    since: Instant | UnsetType = UNSET
    since_seq: int | UnsetType = UNSET
    until: Instant | UnsetType = UNSET
    until_seq: int | UnsetType = UNSET
    successor: str | UnsetType | None = UNSET
    comment: str | UnsetType = UNSET
    past: list[PastShift] | UnsetType = UNSET
    happened: dict[str, list[LogEntry]]
    waits: list[Waiting]
