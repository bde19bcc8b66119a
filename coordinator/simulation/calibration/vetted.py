"""The vetter's own way from detections to odds, in one call: what the running vetter calls, in its order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.events.event import Event
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.association import associate
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Atlas
from coordinator.vetting.kinds import UNRELATED, Kind, kinds_of
from coordinator.vetting.looks import Look
from coordinator.vetting.neighbours import Surroundings
from coordinator.vetting.prior import Prior
from coordinator.vetting.reach import reach_of
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.terms import NO_VETO
from coordinator.vetting.weighed import Weighed, weigh_search


@dataclass(frozen=True, slots=True, eq=False)
class Handed:
    """What the vetter is handed: what is told, seen, observed and listed."""

    event: Event
    sky: SkyMap
    sightings: tuple[Sighting, ...]
    looks: tuple[Look, ...]
    around: Callable[[Sequence[Candidate]], Surroundings]


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Odds of an event's candidates, best first; shape (n,).

    `kinds` are what each may be; `words` the verdicts.
    """

    candidates: tuple[Candidate, ...]
    probability: NDArray[np.float64]
    words: tuple[str, ...]
    kinds: tuple[dict[Kind, float], ...]
    p_none: float
    prior: Prior


def vetted(handed: Handed) -> Verdict:
    """Associate, look around, reckon what was reached, and weigh."""
    atlas = Atlas.of(handed.sky)
    candidates = associate(handed.sightings)
    reach = reach_of(atlas, handed.event, handed.looks)
    around = handed.around(candidates)
    return _told(weigh_search(candidates, atlas, handed.event, reach, handed.looks, around))


def _told(weighed: Weighed) -> Verdict:
    order = [int(i) for i in weighed.order]
    every, forbidden = weighed.batch.candidates, weighed.terms.veto != NO_VETO
    words = tuple(weighed.rule.verdict(float(weighed.probability[i]), vetoed=bool(forbidden[i])) for i in order)
    kinds = kinds_of_many(weighed)
    return Verdict(
        tuple(every[i] for i in order),
        np.array([weighed.probability[i] for i in order], np.float64),
        words,
        tuple(kinds[i] for i in order),
        weighed.p_none,
        weighed.prior,
    )


def kinds_of_many(weighed: Weighed) -> list[dict[Kind, float]]:
    """Return what each candidate may be, by what all checks lean to."""
    leans = weighed.terms.leans
    return [
        kinds_of(float(p), [dict(zip(UNRELATED, row, strict=True))], weighed.rule.shares)
        for p, row in zip(weighed.probability, leans.tolist(), strict=True)
    ]
