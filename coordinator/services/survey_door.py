"""The door by which surveys' measurements enter vetting: of what came, that which an event's region and time hold."""

from collections.abc import Awaitable, Callable
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
from telescopes.description.errors import Refused

log = structlog.get_logger("vetter")

AtlasOf = Callable[[Event], Awaitable[Atlas | None]]


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

    async def entries(self, state: VetterState, now: datetime) -> list[Entry]:
        """Return what is to be journaled: measurements, and from which messages they were taken.

        Raises
        ------
        RetryLater
            The folder of messages or maps is busy.
        """
        if not state.packets:
            return []
        seen = (state.packets_seq, [(key, e.skymap_sha256, e.ended) for key, e in sorted(state.events.items())])
        if seen == self._looked:
            return []
        entries: list[Entry] = []
        taken: set[str] = set(state.detections)
        for packet, event in await self._wanted(state):
            kept = [one for one in await self._read(packet, event) if one.key not in taken]
            taken.update(one.key for one in kept)
            entries += detection_entries(packet.survey, kept, now)
            fact = DetectionsStored((), packets=(packet.id,))
            entries.append(entry_of("detections_stored", fact, sky_time=now, telescope=packet.survey))
        self._looked = seen
        return entries

    async def _wanted(self, state: VetterState) -> list[tuple[SurveyPacket, Event]]:
        """Pair messages with the first event, by key, in whose region and time they point."""
        found: dict[str, tuple[SurveyPacket, Event]] = {}
        for _, event in sorted(state.events.items()):
            atlas = await self.atlas_of(event)
            if atlas is None:
                continue
            t0 = event.t0 or atlas.sky.facts.t0
            own = [p for p in state.packets.values() if p.id not in found and may_belong(p, event, t0)]
            if own:
                _, level, _ = atlas.lookup.at([p.ra_deg for p in own], [p.dec_deg for p in own])
                inside = level <= self.region_level
                found |= {p.id: (p, event) for p, its in zip(own, inside, strict=True) if its}
        return list(found.values())

    async def _read(self, packet: SurveyPacket, event: Event) -> list[StoredDetection]:
        """Take what a message measured in the event's time; that of a test belongs to its test alone."""
        try:
            points = points_in(await self.blobs.get(packet.raw_sha256), self.schemas)
        except Refused as refusal:  # It was understood when it came; what it points to stays in the journal.
            log.error("its measurements cannot be read", packet=packet.id, because=str(refusal))
            return []
        kept = stored_of([p for p in points if in_time(p.seen, event.t0)], packet.survey)
        return kept if packet.observed else [replace(one, event=event.key) for one in kept]
