"""From a plan to offers: what may be offered now, under the half rule and the telescope's time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coordinator.dispatch.book import Book, LookedAt
from coordinator.dispatch.facts import PointingOffered
from coordinator.dispatch.ownership import LEAST_SHARE, TINY, Worth, is_new_follow_up, union_near, worth
from coordinator.dispatch.taken import Taken
from coordinator.dispatch.telescope_time import Turn, fits
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.value import SkyValue
from telescopes.description.bounds import INTERRUPTING_PRIORITY, MOST_URGENT
from telescopes.description.field_grid import field_at
from telescopes.description.messages import Exposure, Pointing
from telescopes.description.telescope import Telescope


def no_gap_s(visit: str) -> float:
    """Let a visit begin before any first look."""
    return 0.0


@dataclass(frozen=True, slots=True)
class OfferRules:
    """How offers are made.

    Attributes
    ----------
    own_share : float
        Share of a pointing's own value that must be new; never below one half (law 2).
    start_slack_s : float
        Sky seconds by which a start may slip: at least 5 s of link time times the sky clock's rate.
    reaction_s : float
        Least sky seconds between an offer and its start, where the site does not need more.
    acceptability : float
        Fraction of the exposure time from which sky counts as observed: a third costs 0.6 mag of depth, which is
        within the 1 mag of law 2.
    gap_s : callable
        Sky seconds from the same sky's first look to a visit, by the visit's name.
    """

    own_share: float = LEAST_SHARE
    acceptability: float = 0.3
    start_slack_s: float = 300.0
    reaction_s: float = 0.0
    gap_s: Callable[[str], float] = no_gap_s


@dataclass(frozen=True, slots=True)
class Offering:
    """What became of the pending part of a plan: offers to make, and pointings that missed their start."""

    offers: tuple[PointingOffered, ...]
    missed: tuple[str, ...]


def due(
    pending: Iterable[PlannedPointing],
    plan_id: str,
    book: Book,
    skies: Mapping[str, SkyValue],
    telescopes: Mapping[str, Telescope],
    now: datetime,
    rules: OfferRules,
) -> Offering:
    """Choose what to offer now, in order of start; each offer counts for the ones after it.

    Parameters
    ----------
    pending
        Planned pointings that were not offered yet, of telescopes and events that may observe now.
    skies
        What looks at the newest sky of each event are worth, by event key.
    """
    round_ = _Round(plan_id, book, skies, now, rules)
    for planned in sorted(pending, key=lambda p: (p.start, p.id)):
        round_.consider(planned, telescopes[planned.telescope])
    return Offering(tuple(round_.made), tuple(round_.missed))


@dataclass
class _Round:
    """One round of offers: what was made in it counts as owned for the rest of it."""

    plan_id: str
    book: Book
    skies: Mapping[str, SkyValue]
    now: datetime
    rules: OfferRules
    made: list[PointingOffered] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    _given: list[PlannedPointing] = field(default_factory=list)
    _looks: dict[tuple[str, str, bool], Taken] = field(default_factory=dict)
    _heads: dict[str, int] = field(default_factory=dict)
    _turns: dict[str, list[Turn]] = field(default_factory=dict)

    def consider(self, planned: PlannedPointing, telescope: Telescope) -> None:
        """Offer a planned pointing, leave it for later, or give it up."""
        if planned.id in self.book.assignments or _too_late(planned, telescope, self.now, self.rules):
            self.missed.append(planned.id)
            return
        too_soon = planned.start > self.now + timedelta(seconds=telescope.link.horizon_s)
        if too_soon or not self._is_free(planned, telescope) or self._may_still_be_seen_first(planned):
            return
        look, others = LookedAt(planned.ranges, planned.limit_mag_ab), self._taken(planned).near(planned.ranges)
        its = worth(look, others, self.skies[planned.event])
        new = its.is_new(self.rules.own_share) or is_new_follow_up(planned.visit, planned.ranges, others)
        if new and self._was_seen_first(planned):
            self._make(planned, telescope, its)
        elif new or not self._may_become_free(planned, look):
            self.missed.append(planned.id)

    def _taken(self, planned: PlannedPointing, but_asked_back: bool = False) -> Taken:
        key = (planned.event, planned.visit, but_asked_back)
        if key not in self._looks:
            self._looks[key] = Taken.of(self.book.taken_looks(*key))
            mine = (p for p in self._given if (p.event, p.visit) == key[:2])
            for one in mine:
                self._looks[key].add(LookedAt(one.ranges, one.limit_mag_ab))
        return self._looks[key]

    def _may_become_free(self, planned: PlannedPointing, look: LookedAt) -> bool:
        """Say whether enough of its sky is new once those who were asked to give theirs back have done so."""
        firm = self._taken(planned, but_asked_back=True).near(planned.ranges)
        return worth(look, firm, self.skies[planned.event]).is_new(self.rules.own_share)

    def _since(self, planned: PlannedPointing) -> datetime:
        """Return when its sky must have been looked at first, at the latest."""
        return planned.start - timedelta(seconds=self.rules.gap_s(planned.visit))

    def _may_still_be_seen_first(self, planned: PlannedPointing) -> bool:
        """Say whether the first look at its sky, which is not there yet, may still be offered in time."""
        return self.now < self._since(planned) < planned.start and not self._was_seen_first(planned)

    def _was_seen_first(self, planned: PlannedPointing) -> bool:
        """Say whether at least half of its sky is looked at in another visit, so long before as its own asks."""
        since, curve = self._since(planned), self.skies[planned.event].curve
        if since == planned.start:
            return True
        mine = planned.ranges
        first = [LookedAt(p.ranges, None) for p in self._given if _is_first(p, planned) and p.start <= since]
        if mine.low.size:
            low, high = int(mine.low[0]), int(mine.high[-1])
            held = self.book.held_elsewhere(planned.event, planned.visit)
            first += [LookedAt(h.ranges, None) for h in held if h.start <= since and h.low < high and low < h.high]
        seen = mine.intersection(union_near(mine, first))
        return curve.probability(seen) >= LEAST_SHARE * curve.probability(mine) - TINY

    def _is_free(self, planned: PlannedPointing, telescope: Telescope) -> bool:
        if telescope.id not in self._turns:
            self._turns[telescope.id] = [Turn.held(a) for a in self.book.live(telescope=telescope.id)]
        return fits(Turn.planned(planned), self._turns[telescope.id], telescope)

    def _make(self, planned: PlannedPointing, telescope: Telescope, its: Worth) -> None:
        head = self._heads.get(telescope.id, self.book.command_head.get(telescope.id, 0)) + 1
        self._heads[telescope.id] = head
        self._turns[telescope.id].append(Turn.planned(planned))
        self._given.append(planned)
        for (event, visit, _), taken in self._looks.items():
            if (event, visit) == (planned.event, planned.visit):
                taken.add(LookedAt(planned.ranges, planned.limit_mag_ab))
        objective = self.skies[planned.event].objective
        self.made.append(_offer(planned, self.plan_id, telescope, head, its, objective, self.rules))


def _is_first(one: PlannedPointing, planned: PlannedPointing) -> bool:
    return one.event == planned.event and one.visit != planned.visit


def _too_late(planned: PlannedPointing, telescope: Telescope, now: datetime, rules: OfferRules) -> bool:
    """Say whether the site, as fast as it reacts, would miss the start with half of its slack."""
    ready = now + timedelta(seconds=max(telescope.link.reaction_s, rules.reaction_s))
    return ready > planned.start + timedelta(seconds=rules.start_slack_s / 2)


def _field_id(planned: PlannedPointing, telescope: Telescope) -> str:
    """Return what a survey calls the field; empty: it keeps to no fields of its own."""
    # A plan that is older than the site's file may name a camera that is there no more: the site says no to it.
    camera_deg = next((i.position_angle_deg for i in telescope.instruments if i.id == planned.instrument), 0.0)
    found = field_at(telescope.grid, planned.ra_deg, planned.dec_deg, planned.position_angle_deg, camera_deg)
    return "" if found is None else found.id


def _offer(
    planned: PlannedPointing,
    plan_id: str,
    telescope: Telescope,
    command_seq: int,
    its: Worth,
    objective: str,
    rules: OfferRules,
) -> PointingOffered:
    window_end = min(planned.latest_end, planned.end + timedelta(seconds=2 * rules.start_slack_s))
    pointing = Pointing(
        pointing_id=planned.id,
        revision=1,
        plan_id=plan_id,
        event_id=planned.event,
        event_revision=planned.event_revision,
        telescope_id=planned.telescope,
        instrument_id=planned.instrument,
        visit=planned.visit,
        ra_deg=planned.ra_deg,
        dec_deg=planned.dec_deg,
        position_angle_deg=planned.position_angle_deg,
        field_id=_field_id(planned, telescope),
        window_start=planned.start,
        window_end=max(window_end, planned.end),
        planned_start=planned.start,
        exposures=(Exposure(planned.filter, planned.exposure_s, planned.count),),
        accept_within_s=telescope.link.acceptance_s,
        probability=planned.probability,
        limit_mag_ab=planned.limit_mag_ab,
        priority=min(MOST_URGENT, planned.priority),
        may_interrupt=planned.priority >= INTERRUPTING_PRIORITY and telescope.policy.may_interrupt,
        acceptability_threshold=rules.acceptability,
        require_human_approval=telescope.policy.human_approval,
    )
    return PointingOffered(
        pointing=pointing,
        command_seq=command_seq,
        planned_end=planned.end,
        ranges=planned.ranges.encode(),
        probability=its.probability,
        new_probability=its.new_probability,
        value=its.value,
        new_value=its.new_value,
        why=planned.why,
        objective=objective,
    )
