"""Who may be offered what: the half rule on the sky (law 2)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.book import Book, LookedAt
from coordinator.planning.value import SkyValue
from coordinator.sky.ranges import Ranges

LEAST_SHARE = 0.5
"""The floor of law 2: at least this share of a pointing's own value must be new."""

TINY = 1e-9
FOLLOW_UP = "follow-up:"
"""Visits of this prefix look at one place because somebody asked for it by name."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a pointing would bring, 0 to 1: by the event's objective, and by probability alone.

    `new_value` is what better and equal looks of its visit leave of its own `value`, and `new_probability` what lies
    where nobody looks.
    """

    value: float
    new_value: float
    probability: float
    new_probability: float

    def is_new(self, share: float = LEAST_SHARE) -> bool:
        """Say whether enough of it is new."""
        return self.value > TINY and self.new_value >= max(share, LEAST_SHARE) * self.value

    def is_repeat(self) -> bool:
        """Say whether it holds something, and less than half of that is new."""
        return self.value > TINY and self.new_value < LEAST_SHARE * self.value


def worth(look: LookedAt, others: Sequence[LookedAt], sky: SkyValue) -> Worth:
    """Weigh a look beside others of the same visit, each by how faint it sees."""
    depth, curve = sky.depth(look.limit_mag_ab), sky.curve
    near = [(part, sky.depth(limit)) for part, limit in _near(look.ranges, others)]
    value, probability = sky.value(look.ranges, depth), curve.probability(look.ranges)
    if not near:
        return Worth(value, value, probability, probability)
    beside = Ranges.union_of(part for part, _ in near)
    new_value = sky.new_value(look.ranges, depth, near)
    return Worth(value, new_value, probability, curve.probability(look.ranges.minus(beside)))


def union_near(ranges: Ranges, others: Iterable[LookedAt]) -> Ranges:
    """Return the sky of others, in so far as it touches a place."""
    return Ranges.union_of(part for part, _ in _near(ranges, others))


def _near(ranges: Ranges, others: Iterable[LookedAt]) -> Iterator[tuple[Ranges, float | None]]:
    """Leave out what is elsewhere: most looks are."""
    for other in others:
        part = other.ranges.touching(ranges)
        if part.low.size:
            yield part, other.limit_mag_ab


def is_new_follow_up(visit: str, ranges: Ranges, others: Iterable[LookedAt]) -> bool:
    """Say whether a place that was asked for by name is still to be looked at in this visit.

    It counts by area: a candidate may lie where the newest map holds nothing.
    """
    if not visit.startswith(FOLLOW_UP):
        return False
    return ranges.minus(union_near(ranges, others)).area_deg2 >= LEAST_SHARE * ranges.area_deg2


def stale(book: Book, event: str, sky: SkyValue, least_share: float) -> list[Assignment]:
    """Say which pointings that have not started are no longer worth their time.

    A newer map, late truth or a look elsewhere than asked can take a pointing's value away: on the newest map it
    is stale when it holds less than `least_share` of the probability that it held when it was offered, or when less
    than half of its value is new beside what is observed. The first goes by probability, because a map that moves
    the source farther away makes every look worth less and none of them better. Follow-up of a place is left alone:
    it was asked for by name.
    """
    seen: dict[str, list[LookedAt]] = {}
    found = []
    for one in book.live(event=event):
        visit = one.offered.pointing.visit
        if one.started or one.revocation is not None or visit.startswith(FOLLOW_UP):
            continue
        if visit not in seen:
            seen[visit] = book.observed_looks(event, visit)
        its = worth(book.look(one), seen[visit], sky)
        if its.probability < least_share * one.offered.probability or not its.is_new():
            found.append(one)
    return found
