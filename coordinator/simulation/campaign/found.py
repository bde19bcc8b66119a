"""What the lists of candidates were worth, held against the truth that no vetter sees."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.simulation.verdict import SAME_PLACE_DEG, NightResult
from coordinator.simulation.world.counterpart import Injected
from coordinator.vetting.facts import CandidatesScored, DetectionsStored, ScoredCandidate
from telescopes.description.geometry import separation_deg, unit_vectors

SAID_FROM = 1e-3
"""Candidates below are nobody's concern, and there are hundreds of them."""

Fact = tuple[datetime, object]
Said = tuple[float, bool]
"""A probability that was said of a candidate, and whether it came true."""


@dataclass(frozen=True, slots=True)
class Truth:
    """An event's name, and what shines there; None: nothing does."""

    event: str
    injected: Injected | None

    def is_there(self, ra_deg: float, dec_deg: float) -> bool:
        """Say whether a place is that of the source."""
        if self.injected is None:
            return False
        there = unit_vectors(self.injected.ra_deg, self.injected.dec_deg)
        return float(separation_deg(unit_vectors(ra_deg, dec_deg), there)) < SAME_PLACE_DEG

    def detected(self, every: Iterable[Fact]) -> Iterator[datetime]:
        """Yield when a detection at the source's place was kept."""
        for at, fact in every:
            kept = fact.detections if isinstance(fact, DetectionsStored) else ()
            if any(self.is_there(d.detection.ra_deg, d.detection.dec_deg) for d in kept):
                yield at

    def led(self, every: Iterable[Fact]) -> Iterator[datetime]:
        """Yield when a list of candidates was led by the source."""
        for at, fact in every:
            first = fact.candidates[:1] if isinstance(fact, CandidatesScored) and fact.event == self.event else ()
            if any(self.is_there(c.ra_deg, c.dec_deg) for c in first):
                yield at

    def last_lists(self, results: Iterable[NightResult]) -> list[tuple[ScoredCandidate, ...]]:
        """Return the last list of each team that has one."""
        return [its for r in results if (its := r.candidates(self.event))]

    def brier(self, lists: Sequence[Sequence[ScoredCandidate]]) -> float | None:
        """Hold the best word of all lists against the truth; None: there is none."""
        if not lists:
            return None
        best = max((its[0] for its in lists), key=lambda c: (c.probability, c.id))
        return (best.probability - float(self.is_there(best.ra_deg, best.dec_deg))) ** 2

    def said(self, lists: Iterable[Sequence[ScoredCandidate]]) -> tuple[Said, ...]:
        """Return what was said in the end, and what of it is true."""
        return tuple(
            (c.probability, self.is_there(c.ra_deg, c.dec_deg))
            for its in lists
            for c in its
            if c.probability >= SAID_FROM
        )

    def promising(self, lists: Iterable[Sequence[ScoredCandidate]]) -> tuple[int, int]:
        """Count candidates that are called promising in the end, and the source among them."""
        chosen = [c for its in lists for c in its if c.verdict == "promising"]
        return len(chosen), sum(self.is_there(c.ra_deg, c.dec_deg) for c in chosen)


def facts_of(entries: Iterable[Stored]) -> Iterator[Fact]:
    """Yield what the journal says of detections and candidates, and when."""
    for stored in entries:
        if stored.entry.kind in ("detections_stored", "candidates_scored"):
            yield stored.entry.sky_time, fact_of(stored.entry)
