"""What was measured around a place, for a candidate's light curve; read from the journal as it grows."""

from dataclasses import dataclass, field

import numpy as np

from coordinator.dashboard.board import Board
from coordinator.services.facts import fact_of
from coordinator.services.journal import Only
from coordinator.vetting.facts import DetectionsStored, StoredDetection
from telescopes.description.geometry import separation_deg, unit_vectors

KINDS = Only(frozenset({"detections_stored"}))
NEAR_ARCSEC = 5.0
"""The largest radius within which detections are one candidate (docs/guides/candidates-and-people.md)."""

CHUNK = 1000


@dataclass
class Sightings:
    """Detections of all events, by event; nothing is read before somebody asks."""

    board: Board
    _journal_id: str | None = None
    _seq: int = 0
    _by_event: dict[str | None, dict[str, StoredDetection]] = field(default_factory=dict)

    async def near(self, event: str, ra_deg: float, dec_deg: float) -> list[StoredDetection]:
        """Return what was measured within 5" of a place, of an event or of none that is known, in order of time."""
        await self._read_on()
        every = [*self._by_event.get(event, {}).values(), *self._by_event.get(None, {}).values()]
        if not every:
            return []
        vectors = unit_vectors([d.detection.ra_deg for d in every], [d.detection.dec_deg for d in every])
        away = 3600.0 * separation_deg(vectors, unit_vectors(ra_deg, dec_deg))
        found = [one for one, arcsec in zip(every, np.atleast_1d(away), strict=True) if arcsec <= NEAR_ARCSEC]
        return sorted(found, key=lambda d: (d.detection.mid_exposure, d.key))

    async def _read_on(self) -> None:
        if self._journal_id != self.board.journal_id:
            self._journal_id, self._seq, self._by_event = self.board.journal_id, 0, {}
        while self._seq < self.board.seq:
            tail = await self.board.port.journal.read(self._seq, only=KINDS, limit=CHUNK)
            for stored in tail.entries:
                fact = fact_of(stored.entry)
                if isinstance(fact, DetectionsStored):
                    for one in fact.detections:
                        self._by_event.setdefault(one.event, {})[one.key] = one
            self._seq = tail.head_seq
