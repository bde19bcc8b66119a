"""The door by which surveys' measurements enter vetting: of what came, that which an event's region and time hold."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from coordinator.alerts.avro import SchemaSource
from coordinator.alerts.points.reading import points_in
from coordinator.events.event import Event
from coordinator.services.detection_batches import detection_entries
from coordinator.services.facts import entry_of
from coordinator.services.journal import Blobs, Entry
from coordinator.services.vetter_state import VetterState
from coordinator.vetting.case import Atlas
from coordinator.vetting.facts import DetectionsStored, StoredDetection
from coordinator.vetting.surveys import SurveyPacket, in_time, may_belong, stored_of
from telescopes.description.errors import Broken, Refused

log = structlog.get_logger("vetter")

AtlasOf = Callable[[Event], Awaitable[Atlas | None]]
Commit = Callable[[Sequence[Entry]], Awaitable[None]]

Wanted = tuple[SurveyPacket, list[tuple[str, datetime | None]]]
"""A message, and the events that want it, each with its time."""

PIECE = 50
"""So many messages are read before what they measured is journaled."""


@dataclass
class SurveyDoor:
    """Takes measurements out of messages that wait; a message waits until an event wants it, or too many wait.

    Attributes
    ----------
    blobs : Blobs
        The messages as they came.
    atlas_of : callable
        Returns an event's sky, made ready; None: it has none.
    region_level : float
        Credible level up to which an event's region reaches.
    schemas : optional
        Those that Avro messages may name by id.
    """

    blobs: Blobs
    atlas_of: AtlasOf
    region_level: float
    schemas: SchemaSource | None = None
    _looked: object = field(default=None)

    async def take(self, state: VetterState, now: datetime, commit: Commit) -> None:
        """Journal measurements, and from which messages they were taken; a few messages at once.

        Raises
        ------
        RetryLater
            The folder of messages or maps, or the journal, is busy: what was not taken waits on.
        """
        if not state.packets:
            return
        seen = (state.packets_seq, [(key, e.skymap_sha256, e.t0, e.ended) for key, e in sorted(state.events.items())])
        if seen == self._looked:
            return
        wanted = await self._wanted(state)
        for first in range(0, len(wanted), PIECE):
            await commit(await self._entries(wanted[first : first + PIECE], state, now))
        self._looked = seen

    async def _entries(self, wanted: Sequence[Wanted], state: VetterState, now: datetime) -> list[Entry]:
        entries: list[Entry] = []
        fresh: set[str] = set()
        for packet, events in wanted:
            read = await self._read(packet, events)
            kept = [one for one in read if one.key not in state.detections and one.key not in fresh]
            fresh.update(one.key for one in kept)
            entries += detection_entries(packet.survey, kept, now)
            fact = DetectionsStored((), packets=(packet.id,))
            entries.append(entry_of("detections_stored", fact, sky_time=now, telescope=packet.survey))
        return entries

    async def _wanted(self, state: VetterState) -> list[Wanted]:
        """Pair messages with the events, by key, in whose region and time they point."""
        found: dict[str, Wanted] = {}
        for _, event in sorted(state.events.items()):
            atlas = await self.atlas_of(event)
            if atlas is None:
                continue
            t0 = event.t0 or atlas.sky.facts.t0
            own = [p for p in state.packets.values() if may_belong(p, event, t0)]
            if own:
                _, level, _ = atlas.lookup.at([p.ra_deg for p in own], [p.dec_deg for p in own])
                for packet, its in zip(own, level, strict=True):
                    if its <= self.region_level:
                        found.setdefault(packet.id, (packet, []))[1].append((event.key, t0))
        return list(found.values())

    async def _read(self, packet: SurveyPacket, events: Sequence[tuple[str, datetime | None]]) -> list[StoredDetection]:
        """Take what a message measured in the time of any of its events; that of a test belongs to one test alone."""
        try:
            points = points_in(await self.blobs.get(packet.raw_sha256), self.schemas)
        except (Refused, Broken) as error:  # It was understood when it came; what it points to stays in the journal.
            log.error("its measurements cannot be read", packet=packet.id, because=str(error))
            return []
        kept = stored_of([p for p in points if any(in_time(p.seen, t0) for _, t0 in events)], packet.survey)
        return kept if packet.observed else [replace(one, event=events[0][0]) for one in kept]
