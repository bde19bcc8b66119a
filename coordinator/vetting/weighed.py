"""Odds of many candidates as columns; words are made for those that are read."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coordinator.events.event import Event
from coordinator.vetting.batch import Batch, Floats
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Atlas
from coordinator.vetting.combine import LOG_ODDS_LIMIT, Memo, assess, scored_as
from coordinator.vetting.facts import CandidatesScored, ScoredCandidate
from coordinator.vetting.looks import Look
from coordinator.vetting.neighbours import NO_SURROUNDINGS, Surroundings
from coordinator.vetting.population import prior_for
from coordinator.vetting.prior import Prior
from coordinator.vetting.reach import Reach
from coordinator.vetting.rule import USUAL, OddsRule
from coordinator.vetting.terms import NO_VETO, Asked, Terms, ask


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """All candidates of an event, weighed against each other and against none of them being it.

    Attributes
    ----------
    batch, terms
        What was asked, and what was said.
    probability, log_odds : float64 arrays, shape (n,)
        In the order of the batch.
    p_none : float
        That none of them is it.
    order : int array, shape (n,)
        Their numbers, best first, then by id.
    prior : Prior
        What was believed beforehand.
    rule : OddsRule
        By what their verdicts are called.
    told, told_before : dict
        What was put into words this time, and last time: a case that is the same has the same words.
    """

    event: Event
    batch: Batch
    terms: Terms
    probability: Floats
    log_odds: Floats
    p_none: float
    order: NDArray[np.intp]
    prior: Prior
    rule: OddsRule = USUAL
    told: Memo = field(default_factory=dict)
    told_before: Memo = field(default_factory=dict)

    @property
    def asked(self) -> Asked:
        """What to hand in next time."""
        return Asked(self.batch, self.terms, self.told)

    def candidate(self, i: int) -> ScoredCandidate:
        """Return a candidate with the words behind its odds."""
        case = self.batch.case(i)
        before = self.told_before.get(case.candidate.id)
        assessed = before[1] if before is not None and before[0] == case else assess(case, self.rule)
        self.told[case.candidate.id] = case, assessed
        return scored_as(assessed, float(self.probability[i]), float(self.log_odds[i]), self.rule)

    def fact(self, most: int | None = None, besides: Iterable[str] = ()) -> CandidatesScored:
        """Say it in the journal's words.

        Parameters
        ----------
        most : int, optional
            How many of the best are told of; None: all.
        besides : iterable of str
            Ids of others that are told of, too.
        """
        also = set(besides)
        told = [int(i) for n, i in enumerate(self.order) if most is None or n < most or self._id(int(i)) in also]
        return CandidatesScored(
            self.event.key,
            self.event.revision,
            self.p_none,
            tuple(self.candidate(i) for i in told),
            best=self._id(int(self.order[0])) if self.order.size else None,
            weighed=len(self.batch.candidates),
            believed=self.prior.because,
        )

    def _id(self, i: int) -> str:
        return self.batch.candidates[i].id


def weigh_all(
    candidates: Sequence[Candidate],
    atlas: Atlas | None,
    event: Event,
    prior: Prior,
    looks: Sequence[Look] = (),
    around: Surroundings = NO_SURROUNDINGS,
    before: Asked | None = None,
    rule: OddsRule = USUAL,
) -> Weighed:
    """Weigh as `combine.score` does, and leave the words for later.

    Parameters
    ----------
    candidates, atlas, event, prior, looks, around, rule
        As there.
    before : Asked, optional
        What was asked last time, under the same rule: what has not changed is not asked again.
    """
    batch = Batch.of(candidates, atlas, event, looks, around)
    return _weighed(event, batch, ask(batch, before), prior, rule, {} if before is None else before.told)


def weigh_search(
    candidates: Sequence[Candidate],
    atlas: Atlas | None,
    event: Event,
    reach: Reach | None,
    looks: Sequence[Look] = (),
    around: Surroundings = NO_SURROUNDINGS,
    before: Asked | None = None,
    rule: OddsRule = USUAL,
) -> Weighed:
    """Weigh what a search found, believing beforehand what follows from the search itself.

    Parameters
    ----------
    candidates, atlas, event, looks, around, before, rule
        As `weigh_all` has them.
    reach : Reach, optional
        Of `reach.reach_of`: what was looked at, and how deep; None: nobody knows.
    """
    batch = Batch.of(candidates, atlas, event, looks, around)
    terms = ask(batch, before)
    prior = prior_for(event, batch, terms, reach, rule)
    return _weighed(event, batch, terms, prior, rule, {} if before is None else before.told)


def _weighed(event: Event, batch: Batch, terms: Terms, prior: Prior, rule: OddsRule, told_before: Memo) -> Weighed:
    n = len(batch.candidates)
    q = 0.0 if event.retracted else prior.q
    logs = np.full(n, -np.inf)
    if q > 0 and prior.q_each > 0:
        logs = np.where(terms.veto == NO_VETO, math.log(prior.q_each / prior.n_all) + terms.total(rule), -np.inf)
    probability, log_odds, p_none = _shared(logs, math.log(1 - q) if q < 1 else -math.inf)
    ids = np.array([c.id for c in batch.candidates])
    order = np.lexsort((ids, -log_odds, -probability)) if ids.size else np.empty(0, np.intp)
    return Weighed(event, batch, terms, probability, log_odds, p_none, order, prior, rule, told_before=told_before)


def _shared(logs: Floats, log_none: float) -> tuple[Floats, Floats, float]:
    """Share one probability among the candidates and "none"; added up in order of size, whoever came first."""
    top = max(float(logs.max(initial=-math.inf)), log_none)
    if top == -math.inf:  # q is 1 and everything is vetoed: nothing is left.
        log_none = top = 0.0
    none = math.exp(log_none - top)
    weights = np.exp(logs - top)
    total = math.fsum([*weights.tolist(), none])
    rest = total - weights
    for i in np.flatnonzero(2 * weights >= total):  # Where a difference would lose digits.
        rest[i] = math.fsum([none, *np.delete(weights, i).tolist()])
    with np.errstate(divide="ignore"):
        log_odds = np.where(weights > 0, np.log(weights / total) - np.log(rest / total), -LOG_ODDS_LIMIT)
    return weights / total, np.clip(log_odds, -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT), none / total
