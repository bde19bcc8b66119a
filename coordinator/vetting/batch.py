"""Many candidates at once: what a check is asked about, as columns, and one case at a time where words are wanted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coordinator.events.event import Event
from coordinator.vetting.burst import afterglow_share
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Atlas, Case
from coordinator.vetting.looks import Look, looks_at
from coordinator.vetting.neighbours import NO_SURROUNDINGS, Surroundings
from coordinator.vetting.sighting import Sighting

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(eq=False)
class Batch:
    """Candidates of one event and what is known at their places.

    Attributes
    ----------
    density_per_sr, level : float64 arrays, shape (n,)
        What the map says at each place; 0 and 1 where the event has none.
    rows : int64 array, shape (n,)
        Rows of the map; -1 outside it.
    looking : set of str
        Telescopes that name the host galaxies of others.
    looks : list of tuple of Look
        Observations of each place.
    """

    candidates: Sequence[Candidate]
    atlas: Atlas | None
    t0: datetime | None
    source: str
    density_per_sr: Floats
    level: Floats
    rows: NDArray[np.int64]
    looking: frozenset[str]
    looks: Sequence[tuple[Look, ...]]
    around: Surroundings
    afterglow: float
    _cases: dict[int, Case] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        candidates: Sequence[Candidate],
        atlas: Atlas | None,
        event: Event,
        looks: Sequence[Look] = (),
        around: Surroundings = NO_SURROUNDINGS,
    ) -> "Batch":
        """Look up every candidate's place, who looks for host galaxies, and who observed there."""
        n = len(candidates)
        density, level, rows = np.zeros(n), np.ones(n), np.full(n, -1, np.int64)
        t0, source = event.t0, "no sky map"
        if atlas is not None:
            t0, source = event.t0 or atlas.sky.facts.t0, atlas.source
            if n:
                density, level, rows = atlas.lookup.at([c.ra_deg for c in candidates], [c.dec_deg for c in candidates])
        named = {s.telescope for c in candidates for s in c.sightings if s.host_separation_arcsec is not None}
        looking = frozenset(t for t in named if t is not None)
        its_looks: Sequence[tuple[Look, ...]] = looks_at(candidates, looks) if looks else [()] * n
        return cls(
            candidates, atlas, t0, source, density, level, rows, looking, its_looks, around, afterglow_share(event)
        )

    def case(self, i: int) -> Case:
        """Return one candidate's case; the same object when asked again."""
        known = self._cases.get(i)
        if known is None:
            candidate = self.candidates[i]
            place = None
            if self.atlas is not None:
                place = self.atlas.place(float(self.density_per_sr[i]), float(self.level[i]), int(self.rows[i]))
            looked_for = any(s.telescope in self.looking for s in candidate.sightings)
            near = self.around.of(candidate.id)
            known = Case(candidate, place, self.t0, self.source, looked_for, self.looks[i], near, self.afterglow)
            self._cases[i] = known
        return known

    @cached_property
    def sightings(self) -> list[Sighting]:
        """All sightings, candidate by candidate, each by time."""
        return [s for c in self.candidates for s in c.sightings]

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """Where each candidate's sightings begin."""
        counts = np.fromiter((len(c.sightings) for c in self.candidates), np.intp, len(self.candidates))
        return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)

    @cached_property
    def days(self) -> Floats:
        """Days of each sighting since the event; NaN where one of both is not known."""
        t0 = self.t0
        if t0 is None:
            return np.full(len(self.sightings), np.nan)
        return np.array([np.nan if s.time is None else (s.time - t0).total_seconds() / 86400 for s in self.sightings])

    def any_of(self, flags: Sequence[bool] | Flags) -> Flags:
        """Say of each candidate whether one of its sightings has a flag."""
        return np.asarray(np.logical_or.reduceat(np.asarray(flags, bool), self.starts), bool)
