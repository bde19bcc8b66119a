"""What came out of one event under one policy, as numbers; all times are seconds after the merger.

The sky counts by the event's last map, for every policy alike. Probability of detection is that of law 2: at every
place the chance that the source assumed at its distance is above the deepest limit reached there.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from typing import Any

from coordinator.dispatch.assignment import Assignment
from coordinator.planning.nights import dark_between
from coordinator.planning.recount import Pieces, Sight, best_value, covered_probability
from coordinator.planning.value import SkyValue
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.simulation.campaign.drawn_world import DrawnWorld
from coordinator.simulation.campaign.looks import Gathered
from coordinator.simulation.verdict import SAME_PLACE_DEG, NightResult
from coordinator.simulation.world.counterpart import Injected
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from coordinator.sky.write_multiorder import write_multiorder
from coordinator.vetting.facts import CandidatesScored, DetectionsStored
from telescopes.description.ephemeris import unix_s
from telescopes.description.geometry import separation_deg, unit_vectors
from telescopes.description.telescope import Telescope

HOURS = (1.0, 2.0, 4.0, 8.0, 12.0, 24.0)
"""After the merger, at which coverage is taken; those beyond the search are left out."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One event under one policy; None: it did not happen, or there was nothing of that kind.

    Attributes
    ----------
    probability_covered, detection_probability : float
        Of the last map, by all that was observed, whatever the visit.
    covered_after_h : mapping of hours to probability
    found : bool or None
        Whether the source was detected at all; None: nothing shines.
    time_to_rank1_s : float or None
        When it first led a list of candidates. Teams that do not know of each other have a list each, and the first
        that it leads counts: that is kind to them.
    brier : float or None
        ``(p - o)**2`` of the candidate that leads in the end with probability p, o = 1 if it is the source; None:
        there is no list.
    redundancy : float
        Sum of the values of all looks over that of their union, less 1, within visits.
    revoked_share : float
        Of all offers, those asked back.
    telescope_use : float or None
        Time spent on looks that count, over the dark time of all telescopes.
    """

    number: int
    policy: str
    probability_covered: float
    detection_probability: float
    covered_after_h: dict[str, float]
    time_to_first_pointing_s: float | None
    found: bool | None
    time_to_detection_s: float | None
    time_to_rank1_s: float | None
    brier: float | None
    distinct_deg2_per_hour: float | None
    redundancy: float
    duplicates: int
    offers: int
    looks: int
    revoked_share: float
    telescope_use: float | None
    candidates: int
    broken: tuple[str, ...]
    state_hash: str
    planning_cpu_s: float
    cpu_s: float

    def row(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True, eq=False)
class Skies:
    """What looks are worth by each map of an event, by the sha256 of its file, and by the last one."""

    by_sha256: Mapping[str, SkyValue]
    last: SkyValue


def skies_of(world: DrawnWorld) -> Skies:
    """Value the sky of an event by each of its maps."""
    maps = [r.sky for r in world.told.event.revisions if r.sky is not None]
    valued = [SkyValue.of(ProbabilityCurve.of(sky), "detection") for sky in maps]
    names = [hashlib.sha256(write_multiorder(sky)).hexdigest() for sky in maps]
    return Skies(dict(zip(names, valued, strict=True)), valued[-1])


def measured(world: DrawnWorld, results: Sequence[NightResult], skies: Skies) -> dict[str, Any]:
    """Measure the teams' nights of an event together; the words are those of `Outcome`."""
    gathered = Gathered.of(world.event_key, skies.by_sha256, [r.entries for r in results])
    t0, looks = world.told.event.t0, gathered.looks
    after = partial(_after, t0)
    every = [fact for r in results for fact in _facts(r.entries)]
    found_at = list(_detected(every, world.injected))
    led_at = list(_led(every, world.injected, world.event_key))
    weighed = _Weighed.of(gathered, looks, skies.last)
    return {
        "probability_covered": weighed.covered(len(looks)),
        "detection_probability": weighed.detection(),
        "covered_after_h": {
            f"{h:g}": weighed.covered(sum(after(_end(a)) <= 3600.0 * h for a in looks))
            for h in HOURS
            if h <= world.hours
        },
        "time_to_first_pointing_s": min((after(a.actual_start or a.busy_from) for a in looks), default=None),
        "found": None if world.injected is None else bool(found_at),
        "time_to_detection_s": min(map(after, found_at), default=None),
        "time_to_rank1_s": min(map(after, led_at), default=None),
        "brier": _brier(results, world),
        "distinct_deg2_per_hour": _distinct(gathered, looks),
        "redundancy": weighed.redundancy(),
        "duplicates": gathered.duplicates,
        "offers": gathered.offers,
        "looks": len(looks),
        "revoked_share": gathered.revoked / gathered.offers if gathered.offers else 0.0,
        "telescope_use": _use(looks, world),
        "candidates": sum(len(r.candidates(world.event_key)) for r in results),
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Weighed:
    """Looks, cut into pieces of sky."""

    pieces: Pieces
    visits: tuple[str, ...]

    @classmethod
    def of(cls, gathered: Gathered, looks: Sequence[Assignment], sky: SkyValue) -> "_Weighed":
        sights = [Sight(gathered.book.ranges(a), sky.depth(a.depth_mag_ab)) for a in looks]
        return cls(Pieces.of(sights, sky), tuple(a.key[1] for a in looks))

    def covered(self, first: int) -> float:
        """Probability inside the first so many looks."""
        return covered_probability(self.pieces, range(first)) if first else 0.0

    def detection(self, numbers: Sequence[int] | None = None) -> float:
        """Chance that the deepest looks see the source."""
        chosen = range(len(self.visits)) if numbers is None else numbers
        return best_value(self.pieces, chosen) if len(chosen) else 0.0

    def redundancy(self) -> float:
        alone = sum(self.detection([n]) for n in range(len(self.visits)))
        by_visit = {v: [n for n, its in enumerate(self.visits) if its == v] for v in dict.fromkeys(self.visits)}
        union = sum(self.detection(numbers) for numbers in by_visit.values())
        return alone / union - 1.0 if union > 0.0 else 0.0


Fact = tuple[datetime, object]


def _facts(entries: Iterable[Stored]) -> Iterator[Fact]:
    for stored in entries:
        if stored.entry.kind in ("detections_stored", "candidates_scored"):
            yield stored.entry.sky_time, fact_of(stored.entry)


def _detected(every: Iterable[Fact], injected: Injected | None) -> Iterator[datetime]:
    """Yield when a detection at the source's place was kept."""
    for at, fact in every:
        kept = fact.detections if isinstance(fact, DetectionsStored) else ()
        if any(_is_there(d.detection.ra_deg, d.detection.dec_deg, injected) for d in kept):
            yield at


def _led(every: Iterable[Fact], injected: Injected | None, event: str) -> Iterator[datetime]:
    """Yield when a list of candidates was led by the source."""
    for at, fact in every:
        first = fact.candidates[:1] if isinstance(fact, CandidatesScored) and fact.event == event else ()
        if any(_is_there(c.ra_deg, c.dec_deg, injected) for c in first):
            yield at


def _is_there(ra_deg: float, dec_deg: float, injected: Injected | None) -> bool:
    if injected is None:
        return False
    there = unit_vectors(injected.ra_deg, injected.dec_deg)
    return float(separation_deg(unit_vectors(ra_deg, dec_deg), there)) < SAME_PLACE_DEG


def _brier(results: Sequence[NightResult], world: DrawnWorld) -> float | None:
    """Hold the best word of all lists against the truth."""
    firsts = [c[0] for r in results if (c := r.candidates(world.event_key))]
    if not firsts:
        return None
    best = max(firsts, key=lambda c: (c.probability, c.id))
    right = _is_there(best.ra_deg, best.dec_deg, world.injected)
    return (best.probability - float(right)) ** 2


def _after(t0: datetime, when: datetime) -> float:
    return (when - t0).total_seconds()


def _end(one: Assignment) -> datetime:
    return one.actual_end or one.since


def _distinct(gathered: Gathered, looks: Sequence[Assignment]) -> float | None:
    """Square degrees looked at, over the hours from the first look's start to the last one's end."""
    if not looks:
        return None
    begun = min(a.actual_start or a.busy_from for a in looks)
    hours = (_end(looks[-1]) - begun).total_seconds() / 3600.0
    return Ranges.union_of(gathered.book.ranges(a) for a in looks).area_deg2 / hours if hours > 0.0 else None


def _use(looks: Sequence[Assignment], world: DrawnWorld) -> float | None:
    dark_s = sum(_dark_s(t, world) for t in world.telescopes)
    used_s = sum((_end(a) - (a.actual_start or a.busy_from)).total_seconds() for a in looks)
    return used_s / dark_s if dark_s > 0.0 else None


def _dark_s(telescope: Telescope, world: DrawnWorld) -> float:
    first = unix_s(world.start)
    below = telescope.limits.max_sun_altitude_deg
    return sum(b - a for a, b in dark_between(telescope.site, below, first, first + 3600.0 * world.hours))
