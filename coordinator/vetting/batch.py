"""Many candidates at once: what a check is asked about, as columns, and one case at a time where words are wanted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coordinator.events.event import Event
from coordinator.vetting.burst import afterglow_share
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Atlas, Case, place_of
from coordinator.vetting.distinct import Distinct
from coordinator.vetting.looks import Look, looks_at
from coordinator.vetting.neighbours import NO_SURROUNDINGS, NOBODY_LOOKED, Answer, Neighbours, Surroundings
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.when_looked import WhenLooked

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
    _found: dict[str, Flags] = field(default_factory=dict)
    _known: dict[str, Distinct[tuple[Answer[Any], ...]]] = field(default_factory=dict)

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
                place = place_of(float(self.density_per_sr[i]), float(self.level[i]), self.distances[:, i])
            looked_for = any(s.telescope in self.looking for s in candidate.sightings)
            known = Case(
                candidate, place, self.t0, self.source, looked_for, self.looks[i], self.near.at(i), self.afterglow
            )
            self._cases[i] = known
        return known

    @cached_property
    def distances(self) -> Floats:
        """What the map says of the distance at each place, as `Atlas.distances`; shape (5, n)."""
        if self.atlas is None:
            return np.full((5, len(self.candidates)), np.nan)
        return self.atlas.distances(self.rows)

    @cached_property
    def near(self) -> Distinct[Neighbours]:
        """What is known around each candidate."""
        if not self.around.by_candidate:
            return Distinct([NOBODY_LOOKED], np.zeros(len(self.candidates), np.intp))
        return Distinct.of(self.around.of(c.id) for c in self.candidates)

    def known(self, sort: str) -> Distinct[tuple[Answer[Any], ...]]:
        """Return the answers of one sort, a field of `Neighbours`; most candidates share theirs."""
        if sort not in self._known:
            self._known[sort] = self.near.part(attrgetter(sort))
        return self._known[sort]

    def found(self, sort: str) -> Flags:
        """Say near which candidates somebody knows something of a sort, however far off."""
        if sort not in self._found:
            self._found[sort] = self.known(sort).each(lambda answers: any(answer.found for answer in answers))
        return self._found[sort]

    @cached_property
    def sightings(self) -> list[Sighting]:
        """All sightings, candidate by candidate, each by time."""
        return [s for c in self.candidates for s in c.sightings]

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """How many sightings each candidate has."""
        return np.array([len(c.sightings) for c in self.candidates], np.intp)

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """Where each candidate's sightings begin."""
        return np.concatenate([[0], np.cumsum(self.counts)[:-1]]).astype(np.intp)

    @cached_property
    def days(self) -> Floats:
        """Days of each sighting since the event; NaN where one of both is not known."""
        t0 = self.t0
        if t0 is None:
            return np.full(len(self.sightings), np.nan)
        return np.array([np.nan if s.time is None else (s.time - t0).total_seconds() / 86400 for s in self.sightings])

    @cached_property
    def mags(self) -> Floats:
        """Brightness of each sighting, AB; NaN: not known."""
        return np.array([s.mag_ab for s in self.sightings], np.float64)

    @cached_property
    def brightest_mag(self) -> Floats:
        """Brightest magnitude of each candidate; NaN: not known."""
        return np.asarray(np.fmin.reduceat(self.mags, self.starts), np.float64)

    @cached_property
    def host_redshift_given(self) -> Flags:
        """Whether a host galaxy's redshift was given with a sighting of each."""
        return self.any_of([s.host_redshift is not None for s in self.sightings])

    @cached_property
    def seen_before(self) -> Flags:
        """Whether each was seen before the event."""
        return self.any_of(self.days < 0)

    @cached_property
    def uncertain(self) -> Flags:
        """Whether a sighting of each is no detection by itself: forced photometry, which may not count, or a limit."""
        return self.any_of([s.forced or s.upper_limit for s in self.sightings])

    @cached_property
    def moves(self) -> Flags:
        """Whether each moves."""
        return np.array([c.motion is not None for c in self.candidates], bool)

    @cached_property
    def when_looked(self) -> WhenLooked:
        """When the places were looked at."""
        return WhenLooked.of(self.candidates, self.looks)

    def any_of(self, flags: Sequence[bool] | Flags) -> Flags:
        """Say of each candidate whether one of its sightings has a flag."""
        every = np.asarray(flags, bool)
        if not every.any():
            return np.zeros(len(self.candidates), bool)
        return np.asarray(np.logical_or.reduceat(every, self.starts), bool)
