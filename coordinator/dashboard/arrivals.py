"""What came in of each event and what was decided of it, and what each stream brought last, by the journal."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coordinator.dashboard.board import Board
from coordinator.dashboard.reading_on import ReadingOn
from coordinator.dashboard.sentences import sentence
from coordinator.services.journal import Entry, Only, Stored

SOURCE = "source/"
"""How writers of alerts begin; the rest is the stream's id."""

DECIDED, RECEIVED, ACTED = "event_decided", "alert_received", "operator_acted"
TOGETHER = ("coincidence_found", "coincidence_lost")
TOLD = frozenset({RECEIVED, DECIDED, ACTED, "circular_received", *TOGETHER})
KINDS = Only(TOLD | {"alert_quarantined"})
Document = dict[str, Any]
SAID = (
    "notice_id", "name", "format", "stream", "phase", "stage", "purpose", "t0", "t_issued", "file", "significant",
    "far_hz", "raw_sha256",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noted:
    """A notice of an event, or what was decided of it: in a sentence, and a notice's fields as plain data."""

    seq: int
    recorded_at: datetime
    sky_time: datetime
    kind: str
    stream: str | None
    text: str
    says: Document


@dataclass(frozen=True, slots=True)
class Heard:
    """The last that a stream brought into the journal."""

    seq: int
    kind: str
    recorded_at: datetime


@dataclass
class Arrivals:
    """Notices and decisions by event, read from the journal when somebody asks, and from then on as it grows."""

    board: Board
    _by_event: dict[str, list[Noted]] = field(default_factory=dict)
    _heard: dict[str, Heard] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._reading = ReadingOn(self.board, KINDS, self._forget, self._take)

    async def of(self, event: str) -> list[Noted]:
        """Return what came in of an event and what was decided of it, oldest first."""
        return list((await self.by_event()).get(event, ()))

    async def notices(self, event: str) -> list[Noted]:
        """Return the notices of an event, oldest first."""
        return [one for one in await self.of(event) if one.kind == RECEIVED]

    async def by_event(self) -> dict[str, list[Noted]]:
        """Return the same of all events, by key; who came first is first."""
        await self._reading.catch_up()
        return self._by_event

    async def heard(self) -> dict[str, Heard]:
        """Return the last entry that each stream wrote, by its id; one that never did is not in it."""
        await self._reading.catch_up()
        return self._heard

    def _forget(self) -> None:
        self._by_event, self._heard = {}, {}

    def _take(self, stored: Stored) -> None:
        entry = stored.entry
        stream = stored.writer.removeprefix(SOURCE) if stored.writer.startswith(SOURCE) else None
        if stream is not None:
            self._heard[stream] = Heard(stored.seq, entry.kind, stored.recorded_at)
        if entry.kind not in TOLD:
            return
        says = {name: entry.body.get(name) for name in SAID} if entry.kind == RECEIVED else {}
        text = sentence(entry)
        noted = Noted(stored.seq, stored.recorded_at, entry.sky_time, entry.kind, stream, text, says)
        for event in _events(entry):
            self._by_event.setdefault(event, []).append(noted)


def _events(entry: Entry) -> tuple[str, ...]:
    """Return the events that an entry speaks of; a decision of a person names what it is about as its subject."""
    if entry.kind in TOGETHER:
        others = entry.body.get("own") or entry.body.get("partners") or ()
        return tuple(dict.fromkeys((*filter(None, (entry.event,)), *others)))
    named = entry.subject if entry.kind == ACTED else entry.event
    return () if named is None else (named,)
