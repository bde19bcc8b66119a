"""Answers about the machinery: journal, actors, streams, delays, versions; null is what nobody tells."""

from typing import Any

from msgspec import Struct

from coordinator.dashboard.answers.base import Instant, Resource


class JournalTold(Struct, kw_only=True, forbid_unknown_fields=True):
    """The journal and its files."""

    id: str | None
    entries: int
    recorded_at: Instant | None
    heard_at: Instant | None
    kind: str | None
    journal_bytes: int | None
    snapshot_seq: int | None


class Actor(Struct, kw_only=True):
    """An actor by its last answer to the supervisor; `says` is its own word, more or less by its kind."""

    name: str
    state: str
    pid: int | None
    answered_ago_s: float | None
    answered_at: Instant | None
    because: str | None
    says: dict[str, Any]


class LastEntry(Struct, kw_only=True, forbid_unknown_fields=True):
    """The last that a stream brought into the journal."""

    seq: int
    kind: str
    at: Instant


class Stream(Struct, kw_only=True, forbid_unknown_fields=True):
    """A stream of alerts; `state_by` says whose word its state is."""

    id: str
    kind: str | None
    configured: bool | None
    state: str | None
    because: str | None
    state_by: str | None
    state_since: str | None
    last_message_at: Instant | None
    last_entry: LastEntry | None
    counts: dict[str, Any] | None


class Delay(Struct, kw_only=True, forbid_unknown_fields=True):
    """How long an event took from its first alert to its decision and its first offer."""

    event: str
    name: str | None
    seq: int
    received_at: Instant
    decided_s: float | None
    offered_s: float | None


class Delays(Struct, kw_only=True, forbid_unknown_fields=True):
    """How old the newest entry was when it was heard, and delays of the last events."""

    heard_s: float | None
    events: list[Delay]


class SystemAnswer(Resource, kw_only=True):
    """All of it."""

    journal: JournalTold
    actors: list[Actor] | None
    actors_because: str | None
    streams: list[Stream]
    streams_configured: int | None
    delays: Delays
    versions: dict[str, str | None]
