"""What came out of one event under one policy, as numbers; all times are seconds after the merger or burst.

The sky counts by the event's last map (with a burst: the common one), for every policy alike. Probability of detection
is that of law 2: at every place the chance that the source assumed at its distance is above the deepest limit reached
there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial, reduce
from typing import Any

from coordinator.dispatch.assignment import Assignment
from coordinator.planning.recount import Pieces, Sight, best_value, covered_probability
from coordinator.planning.value import SkyValue
from coordinator.simulation.campaign.drawn_world import DrawnWorld
from coordinator.simulation.campaign.found import Said, Truth, facts_of
from coordinator.simulation.campaign.looks import Gathered
from coordinator.simulation.campaign.skies import Skies
from coordinator.simulation.campaign.stages import stage_medians
from coordinator.simulation.campaign.used import FollowedUp, Used, followed_up, use_of, used
from coordinator.simulation.verdict import NightResult
from coordinator.sky.ranges import Ranges

HOURS = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 24.0)
"""After the merger, at which coverage is taken; those beyond the search are left out."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One event under one policy; None: it did not happen, or there was nothing of that kind.

    Attributes
    ----------
    without : str or None
        The telescope that the network lacked; None: it was whole.
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
    promising, promising_right : int
        Candidates that are called promising in the end, and the source among them.
    said : tuple of (probability, bool)
        What was said of every candidate in the end, and whether it is the source.
    follow_ups, stages_s, telescopes
        As `FollowedUp`, `stage_medians` and `Used` say.
    redundancy : float
        Sum of the values of all looks over that of their union, less 1, within visits.
    revoked_share : float
        Of all offers, those asked back.
    telescope_use : float or None
        Time spent on looks that count, over the dark time of all telescopes.
    """

    number: int
    policy: str
    without: str | None
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
    promising: int
    promising_right: int
    said: tuple[Said, ...]
    follow_ups: FollowedUp
    stages_s: dict[str, float | None]
    telescopes: dict[str, Used]
    broken: tuple[str, ...]
    state_hash: str
    planning_cpu_s: float
    cpu_s: float

    @property
    def has_rank1(self) -> bool | None:
        """Whether the source led a list at some time; None: nothing shines."""
        return None if self.found is None else self.time_to_rank1_s is not None

    @property
    def found_share(self) -> float | None:
        """The same as `found`, as a number that can be taken means of."""
        return None if self.found is None else float(self.found)

    @property
    def follow_up_done(self) -> float | None:
        """Share of the follow-ups asked for that were looked at; None: none was asked for."""
        return self.follow_ups.done / self.follow_ups.asked if self.follow_ups.asked else None

    @property
    def follow_up_efficiency(self) -> float | None:
        """Share of the follow-up looks that were at the source; None: nothing shines, or there was no such look."""
        if self.found is None or not self.follow_ups.looks:
            return None
        return self.follow_ups.at_source / self.follow_ups.looks

    def row(self) -> dict[str, Any]:
        """Return it as JSON takes it; what was said of each candidate is summed up elsewhere."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "said"}


def measured(world: DrawnWorld, results: Sequence[NightResult], skies: Skies) -> dict[str, Any]:
    """Measure the teams' nights of an event together; the words are those of `Outcome`."""
    journals = [r.entries for r in results]
    event = world.happened.key
    gathered = Gathered.of(world.happened.keys, skies.by_sha256, journals)
    truth, looks = Truth(event, world.injected), gathered.looks
    telescopes = used(world, gathered.offered, looks)
    teams = (followed_up(truth, journal, looks) for journal in journals)
    return {
        **_searched(world, gathered, looks, skies.last),
        **_listed(world, truth, results),
        "duplicates": gathered.duplicates,
        "offers": gathered.offers,
        "revoked_share": gathered.revoked / gathered.offers if gathered.offers else 0.0,
        "telescope_use": use_of(telescopes.values()),
        "telescopes": telescopes,
        "follow_ups": reduce(FollowedUp.plus, teams, FollowedUp()),
        "stages_s": stage_medians(event, journals, looks),
    }


def _searched(world: DrawnWorld, gathered: Gathered, looks: Sequence[Assignment], last: SkyValue) -> dict[str, Any]:
    """Measure what was looked at."""
    after = partial(_after, world.happened.t0)
    weighed = _Weighed.of(gathered, looks, last)
    return {
        "probability_covered": weighed.covered(len(looks)),
        "detection_probability": weighed.detection(),
        "covered_after_h": {
            f"{h:g}": weighed.covered(sum(after(a.ended) <= 3600.0 * h for a in looks))
            for h in HOURS
            if h <= world.hours
        },
        "time_to_first_pointing_s": min((after(a.began) for a in looks), default=None),
        "distinct_deg2_per_hour": _distinct(gathered, looks),
        "redundancy": weighed.redundancy(),
        "looks": len(looks),
    }


def _listed(world: DrawnWorld, truth: Truth, results: Sequence[NightResult]) -> dict[str, Any]:
    """Measure what was found, and what was made of it."""
    after = partial(_after, world.happened.t0)
    every = [fact for r in results for fact in facts_of(r.entries)]
    found_at, lists = list(truth.detected(every)), truth.last_lists(results)
    promising, right = truth.promising(lists)
    return {
        "found": None if world.injected is None else bool(found_at),
        "time_to_detection_s": min(map(after, found_at), default=None),
        "time_to_rank1_s": min(map(after, truth.led(every)), default=None),
        "brier": truth.brier(lists),
        "candidates": sum(len(its) for its in lists),
        "promising": promising,
        "promising_right": right,
        "said": truth.said(lists),
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Weighed:
    """Looks, cut into pieces of sky."""

    pieces: Pieces
    visits: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, gathered: Gathered, looks: Sequence[Assignment], sky: SkyValue) -> "_Weighed":
        sights = [Sight(gathered.book.ranges(a), sky.depth(a.depth_mag_ab)) for a in looks]
        return cls(Pieces.of(sights, sky), tuple(a.key for a in looks))

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


def _after(t0: datetime, when: datetime) -> float:
    return (when - t0).total_seconds()


def _distinct(gathered: Gathered, looks: Sequence[Assignment]) -> float | None:
    """Square degrees looked at, over the hours from the first look's start to the last one's end."""
    if not looks:
        return None
    hours = (looks[-1].ended - min(a.began for a in looks)).total_seconds() / 3600.0
    return Ranges.union_of(gathered.book.ranges(a) for a in looks).area_deg2 / hours if hours > 0.0 else None
