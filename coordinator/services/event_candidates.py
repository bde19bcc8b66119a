"""An event's candidates out of the detections that are kept, and what became of them since they were last weighed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from coordinator.services.vetter_state import VetterState
from coordinator.vetting.association import associate
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Atlas
from coordinator.vetting.facts import CandidatesRegrouped, StoredDetection
from coordinator.vetting.lineage import changes, groups_of
from coordinator.vetting.sighting import Sighting, sighting_of

REGION_LEVEL = 0.999
"""A detection that names no pointing belongs to every event whose region of this level holds it."""


@dataclass
class EventCandidates:
    """Remembers what it made, so that only what is new is made again."""

    _sightings: dict[str, Sighting] = field(default_factory=dict)
    _candidates: dict[str, tuple[list[Sighting], tuple[Candidate, ...]]] = field(default_factory=dict)
    _groups: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, state: VetterState, key: str, atlas: Atlas | None) -> tuple[Candidate, ...]:
        """Return an event's candidates; made again only where its detections are others than last time."""
        sightings, known = self._seen(state, key, atlas), self._candidates.get(key)
        if known is None or known[0] != sightings:
            known = self._candidates[key] = (sightings, associate(sightings, () if known is None else known[1]))
        return known[1]

    def regrouped(
        self, state: VetterState, key: str, atlas: Atlas | None, candidates: Sequence[Candidate], now: datetime
    ) -> list[CandidatesRegrouped]:
        """Say which candidates were joined or taken apart since their odds were last made."""
        before = self._groups.get(key)
        if before is None:  # After a start: what was known when the odds were last made follows from the journal.
            seq = state.known_seq.get(key, state.scored_seq.get(key, 0))
            known = [s for s in self._seen(state, key, atlas) if state.kept_seq[s.id] <= seq] if seq else []
            before = groups_of(associate(known))
        return changes(key, before, groups_of(candidates), now)

    def weighed(self, key: str, candidates: Sequence[Candidate]) -> None:
        """Note that the odds of these candidates are durable: the next change is told from here."""
        self._groups[key] = groups_of(candidates)

    def go_by_the_journal(self) -> None:
        """Forget what is durable as far as we were told: where an answer was lost, more may be."""
        self._groups.clear()

    def _seen(self, state: VetterState, key: str, atlas: Atlas | None) -> list[Sighting]:
        """See an event's own detections, and those that name no pointing and lie in its region."""
        own = [self._sighting(name, d) for name, d in state.by_event.get(key, {}).items()]
        free = [self._sighting(name, d) for name, d in state.by_event.get(None, {}).items()]
        if atlas is None or not free:
            return own
        _, level, _ = atlas.lookup.at([s.ra_deg for s in free], [s.dec_deg for s in free])
        return own + [s for s, its in zip(free, level, strict=True) if its <= REGION_LEVEL]

    def _sighting(self, name: str, stored: StoredDetection) -> Sighting:
        known = self._sightings.get(name)
        if known is None:
            known = self._sightings[name] = sighting_of(stored)
        return known
