"""The joint greedy choice: whichever telescope's field brings most new value is placed next, if it fits."""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coordinator.planning.bench import Bench, Kind
from coordinator.planning.cells import Cells
from coordinator.planning.ground import Ground

ROUNDED = 9
"""Gains are compared to this many digits, so that machines agree; ties go by telescope, then field."""

NOT_SEATED = -1

NOTHING = -1.0
"""Gain of what cannot be placed any more."""


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


def choose(
    benches: Sequence[Bench],
    cells: Cells,
    ground: Ground,
    tally: Tally,
    terms: Terms,
    seat: Callable[[Bench], None],
) -> None:
    """Place fields until none fits or is good enough; `ground` loses the value that is taken.

    Parameters
    ----------
    seat : callable
        Makes the candidate fields of a telescope, when nothing better than what it may bring is left.
    """
    heap = _first_offers(benches, cells, ground, terms)
    kept = dict[Kind, float]()  # how much of the most that it promised a kind of telescope kept
    while heap:
        best = negative, k, f = heap[0]
        bench = benches[k]
        gain, rank = _now(bench, f, cells, ground, kept)
        if gain >= terms.least_gain and rank < -negative:
            best = -rank, k, f
            heapq.heapreplace(heap, best)  # one move where taking it out and putting it back are two
            if heap[0] is not best:
                continue
        heapq.heappop(heap)
        if gain < terms.least_gain:
            continue
        if f == NOT_SEATED:
            seat(bench)
            offers = _offers(k, bench, ground, terms)
            # how early the fields come is the telescope's own, and says nothing of others of its kind
            late = bench.soonest.max(initial=0.0) / bench.sooner.max(initial=1.0)
            kept[bench.kind] = _share_kept(offers, gain * bench.at_best * float(late))
            heap += offers
            heapq.heapify(heap)
        elif _worthy(bench, f, gain, tally, terms) and _placed(bench, f):
            _look(bench, f, gain, ground, tally)


def _now(bench: Bench, f: int, cells: Cells, ground: Ground, kept: Mapping[Kind, float]) -> tuple[float, float]:
    """What an offer brings now, and as what it is compared with others."""
    if f != NOT_SEATED:
        if not bench.slots.fits(f):
            return NOTHING, NOTHING
        gain = round(bench.gain(f, ground), ROUNDED)
        return gain, bench.rank(f, gain)
    if not bench.slots.empty:
        return NOTHING, NOTHING
    gain = round(bench.most_gain(ground, cells), ROUNDED)
    return gain, gain * bench.at_best * kept.get(bench.kind, 1.0)


def _look(bench: Bench, f: int, gain: float, ground: Ground, tally: Tally) -> None:
    """Count a field that was placed."""
    bench.look(f, ground)
    if bench.guide is None:
        tally.own += float(bench.value[f])
        tally.new += gain


def _share_kept(offers: Sequence[tuple[float, int, int]], promised: float) -> float:
    """How much of what a telescope promised its best field brings."""
    return min(1.0, -min(offers)[0] / promised) if offers and promised > 0 else 1.0


def _placed(bench: Bench, f: int) -> bool:
    """Place a field if it fits; it is tried once."""
    bench.refused.add(f)
    return bench.slots.place(f)


def _first_offers(benches: Sequence[Bench], cells: Cells, ground: Ground, terms: Terms) -> list[tuple[float, int, int]]:
    """What each telescope has to offer, best first: a heap of (gain with its sign turned, telescope, field)."""
    heap: list[tuple[float, int, int]] = []
    for k, bench in enumerate(benches):
        if bench.seated:
            heap += _offers(k, bench, ground, terms)
        elif (most := round(bench.most_gain(ground, cells), ROUNDED)) >= terms.least_gain:
            heap.append((-most * bench.at_best, k, NOT_SEATED))
    heapq.heapify(heap)
    return heap


def _offers(k: int, bench: Bench, ground: Ground, terms: Terms) -> list[tuple[float, int, int]]:
    """Fields of a telescope that has room."""
    if not bench.slots.empty:
        return []
    gains = np.round(bench.gains(ground), ROUNDED)
    enough = (gains >= terms.least_gain) & (gains >= terms.share * bench.value - 1e-9)
    good = np.flatnonzero(enough & bench.slots.may_fit())
    ranks = bench.favoured(good, gains[good])
    return [(-rank, k, f) for f, rank in zip(good.tolist(), ranks.tolist(), strict=True) if f not in bench.refused]


def _worthy(bench: Bench, f: int, gain: float, tally: Tally, terms: Terms) -> bool:
    own = float(bench.value[f])
    if gain < terms.share * own:
        return False
    if bench.guide is not None:
        return True
    return gain >= 0.995 * own or tally.redundancy_with(own, gain) <= terms.most_redundancy
