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
    most_per_event: int = 20
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
    """Ask for another look at the best candidate, if it is worth one and none is on its way.

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
    best = scored.candidates[0] if scored.candidates else None
    if best is None or best.probability < rule.threshold or best.verdict == "rejected" or best.id not in candidates:
        return None
    candidate = candidates[best.id]
    own = [a for a in asked if candidate.was(a.request.candidate)]
    if candidate.motion is not None or len(own) >= len(rule.gaps_h) or len(asked) >= rule.most_per_event:
        return None
    if any(_is_open(a, now, rule) for a in own):
        return None
    return _request(scored, best, candidate, own, now, rule)


def _is_open(asked: Asked, now: datetime, rule: FollowUpRule) -> bool:
    if asked.looked_at is not None:
        return False
    due = asked.request.not_before
    since = asked.asked_at if due is None else max(asked.asked_at, datetime.fromisoformat(due))
    return now < since + timedelta(hours=rule.patience_h)


def _request(
    scored: CandidatesScored,
    best: ScoredCandidate,
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
        candidate=best.id,
        visit=f"follow-up:{best.id}:{band}:{n}",
        ra_deg=best.ra_deg,
        dec_deg=best.dec_deg,
        filters=filters,
        mag_ab=best.mag_ab,
        because=f"probability {best.probability:.3f}, the best of {len(scored.candidates)}; look {n} in {band}",
        not_before=due.isoformat(),
    )


def _filters(candidate: Candidate, rule: FollowUpRule) -> tuple[str, tuple[str, ...]]:
    """Return the band in which it was seen most (of equals the first), then what else would do."""
    seen = [s.filter for s in candidate.sightings if s.filter is not None]
    counts = Counter(seen)
    ranked = sorted(counts, key=lambda f: (-counts[f], seen.index(f)))
    filters = tuple(dict.fromkeys([*ranked, *rule.filters]))
    return band_of(filters[0]), filters
