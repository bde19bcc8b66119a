"""Which candidate deserves another look now, in which band, and when; the scheduler finds the telescope.

Where the network's looks are known, what is asked for is the look that is expected to tell most a minute; else the
candidate that was looked at least is looked at again, in the band that it was seen in most.
"""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from coordinator.lightcurves.bands import band_of
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.facts import CandidatesScored, FollowUpEnded, FollowUpRequested, ScoredCandidate
from coordinator.vetting.information import Told, best_look, told_by
from coordinator.vetting.possible_looks import Possible
from coordinator.vetting.rule import POSSIBLE

Policy = Literal["at_once", "ask", "never"]

KEPT_SHARE = 0.5
"""A look that was asked for is still wanted while the probability is above this share of the threshold."""


@dataclass(frozen=True, slots=True)
class FollowUpRule:
    """When to ask for another look.

    Attributes
    ----------
    policy : str
        What is asked for is done at once, waits for a person's yes, or is never asked for.
    threshold, decided : float
        Probabilities between which a candidate is worth a look: below it is hopeless, above it is settled once it was
        seen for `curve_h`, so that its light curve has begun.
    gaps_h : tuple of float
        Sky hours between the last look and each further one: the first tells what stays from what moves, the later
        ones let a fade be measured. Where the network's looks are not known, as many as there are gaps.
    most_per_event, most_looks : int
        Looks at all candidates of an event, and at one.
    filters : tuple of str
        What is taken where the preferred band is out of reach.
    patience_h : float
        A request that nobody could serve is given up after so long.
    least_bits, half_life_h : float
        A look that tells less is not worth asking for; what is told so much later is worth half.
    considered : int
        So many candidates are reckoned, the most probable first.
    """

    policy: Policy = "at_once"
    threshold: float = POSSIBLE
    decided: float = 0.98
    curve_h: float = 12.0
    gaps_h: tuple[float, ...] = (0.5, 1.0, 3.0, 20.0)
    most_per_event: int = 40
    most_looks: int = 8
    filters: tuple[str, ...] = ("r", "g", "i", "clear")
    patience_h: float = 3.0
    least_bits: float = 0.005
    half_life_h: float = 12.0
    considered: int = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A follow-up that was asked for, when its look was taken, and when it was ended without one; None: not yet."""

    request: FollowUpRequested
    asked_at: datetime
    looked_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A candidate that is worth a look and has none on its way, with what was asked for it before."""

    event: str
    scored: ScoredCandidate
    candidate: Candidate
    own: tuple[Asked, ...]


def propose(
    scored: CandidatesScored,
    candidates: Mapping[str, Candidate],
    asked: Sequence[Asked],
    now: datetime,
    rule: FollowUpRule,
    network: Sequence[Possible] = (),
    t0: datetime | None = None,
) -> FollowUpRequested | None:
    """Ask for another look at a candidate that is worth one and has none on its way.

    Where a person marked a counterpart, it alone is followed, whatever its odds; what a person rejected is not.

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
    network : sequence of Possible, optional
        What telescopes could do; none: nobody knows.
    t0 : datetime, optional
        The event's time.
    """
    waiting = waiting_for(scored, candidates, asked, now, rule, telling=bool(network))
    if not network:
        return _least_looked_at(waiting, now, rule)
    told = [(one, t) for one in waiting for t in told_of(one, looks_at_it(one, now, rule, network), t0)]
    return most_telling(told, now, rule)


def waiting_for(
    scored: CandidatesScored,
    candidates: Mapping[str, Candidate],
    asked: Sequence[Asked],
    now: datetime,
    rule: FollowUpRule,
    *,
    telling: bool,
) -> list[Waiting]:
    """List candidates that are worth a look and have none on its way, the most probable first.

    Parameters
    ----------
    scored, candidates, asked, now, rule
        As for `propose`.
    telling : bool
        What looks would tell is reckoned: then of the best few alone, and until they are decided.
    """
    if rule.policy == "never" or len([a for a in asked if a.ended_at is None]) >= rule.most_per_event:
        return []
    most = rule.most_looks if telling else len(rule.gaps_h)
    found: list[Waiting] = []
    for one in _worth_a_look(scored, rule):
        candidate = candidates.get(one.id)
        if candidate is None or (one.marked is None and _decided(one, candidate, rule) is not None):
            continue
        own = tuple(a for a in asked if candidate.was(a.request.candidate))
        if _taken(own) < most and not any(_is_open(a, now, rule) for a in own):
            found.append(Waiting(scored.event, one, candidate, own))
    return found[: rule.considered] if telling else found


def looks_at_it(
    one: Waiting, now: datetime, rule: FollowUpRule, network: Sequence[Possible]
) -> list[tuple[Possible, datetime]]:
    """List what could be done for a candidate, and when."""
    last = max(_looked(one), default=now)
    times = sorted({max(now, last + timedelta(hours=gap)) for gap in rule.gaps_h})
    return [(possible, at) for possible in network for at in times]


def told_of(one: Waiting, looks: Sequence[tuple[Possible, datetime]], t0: datetime | None) -> list[Told]:
    """Say what looks are expected to tell of a candidate."""
    return told_by(one.scored.probability, one.scored.kinds, one.candidate, looks, t0)


def most_telling(told: Sequence[tuple[Waiting, Told]], now: datetime, rule: FollowUpRule) -> FollowUpRequested | None:
    """Ask for the look, of whichever candidate, that is expected to tell most a minute; None: none tells anything."""
    worth_it = [(one, look) for one, look in told if look.bits >= rule.least_bits]
    at = best_look([look for _, look in worth_it], now, rule.half_life_h)
    if at is None:
        return None
    chosen, best = worth_it[at]
    possible = best.possible
    filters = tuple(dict.fromkeys([possible.filter, *_filters(chosen.candidate, rule)]))
    because = (
        f"look {len(chosen.own) + 1} in {possible.band} to {possible.limit_mag_ab:.1f} mag is expected to tell "
        f"{best.bits:.2f} bit, {best.bits_per_min:.3f} a minute"
    )
    request = _request(chosen, filters, best.at, because, rule)
    depth = round(possible.limit_mag_ab, 2)
    return replace(request, telescope=possible.telescope, depth_mag_ab=depth, bits=round(best.bits, 4))


def endings(
    scored: CandidatesScored,
    candidates: Mapping[str, Candidate],
    asked: Sequence[Asked],
    now: datetime,
    rule: FollowUpRule,
    *,
    over: bool = False,
) -> list[FollowUpEnded]:
    """Take back what was asked for and would tell nothing any more, or was not taken for too long.

    Parameters
    ----------
    scored, candidates, asked, now, rule
        As for `propose`.
    over : bool
        The event is retracted, or taken for none.
    """
    ended = []
    waiting = [a for a in asked if a.looked_at is None and a.ended_at is None]
    by_id = {c.id: c for c in scored.candidates} if waiting else {}
    for one in waiting:
        name = _now_called(one.request.candidate, candidates)
        its = by_id.get(name)
        because = "the event is over" if over else None
        if because is None and its is not None:
            because = _decided(its, candidates[name], rule)
        if because is None and not _is_open(one, now, rule):
            because = f"nobody looked within {rule.patience_h:g} h"
        if because is not None:
            ended.append(FollowUpEnded(scored.event, name or one.request.candidate, one.request.visit, because))
    return ended


def waited_for(asked: Sequence[Asked], candidates: Mapping[str, Candidate]) -> list[str]:
    """Return those candidates, as they are called now, whose look was asked for and not taken."""
    names = (_now_called(a.request.candidate, candidates) for a in asked if a.looked_at is None and a.ended_at is None)
    return [name for name in names if name]


def named_apart(request: FollowUpRequested, taken: Container[str]) -> FollowUpRequested:
    """Give a look a name that no other has: candidates may be taken apart, or be those of two events."""
    visit = request.visit
    while visit in taken:
        stem, _, n = visit.rpartition(":")
        visit = f"{stem}:{int(n) + 1}"
    return replace(request, visit=visit)


def _taken(own: Sequence[Asked]) -> int:
    """Count looks that were taken or are to come; those that were taken back leave room for others."""
    return sum(a.looked_at is not None or a.ended_at is None for a in own)


def _now_called(name: str, candidates: Mapping[str, Candidate]) -> str:
    """Return the id of what was once called so; only one with several sightings can have another name by now."""
    if name in candidates:
        return name
    return next((i for i, c in candidates.items() if len(c.sightings) > 1 and c.was(name)), "")


def _decided(one: ScoredCandidate, candidate: Candidate, rule: FollowUpRule) -> str | None:
    if one.verdict == "rejected":
        return "it is rejected"
    if candidate.motion is not None:
        return "it moves"
    if one.probability >= rule.decided and _seen_for(candidate) >= timedelta(hours=rule.curve_h):
        return f"decided: its probability is {one.probability:.3f}"
    if one.probability < KEPT_SHARE * rule.threshold:
        return f"hopeless: its probability is {one.probability:.1g}"
    return None


def _seen_for(candidate: Candidate) -> timedelta:
    times = [s.time for s in candidate.sightings if s.time is not None]
    return max(times) - min(times) if times else timedelta(0)


def _least_looked_at(waiting: Sequence[Waiting], now: datetime, rule: FollowUpRule) -> FollowUpRequested | None:
    """Choose who was looked at least often, of equals the most probable.

    A second look tells more of a candidate that had none than a fourth one of the candidate that leads.
    """
    chosen = min(waiting, key=lambda w: _taken(w.own), default=None)
    if chosen is None:
        return None
    n, gap = len(chosen.own) + 1, timedelta(hours=rule.gaps_h[_taken(chosen.own)])
    filters = _filters(chosen.candidate, rule)
    due = max([now, *(t + gap for t in _looked(chosen))])
    return _request(chosen, filters, due, f"look {n} in {band_of(filters[0])}", rule)


def _looked(one: Waiting) -> list[datetime]:
    looks = [s.time for s in one.candidate.sightings if s.time is not None]
    return looks + [a.looked_at for a in one.own if a.looked_at is not None]


def _worth_a_look(scored: CandidatesScored, rule: FollowUpRule) -> list[ScoredCandidate]:
    """Return those that people or the odds want to be followed."""
    named = [one for one in scored.candidates if one.marked == "counterpart"]
    return named or [c for c in scored.candidates if c.probability >= rule.threshold and c.verdict != "rejected"]


def _is_open(asked: Asked, now: datetime, rule: FollowUpRule) -> bool:
    if asked.looked_at is not None or asked.ended_at is not None:
        return False
    due = asked.request.not_before
    since = asked.asked_at if due is None else max(asked.asked_at, datetime.fromisoformat(due))
    return now < since + timedelta(hours=rule.patience_h)


def _request(
    one: Waiting, filters: tuple[str, ...], due: datetime, because: str, rule: FollowUpRule
) -> FollowUpRequested:
    its = one.scored
    return FollowUpRequested(
        event=one.event,
        candidate=its.id,
        visit=f"follow-up:{its.id}:{band_of(filters[0])}:{len(one.own) + 1}",
        ra_deg=its.ra_deg,
        dec_deg=its.dec_deg,
        filters=filters,
        mag_ab=its.mag_ab,
        because=f"probability {its.probability:.3f}; {because}",
        not_before=due.isoformat(),
        wants_yes=rule.policy == "ask",
    )


def _filters(candidate: Candidate, rule: FollowUpRule) -> tuple[str, ...]:
    """Return the filter in which it was seen most (of equals the first), then what else would do."""
    seen = [s.filter for s in candidate.sightings if s.filter is not None]
    counts = Counter(seen)
    ranked = sorted(counts, key=lambda f: (-counts[f], seen.index(f)))
    return tuple(dict.fromkeys([*ranked, *rule.filters]))
