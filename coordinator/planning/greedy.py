"""The joint greedy choice: whichever telescope's field brings most new value is placed next, if it fits."""

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coordinator.planning.bench import Bench, Kind
from coordinator.planning.cells import Cells
from coordinator.planning.desk import Mask
from coordinator.planning.fields import Ints
from coordinator.planning.ground import Ground
from telescopes.description.ephemeris import Array

ROUNDED = 9
"""Gains are compared to this many digits, so that machines agree; ties go by telescope, then field."""

NOT_SEATED = -1
MORE = -2
"""Stands in the heap for the fields of a telescope that wait; of equals it comes before any field."""

FEW, AT_ONCE = 64, 16
"""A telescope with more than a few fields has so many of them in the heap at once; the others wait, and others take
the sky of most of those meanwhile."""

NOTHING = -1.0
"""Gain of what cannot be placed any more."""


Offer = tuple[float, int, int]
"""In the heap: what a field brings with its sign turned, its telescope, and its number there."""


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
    waiting = dict[int, _Waiting]()
    heap = _first_offers(benches, cells, ground, terms, waiting)
    kept = dict[Kind, float]()  # how much of the most that it promised a kind of telescope kept
    while heap:
        best = negative, k, f = heap[0]
        bench = benches[k]
        if f == MORE:
            _let_in(heap, waiting[k].more(bench, ground, terms))
            continue
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
            offers = _offers(k, bench, ground, terms, waiting)
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


@dataclass(slots=True)
class _Waiting:
    """Fields of a telescope that are not in the heap yet, best first; what they bring only falls.

    Fields that wait are weighed again all at once when their turn comes, and most of them need no turn of their own.
    """

    telescope: int
    fields: Ints
    ranks: Array

    def more(self, bench: Bench, ground: Ground, terms: Terms) -> list[Offer]:
        """Weigh the next ones again; what is not worth a look any more is left out."""
        if not bench.slots.empty:
            return []
        mine = self.fields[:AT_ONCE]
        self.fields, self.ranks = self.fields[AT_ONCE:], self.ranks[AT_ONCE:]
        gains = np.round(bench.gains_of(mine, ground), ROUNDED)
        good = _enough(gains, bench.value[mine], terms)
        offers = _ranked(self.telescope, bench, mine[good], gains[good])
        return [*offers, (-float(self.ranks[0]), self.telescope, MORE)] if self.fields.size else offers


def _let_in(heap: list[Offer], more: Iterable[Offer]) -> None:
    """Put some in the place of the first one."""
    heapq.heappop(heap)
    for offer in more:
        heapq.heappush(heap, offer)


def _first_offers(
    benches: Sequence[Bench], cells: Cells, ground: Ground, terms: Terms, waiting: dict[int, _Waiting]
) -> list[Offer]:
    """What each telescope has to offer, best first: a heap of (gain with its sign turned, telescope, field)."""
    heap: list[Offer] = []
    for k, bench in enumerate(benches):
        if bench.seated:
            heap += _offers(k, bench, ground, terms, waiting)
        elif (most := round(bench.most_gain(ground, cells), ROUNDED)) >= terms.least_gain:
            heap.append((-most * bench.at_best, k, NOT_SEATED))
    heapq.heapify(heap)
    return heap


def _offers(k: int, bench: Bench, ground: Ground, terms: Terms, waiting: dict[int, _Waiting]) -> list[Offer]:
    """The best fields of a telescope that has room; the others wait."""
    if not bench.slots.empty:
        return []
    gains = np.round(bench.gains(ground), ROUNDED)
    good = np.flatnonzero(_enough(gains, bench.value, terms) & bench.slots.may_fit())
    offers = sorted(_ranked(k, bench, good, gains[good]))
    if len(offers) <= FEW:
        return offers
    rest = offers[AT_ONCE:]
    waiting[k] = _Waiting(k, np.array([f for _, _, f in rest]), np.array([-negative for negative, _, _ in rest]))
    return [*offers[:AT_ONCE], (rest[0][0], k, MORE)]


def _enough(gains: Array, value: Array, terms: Terms) -> Mask:
    return np.asarray((gains >= terms.least_gain) & (gains >= terms.share * value - 1e-9))


def _ranked(k: int, bench: Bench, fields: Ints, gains: Array) -> list[Offer]:
    ranks = bench.favoured(fields, gains)
    return [(-rank, k, f) for f, rank in zip(fields.tolist(), ranks.tolist(), strict=True) if f not in bench.refused]


def _worthy(bench: Bench, f: int, gain: float, tally: Tally, terms: Terms) -> bool:
    own = float(bench.value[f])
    if gain < terms.share * own:
        return False
    if bench.guide is not None:
        return True
    return gain >= 0.995 * own or tally.redundancy_with(own, gain) <= terms.most_redundancy
