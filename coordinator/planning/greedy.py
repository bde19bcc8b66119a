"""The joint greedy choice: whichever telescope's field brings most new value is placed next, if it fits."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from coordinator.planning.desk import Desk, Mask
from coordinator.planning.fields import Fields
from coordinator.planning.slots import Slots
from telescopes.description.ephemeris import Array

ROUNDED = 9
"""Gains are compared to this many digits, so that machines agree; ties go by telescope, then field."""


@dataclass(slots=True, eq=False)
class Bench:
    """A telescope's candidates while the choice is made: their whole value and where they are placed."""

    desk: Desk
    fields: Fields
    slots: Slots
    value: Array
    refused: set[int] = field(default_factory=set)

    def add(self, more: Fields, cell_value: Array, ready: Mask) -> None:
        """Offer more candidate fields, in the slots for which they are ready."""
        self.slots.add_fields(self.desk.visible(more.vectors) & ready)
        self.fields = self.fields.with_more(more)
        self.value = np.r_[self.value, more.sums(cell_value)]

    def placed(self) -> list[int]:
        """Fields that are placed, in order of their slots."""
        return [int(f) for f in self.slots.placed()]


@dataclass(slots=True)
class Tally:
    """What has been chosen so far: the sum of the fields' values, and the value of their union."""

    own: float = 0.0
    new: float = 0.0

    def redundancy_with(self, own: float, new: float) -> float:
        """Redundancy if this field were added."""
        total = self.new + new
        return (self.own + own) / total - 1.0 if total > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """When a field is good enough: the share of its value that it must own, least gain, most redundancy."""

    share: float
    least_gain: float
    most_redundancy: float


def choose(benches: Sequence[Bench], left: Array, tally: Tally, terms: Terms) -> int:
    """Place fields until none fits or is good enough; `left` loses the value that is taken.

    Returns
    -------
    int
        How many fields were placed.
    """
    heap = _offers(benches, left, terms)
    chosen = 0
    while heap:
        negative, k, f = heapq.heappop(heap)
        bench = benches[k]
        cells = bench.fields.cells_of(f)
        gain = round(float(left[cells].sum()), ROUNDED)
        if gain < -negative and heap and (-gain, k, f) > heap[0]:
            if gain >= terms.least_gain:
                heapq.heappush(heap, (-gain, k, f))
            continue
        if gain < terms.least_gain or not _worthy(bench.value[f], gain, tally, terms):
            continue
        if not bench.slots.place(f):
            bench.refused.add(f)
            continue
        bench.refused.add(f)
        left[cells] = 0.0
        tally.own += float(bench.value[f])
        tally.new += gain
        chosen += 1
    return chosen


def _offers(benches: Sequence[Bench], left: Array, terms: Terms) -> list[tuple[float, int, int]]:
    """Fields of telescopes that have room, best first: a heap of (gain with its sign turned, telescope, field)."""
    heap: list[tuple[float, int, int]] = []
    for k, bench in enumerate(benches):
        if bench.slots.empty:
            gains = np.round(bench.fields.sums(left), ROUNDED)
            good = np.flatnonzero((gains >= terms.least_gain) & (gains >= terms.share * bench.value - 1e-9))
            heap += [(-float(gains[f]), k, int(f)) for f in good if f not in bench.refused]
    heapq.heapify(heap)
    return heap


def _worthy(own: float, gain: float, tally: Tally, terms: Terms) -> bool:
    if gain < terms.share * own:
        return False
    return gain >= 0.995 * own or tally.redundancy_with(own, gain) <= terms.most_redundancy
