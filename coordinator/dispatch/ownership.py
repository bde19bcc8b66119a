"""Who may be offered what: the half rule on the sky (law 2)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

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


@dataclass
class Weighing:
    """Remembers which open pointings of an event are worth their time, and beside what they were weighed.

    Of hundreds of open pointings a new look touches a few: only those are weighed again.
    """

    _sky: SkyValue | None = None
    _beside: dict[str, Assignment] = field(default_factory=dict)
    _worth_it: set[str] = field(default_factory=set)

    def stale(self, book: Book, event: str, sky: SkyValue, least_share: float) -> list[Assignment]:
        """Say which pointings that have not started are no longer worth their time.

        A newer map, late truth or a look elsewhere than asked can take a pointing's value away: on the newest map it
        is stale when it holds less than `least_share` of the probability that it held when it was offered, or when less
        than half of its value is new beside what is observed. The first goes by probability, because a map that moves
        the source farther away makes every look worth less and none of them better. Follow-up of a place is left alone:
        it was asked for by name.
        """
        if self._sky is not sky:
            self._sky, self._worth_it = sky, set()
        changed = self._changed(book, event)
        open_ = [a for a in book.live(event=event) if _may_go_stale(a)]
        known = {a.id for a in open_ if a.id in self._worth_it and not _any_touches(book, changed, a)}
        found = [a for a in open_ if a.id not in known and not _is_worth_it(book, a, sky, least_share)]
        self._worth_it = {a.id for a in open_} - {a.id for a in found}
        return found

    def _changed(self, book: Book, event: str) -> list[tuple[str, Ranges]]:
        """Return visit and sky of looks that count as observed, and did not or otherwise when it was asked last."""
        before, self._beside = self._beside, {a.id: a for a in book.observed_for(event)}
        new = [a for i, a in self._beside.items() if before.get(i) is not a]
        old = [a for i, a in before.items() if self._beside.get(i) is not a]
        # Sky that was reported anew is gone from the book's own memory: it is read from its text.
        return [(a.key[1], book.ranges(a)) for a in new] + [(a.key[1], Ranges.decode(a.ranges)) for a in old]


def _may_go_stale(one: Assignment) -> bool:
    return not (one.started or one.revocation is not None or one.key[1].startswith(FOLLOW_UP))


def _any_touches(book: Book, changed: Iterable[tuple[str, Ranges]], one: Assignment) -> bool:
    visit, mine = one.key[1], book.ranges(one)
    return any(its == visit and sky.touching(mine).low.size > 0 for its, sky in changed)


def _is_worth_it(book: Book, one: Assignment, sky: SkyValue, least_share: float) -> bool:
    its = worth(book.look(one), book.observed_looks(*one.key), sky)
    return its.probability >= least_share * one.offered.probability and its.is_new()
