"""Who may be offered what: the half rule on the sky (law 2)."""

from dataclasses import dataclass

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.book import Book
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges

LEAST_SHARE = 0.5
"""The floor of law 2: at least this share of a pointing's own value must be new."""

TINY = 1e-9
FOLLOW_UP = "follow-up:"
"""Visits of this prefix look at one place because somebody asked for it by name."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a pointing would bring: its own value and what nobody has or owns of it, 0 to 1."""

    value: float
    new_value: float

    def is_new(self, share: float = LEAST_SHARE) -> bool:
        """Say whether enough of it is new."""
        return self.value > TINY and self.new_value >= max(share, LEAST_SHARE) * self.value

    def is_repeat(self) -> bool:
        """Say whether it holds something, and less than half of that is new."""
        return self.value > TINY and self.new_value < LEAST_SHARE * self.value


def worth(ranges: Ranges, taken: Ranges, curve: ProbabilityCurve) -> Worth:
    """Weigh a piece of sky against what is taken, under the objective `probability` (w = 1)."""
    return Worth(curve.probability(ranges), curve.probability(ranges.minus(taken)))


def is_new_follow_up(visit: str, ranges: Ranges, taken: Ranges) -> bool:
    """Say whether a place that was asked for by name is still to be looked at in this visit.

    It counts by area: a candidate may lie where the newest map holds nothing.
    """
    return visit.startswith(FOLLOW_UP) and ranges.minus(taken).area_deg2 >= LEAST_SHARE * ranges.area_deg2


def stale(book: Book, event: str, curve: ProbabilityCurve, least_share: float) -> list[Assignment]:
    """Say which pointings that have not started are no longer worth their time.

    A newer map, late truth or a look elsewhere than asked can take a pointing's value away: on the newest map it
    is stale when it holds less than `least_share` of what it held when it was offered, or when less than half of it
    is new beside what is observed. Follow-up of a place is left alone: it was asked for by name.
    """
    found = []
    for one in book.live(event=event):
        visit = one.offered.pointing.visit
        if one.started or one.revocation is not None or visit.startswith(FOLLOW_UP):
            continue
        its = worth(book.ranges(one), book.observed(event, visit), curve)
        if its.value < least_share * one.offered.value or not its.is_new():
            found.append(one)
    return found
