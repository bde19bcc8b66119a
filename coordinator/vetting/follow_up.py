"""Which candidate deserves another look now, in which band, and when; the scheduler finds the telescope."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from coordinator.lightcurves.bands import band_of
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.combine import POSSIBLE
from coordinator.vetting.facts import CandidatesScored, FollowUpRequested, ScoredCandidate


@dataclass(frozen=True, slots=True)
class FollowUpRule:
    """When to ask for another look.

    `gaps_h` is the sky time between the last look and each further one: the first tells what stays from what moves,
    the later ones let a fade be measured; as many as there are gaps. `filters` are taken where the preferred band,
    that in which it was seen most, is out of reach. A request that nobody could serve is given up after `patience_h`.
    """

    threshold: float = POSSIBLE
    gaps_h: tuple[float, ...] = (0.5, 1.0, 3.0, 20.0)
    most_per_event: int = 40
    filters: tuple[str, ...] = ("r", "g", "i", "clear")
    patience_h: float = 3.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A follow-up that was asked for, and when its look was taken; None: not yet."""

    request: FollowUpRequested
    asked_at: datetime
    looked_at: datetime | None = None


def propose(
    scored: CandidatesScored,
    candidates: Mapping[str, Candidate],
    asked: Sequence[Asked],
    now: datetime,
    rule: FollowUpRule,
) -> FollowUpRequested | None:
    """Ask for another look at a candidate that is worth one and has none on its way.

    Whoever was looked at least often comes first, of equals the most probable: a second look tells more of a
    candidate that had none than a fourth one of the candidate that leads. Where a person marked a counterpart, it
    alone is followed, whatever its odds; what a person rejected is not.

    Parameters
    ----------
    scored : CandidatesScored
        The newest odds.
    candidates : mapping of candidate id to Candidate
        What was scored.
    asked : sequence of Asked
        All follow-ups of this event so far.
    now : datetime
        Sky time.
    rule : FollowUpRule
        How much telescope time a candidate is worth.
    """
    if len(asked) >= rule.most_per_event:
        return None
    waiting: list[tuple[int, int, ScoredCandidate, list[Asked]]] = []
    for rank, one in _worth_a_look(scored, rule):
        candidate = candidates.get(one.id)
        if candidate is None:
            continue
        own = [a for a in asked if candidate.was(a.request.candidate)]
        if candidate.motion is None and len(own) < len(rule.gaps_h) and not any(_is_open(a, now, rule) for a in own):
            waiting.append((len(own), rank, one, own))
    if not waiting:
        return None
    _, _, chosen, own = min(waiting, key=lambda w: w[:2])
    return _request(scored, chosen, candidates[chosen.id], own, now, rule)


def _worth_a_look(scored: CandidatesScored, rule: FollowUpRule) -> list[tuple[int, ScoredCandidate]]:
    """Return those that people or the odds want to be followed, each with its rank."""
    ranked = list(enumerate(scored.candidates))
    named = [(rank, one) for rank, one in ranked if one.marked == "counterpart"]
    return named or [(n, one) for n, one in ranked if one.probability >= rule.threshold and one.verdict != "rejected"]


def _is_open(asked: Asked, now: datetime, rule: FollowUpRule) -> bool:
    if asked.looked_at is not None:
        return False
    due = asked.request.not_before
    since = asked.asked_at if due is None else max(asked.asked_at, datetime.fromisoformat(due))
    return now < since + timedelta(hours=rule.patience_h)


def _request(
    scored: CandidatesScored,
    chosen: ScoredCandidate,
    candidate: Candidate,
    own: Sequence[Asked],
    now: datetime,
    rule: FollowUpRule,
) -> FollowUpRequested:
    n = len(own) + 1
    band, filters = _filters(candidate, rule)
    looks = [s.time for s in candidate.sightings if s.time is not None]
    looks += [a.looked_at for a in own if a.looked_at is not None]
    due = max([now, *(t + timedelta(hours=rule.gaps_h[n - 1]) for t in looks)])
    return FollowUpRequested(
        event=scored.event,
        candidate=chosen.id,
        visit=f"follow-up:{chosen.id}:{band}:{n}",
        ra_deg=chosen.ra_deg,
        dec_deg=chosen.dec_deg,
        filters=filters,
        mag_ab=chosen.mag_ab,
        because=f"probability {chosen.probability:.3f} among {len(scored.candidates)} candidates; look {n} in {band}",
        not_before=due.isoformat(),
    )


def _filters(candidate: Candidate, rule: FollowUpRule) -> tuple[str, tuple[str, ...]]:
    """Return the band in which it was seen most (of equals the first), then what else would do."""
    seen = [s.filter for s in candidate.sightings if s.filter is not None]
    counts = Counter(seen)
    ranked = sorted(counts, key=lambda f: (-counts[f], seen.index(f)))
    filters = tuple(dict.fromkeys([*ranked, *rule.filters]))
    return band_of(filters[0]), filters
