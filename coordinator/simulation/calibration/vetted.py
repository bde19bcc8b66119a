"""The vetter's own way from detections to odds, in one call: the functions that the running vetter calls, in its order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coordinator.events.event import Event
from coordinator.sky.ranges import Ranges
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.association import associate
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Atlas
from coordinator.vetting.combine import verdict_of
from coordinator.vetting.kinds import Kind
from coordinator.vetting.looks import Look
from coordinator.vetting.neighbours import Surroundings
from coordinator.vetting.prior import Prior, chance_of_counterpart, prior_of
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.weighed import Weighed, weigh_all

WORST_TOLD = 1e-4
"""Kinds are made for those that are at least so likely, and for every tenth of the others."""


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

    `kinds` are what each may be, None for most of the unlikely; `words` the verdicts.
    """

    candidates: tuple[Candidate, ...]
    probability: NDArray[np.float64]
    words: tuple[str, ...]
    kinds: tuple[dict[Kind, float] | None, ...]
    p_none: float
    prior: Prior


def vetted(handed: Handed) -> Verdict:
    """Associate, look around, believe beforehand, and weigh."""
    atlas = Atlas.of(handed.sky)
    candidates = associate(handed.sightings)
    prior = _prior(handed, len(candidates))
    weighed = weigh_all(
        candidates, atlas, handed.event, prior, handed.looks, around=handed.around(candidates)
    )
    return _told(weighed, prior)


def _prior(handed: Handed, found: int) -> Prior:
    q, because = chance_of_counterpart(handed.event)
    area = Ranges.union_of([look.ranges for look in handed.looks]).area_deg2
    prior = prior_of(q=q, found=found, searched_deg2=area)
    return replace(prior, because=f"{prior.because}; q: {because}")


def _told(weighed: Weighed, prior: Prior) -> Verdict:
    order = [int(i) for i in weighed.order]
    every = weighed.batch.candidates
    words = tuple(verdict_of(float(weighed.probability[i]), bool(weighed.terms.veto[i] >= 0)) for i in order)
    kinds = []
    for n, i in enumerate(order):
        told = weighed.probability[i] >= WORST_TOLD or n % 10 == 0
        kinds.append(weighed.candidate(i).kinds if told else None)
    return Verdict(
        tuple(every[i] for i in order),
        np.array([weighed.probability[i] for i in order], np.float64),
        words,
        tuple(kinds),
        weighed.p_none,
        prior,
    )
