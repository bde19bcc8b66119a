"""From checks to odds: log Bayes factors are added, and all candidates share one probability with "none of these"."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coordinator.events.event import Event
from coordinator.vetting.batch import Batch
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Atlas, Case
from coordinator.vetting.checks.check import Check
from coordinator.vetting.checks.registry import CHECKS
from coordinator.vetting.facts import CandidatesScored, CheckResult, ScoredCandidate
from coordinator.vetting.kinds import Leans, kinds_of
from coordinator.vetting.looks import Look
from coordinator.vetting.neighbours import NO_SURROUNDINGS, Surroundings
from coordinator.vetting.prior import Prior
from coordinator.vetting.rule import USUAL, OddsRule

LOG_ODDS_LIMIT = 99.0
"""Certainty has no logarithm; what is vetoed or retracted stands at this."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """A candidate and what every check said of it; `vetoed_by` None: nothing forbids it."""

    candidate: Candidate
    credible_level: float | None
    checks: tuple[CheckResult, ...]
    vetoed_by: str | None = None
    leans: tuple[Leans, ...] = ()

    @property
    def log_bayes(self) -> float:
        """All that was said, added up; the same whatever the order."""
        return math.fsum(c.log_bayes for c in self.checks)


def assess(case: Case, rule: OddsRule = USUAL, checks: Sequence[Check] = CHECKS) -> Assessed:
    """Ask every check about one candidate."""
    results: list[CheckResult] = []
    said: dict[str, float] = {}
    leans: list[Leans] = []
    vetoed_by = None
    for check in checks:
        finding = check.evaluate(case)
        results.append(check.result(finding))
        leans += [finding.leans] if finding.leans else []
        if check.group is not None:
            said[check.group] = said.get(check.group, 0.0) + finding.log_bayes
        if finding.veto and vetoed_by is None:
            vetoed_by = check.name
    results.extend(r for r in (_cap(group, total, rule) for group, total in said.items()) if r is not None)
    level = None if case.place is None else case.place.credible_level
    return Assessed(case.candidate, level, tuple(results), vetoed_by, tuple(leans))


def cases_of(
    candidates: Sequence[Candidate],
    atlas: Atlas | None,
    event: Event,
    looks: Sequence[Look] = (),
    around: Surroundings = NO_SURROUNDINGS,
) -> list[Case]:
    """Look up every candidate's place, who looks for host galaxies, and who observed there."""
    batch = Batch.of(candidates, atlas, event, looks, around)
    return [batch.case(i) for i in range(len(candidates))]


def weigh(assessed: Iterable[Assessed], prior: Prior, event: Event, rule: OddsRule = USUAL) -> CandidatesScored:
    """Share one probability among the candidates and "none"; best first, then by id."""
    every = list(assessed)
    q = 0.0 if event.retracted else prior.q
    logs = [_log_weight(a, 0.0 if event.retracted else prior.q_each, prior.n_all) for a in every]
    log_none = math.log(1 - q) if q < 1 else -math.inf
    top = max([*logs, log_none])
    if top == -math.inf:  # q is 1 and everything is vetoed: nothing is left.
        log_none = top = 0.0
    none = math.exp(log_none - top)
    weights = [math.exp(log - top) for log in logs]
    total = math.fsum([*weights, none])
    scored = [
        scored_as(a, w / total, log_odds_of(w / total, _rest(weights, i, none, total) / total), rule)
        for i, (a, w) in enumerate(zip(every, weights, strict=True))
    ]
    scored.sort(key=lambda c: (-c.probability, -c.log_odds, c.id))
    best = scored[0].id if scored else None
    return CandidatesScored(
        event.key, event.revision, none / total, tuple(scored), best=best, weighed=len(scored), believed=prior.because
    )


Memo = dict[str, tuple[Case, Assessed]]
"""What was found of each candidate last time: a case that is the same gets the same answer."""


def score(
    candidates: Sequence[Candidate],
    atlas: Atlas | None,
    event: Event,
    prior: Prior,
    looks: Sequence[Look] = (),
    memo: Memo | None = None,
    around: Surroundings = NO_SURROUNDINGS,
    rule: OddsRule = USUAL,
) -> CandidatesScored:
    """Weigh all candidates of an event against each other and against none of them being it.

    Parameters
    ----------
    candidates : sequence of Candidate
        As `association.associate` gives them; their order does not matter.
    atlas : Atlas, optional
        The event's sky, made ready; None: it has none.
    event : Event
        What is known of the event.
    prior : Prior
        What is believed beforehand.
    looks : sequence of Look, optional
        What was observed, so that "not seen again" counts.
    memo : dict, optional
        Filled here and asked next time, under the same rule; it holds no more than these candidates.
    around : Surroundings, optional
        What catalogues and others know at their places.
    rule : OddsRule, optional
        What the observatory decided.
    """
    known = memo or {}
    answers: Memo = {}
    for case in cases_of(candidates, atlas, event, looks, around):
        before = known.get(case.candidate.id)
        answers[case.candidate.id] = before if before is not None and before[0] == case else (case, assess(case, rule))
    if memo is not None:
        memo.clear()
        memo.update(answers)
    return weigh((assessed for _, assessed in answers.values()), prior, event, rule)


def _cap(group: str, total: float, rule: OddsRule) -> CheckResult | None:
    """Take back what a group of checks says beyond its cap."""
    low, high = rule.caps[group]
    held = min(max(total, low), high)
    if held == total:
        return None
    because = f"checks that answer the same question say no more than {held:g} together"
    return CheckResult(f"{group} cap", held - total, None, f"{total:+.2f}", "rule", because)


def _log_weight(assessed: Assessed, q: float, n_all: float) -> float:
    if assessed.vetoed_by is not None or q <= 0:
        return -math.inf
    return math.log(q / n_all) + assessed.log_bayes


def _rest(weights: Sequence[float], i: int, none: float, total: float) -> float:
    """Return the weight of everything but one candidate; added up anew where a difference would lose digits."""
    if 2 * weights[i] < total:
        return total - weights[i]
    return math.fsum([none, *weights[:i], *weights[i + 1 :]])


def log_odds_of(probability: float, rest: float) -> float:
    """Return ln P - ln(1 - P), held at the limit; `rest` is 1 - P with all its digits."""
    if probability <= 0:
        return -LOG_ODDS_LIMIT
    log_odds = math.log(probability) - math.log(rest) if rest > 0 else LOG_ODDS_LIMIT
    return min(max(log_odds, -LOG_ODDS_LIMIT), LOG_ODDS_LIMIT)


def scored_as(assessed: Assessed, probability: float, log_odds: float, rule: OddsRule) -> ScoredCandidate:
    """Put a candidate, its odds and the words behind them together."""
    candidate = assessed.candidate
    last = candidate.last
    return ScoredCandidate(
        candidate.id,
        candidate.ra_deg,
        candidate.dec_deg,
        assessed.credible_level,
        probability,
        log_odds,
        rule.verdict(probability, vetoed=assessed.vetoed_by is not None),
        len(candidate.sightings),
        assessed.checks,
        last.mag_ab,
        last.filter,
        None if last.time is None else last.time.isoformat(),
        {str(kind): share for kind, share in kinds_of(probability, assessed.leans, rule.shares).items()},
    )
