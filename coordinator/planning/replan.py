"""What of the plan before stays: a change must be worth it, and what starts soon is not changed at all.

- What the plan before had stays as long as it can still be made and brings at least half of its value as new (law 2),
  on a new map only if it also brings half of what it promised.
- A new map may make another plan better that keeps nothing of this: that is taken if it is worth more although what
  is kept counts 10 % more (`KEPT_BONUS`). Where nearly all stays, or nearly nothing (`PLAINLY`), or where what stays is
  worth what all was and leaves little to add (`little_to_gain`), they are not compared: one plan is made.
- What starts within two minutes stays whatever the new map says (`SOON`), unless it would be a repeat.
- Where everything stays, new pointings are added only if they bring 1 %, or wake a telescope that had none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from coordinator.planning.count import Counted
from coordinator.planning.plan import Changes, PlannedPointing
from coordinator.planning.recount import shares_in_order
from coordinator.planning.request import EventToPlan, FollowUpTarget

STAYS = 0.5
SOON = timedelta(seconds=120)
KEPT_BONUS = 0.1
PLAINLY = 0.2
"""Where less than this share of what could move stays, or goes, there is nothing to compare: one plan is made."""

MOST = 0.5
NEARLY = 0.9

MUCH = 0.1
"""A plan that has lost this share of its value on the same map is made anew, too, and the better one taken."""

WORTH_A_CHANGE = 0.01
"""A new plan that is better by less than this share keeps the old one as it is."""

WORTH_WAKING = 0.001
"""A telescope that had nothing to do is given something for more than this share."""


def starts_soon(pointing: PlannedPointing, now: datetime) -> bool:
    """Say whether it is too late to change a pointing without harm."""
    return pointing.start - now < SOON


def worth_keeping(
    pointing: PlannedPointing, before: PlannedPointing, event: EventToPlan, least: float, now: datetime
) -> bool:
    """Say whether a pointing stays: on a changed map only if half of what it promised is still there."""
    if before.event_revision == event.revision or starts_soon(before, now):
        return True
    return pointing.new_value >= max(least, STAYS * before.new_value)


def worth_with_bonus(pointings: Iterable[PlannedPointing], previous: Iterable[PlannedPointing]) -> float:
    """Value of a plan as it is compared with another: what it keeps of the plan before counts 10 % more."""
    before = {p.id for p in previous}
    return sum(p.new_value * (1.0 + KEPT_BONUS * (p.id in before)) for p in pointings)


def lost_much(kept: Iterable[PlannedPointing], before: Iterable[PlannedPointing]) -> bool:
    """Say whether so much of the plan before cannot be done any more that what is left may lie in the wrong places.

    Where the telescope that was to look at the best sky is lost, the others hold the rest, which was left for them.
    """
    stays = {p.id for p in kept}
    promised = [(p.new_value, p.id in stays) for p in before]
    whole = sum(value for value, _ in promised)
    return sum(value for value, is_kept in promised if not is_kept) > MUCH * whole


def nearly_none(staying: int, before: int) -> bool:
    """Say whether so little of the plan before is worth keeping that it is planned anew without comparing."""
    return 0 < staying < PLAINLY * before


def nearly_all(staying: int, before: int) -> bool:
    """Say whether nothing could be moved, or so little is lost that the plan before is completed without comparing."""
    return staying == 0 or staying > (1.0 - PLAINLY) * before


def little_to_gain(kept: Sequence[PlannedPointing], before: Sequence[PlannedPointing], completed: float) -> bool:
    """Say whether most stays, is worth what all was, and is nearly all of the plan that it was completed to.

    Then the sky has not moved from under the plan, and another one would have to be better by more than
    `KEPT_BONUS` allows for.
    """
    stays, promised = sum(p.new_value for p in kept), sum(p.new_value for p in before)
    most = len(kept) > MOST * len(before)
    return most and stays >= NEARLY * promised and stays >= NEARLY * completed


@dataclass(frozen=True, slots=True)
class Standing:
    """What stays of an event's plan before, in all its visits: its value, and which telescopes it gives work.

    `whole`: there was a plan, and nothing of it is gone.
    """

    value: float
    working: frozenset[str]
    whole: bool

    @classmethod
    def of(cls, kept: Iterable[PlannedPointing], before: Sequence[PlannedPointing]) -> "Standing":
        """Sum up what stays of the pointings that there were."""
        some = list(kept)
        whole = 0 < len(before) <= len(some)
        return cls(sum(p.new_value for p in some), frozenset(p.telescope for p in some), whole)

    def waking(self, brings: Mapping[str, float]) -> set[str]:
        """Telescopes without work for which what they bring is enough."""
        least = WORTH_WAKING * self.value
        return {name for name, more in brings.items() if name not in self.working and more > least}

    def may_change(self, more: float, own: Mapping[str, float]) -> bool:
        """Say whether it is worth counting what a search has found beside what stays.

        Parameters
        ----------
        more : float
            What all new pointings bring, by cells.
        own : mapping
            What each telescope's are worth by themselves.
        """
        return not self.whole or more > WORTH_A_CHANGE * self.value or bool(self.waking(own))


def worth_a_change(counted: Counted, kept: Sequence[PlannedPointing], standing: Standing) -> frozenset[str]:
    """Name the pointings that stand where a plan of which everything stays may be added to.

    What a new pointing brings is what neither earlier looks nor the plan so far hold, in order of start.

    Parameters
    ----------
    counted : Counted
        The pointings kept and the new ones of one visit.
    kept : sequence of PlannedPointing
        What stays of the visit.
    """
    if not standing.whole:
        return frozenset(p.id for p in counted.pointings)
    old = frozenset(p.id for p in kept)
    numbered = list(zip(counted.numbers, counted.pointings, strict=True))
    held = [*range(counted.looks), *(n for n, p in numbered if p.id in old)]
    new = [(n, p) for n, p in numbered if p.id not in old]
    shares = shares_in_order(counted.pieces, held, [n for n, _ in new], 0.0)
    brings: dict[str, float] = {}
    for n, p in new:
        brings[p.telescope] = brings.get(p.telescope, 0.0) + shares[n].new_value
    if sum(more for name, more in brings.items() if name in standing.working) > WORTH_A_CHANGE * standing.value:
        return old | {p.id for _, p in new}
    waking = standing.waking(brings)
    return old | {p.id for _, p in new if p.telescope in waking}


def as_of(pointing: PlannedPointing, wanted: EventToPlan | FollowUpTarget) -> PlannedPointing:
    """Carry a pointing over to the newest revision of its event, and to what it counts for now."""
    revision = wanted.revision if isinstance(wanted, EventToPlan) else wanted.event_revision
    if (pointing.event_revision, pointing.priority) == (revision, wanted.priority):
        return pointing
    return replace(pointing, event_revision=revision, priority=wanted.priority)


def changes(previous: Sequence[PlannedPointing], now: Sequence[PlannedPointing]) -> Changes:
    """Count what stays, what is looked at at another time, what is new and what is gone."""
    before, after = {p.id for p in previous}, {p.id for p in now}
    fields_before = [_field(p) for p in previous if p.id not in after]
    fields_after = [_field(p) for p in now if p.id not in before]
    moved = len(set(fields_before) & set(fields_after))
    return Changes(len(before & after), moved, len(fields_after) - moved, len(fields_before) - moved)


def _field(pointing: PlannedPointing) -> tuple[str, str, float, float]:
    return pointing.telescope, pointing.visit, pointing.ra_deg, pointing.dec_deg
