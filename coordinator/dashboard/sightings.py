"""What was measured around a place, for a candidate's light curve; read from the journal as it grows."""

from dataclasses import dataclass, field

import numpy as np

from coordinator.dashboard.board import Board
from coordinator.dashboard.reading_on import ReadingOn
from coordinator.services.facts import fact_of
from coordinator.services.journal import Only, Stored
from coordinator.vetting.facts import DetectionsStored, StoredDetection
from telescopes.description.geometry import separation_deg, unit_vectors

KINDS = Only(frozenset({"detections_stored"}))
NEAR_ARCSEC = 5.0
"""The largest radius within which detections are one candidate (docs/guides/candidates-and-people.md)."""


@dataclass
class Sightings:
    """Detections of all events, by event; nothing is read before somebody asks."""

    board: Board
    _by_event: dict[str | None, dict[str, StoredDetection]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._reading = ReadingOn(self.board, KINDS, self._forget, self._take)

    async def near(self, event: str, ra_deg: float, dec_deg: float) -> list[StoredDetection]:
        """Return what was measured within 5" of a place, of an event or of none that is known, in order of time."""
        await self._reading.catch_up()
        every = [*self._by_event.get(event, {}).values(), *self._by_event.get(None, {}).values()]
        if not every:
            return []
        vectors = unit_vectors([d.detection.ra_deg for d in every], [d.detection.dec_deg for d in every])
        away = 3600.0 * separation_deg(vectors, unit_vectors(ra_deg, dec_deg))
        found = [one for one, arcsec in zip(every, np.atleast_1d(away), strict=True) if arcsec <= NEAR_ARCSEC]
        return sorted(found, key=lambda d: (d.detection.mid_exposure, d.key))

    def _forget(self) -> None:
        self._by_event = {}

    def _take(self, stored: Stored) -> None:
        fact = fact_of(stored.entry)
        if isinstance(fact, DetectionsStored):
            for one in fact.detections:
                self._by_event.setdefault(one.event, {})[one.key] = one
