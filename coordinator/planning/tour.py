"""A night's order made shorter, so that fields find time that were left over.

Who comes next is decided as the night runs (`sequence`), and a slow mount then crosses the sky where another order
would spare it. Single fields are moved, and stretches turned about, as long as that shortens the ways and nobody
misses what may be observed of it; then what was left over is put in where it costs least.
"""

from dataclasses import dataclass

import numpy as np

from coordinator.planning.slots import Ints
from telescopes.description.ephemeris import Array
from telescopes.description.telescope import Timing

MOST_FIELDS = 400
TRIED = 20
"""Of all changes that shorten the ways so many are looked into, the best first; then it stays as it is."""

LEAST_SPARED_S = 0.5
MOST_CHANGES = 25


@dataclass(frozen=True, slots=True, eq=False)
class Tour:
    """Fields of one stretch of time.

    Attributes
    ----------
    way_s : float64 array, shape (fields, fields)
        From the end of one field to the start of the next.
    first_s : float64 array, shape (fields,)
        When each could begin if it came first.
    opens_s, closes_s : float64 arrays, shape (fields,)
        When each may begin at the soonest, and must have ended.
    duration_s : float
    """

    way_s: Array
    first_s: Array
    opens_s: Array
    closes_s: Array
    duration_s: float

    def starts(self, order: list[int]) -> list[float] | None:
        """Say when each field begins in some order; None: one of them would end too late."""
        found: list[float] = []
        begins, latest, way, before = self.first_s, self.closes_s - self.duration_s, self.way_s, -1
        opens = self.opens_s
        for f in order:
            here = float(begins[f]) if before < 0 else found[-1] + self.duration_s + way.item(before, f)
            start = max(here, opens.item(f))
            if start > latest.item(f):
                return None
            found.append(start)
            before = f
        return found

    def shortened(self, order: list[int]) -> list[int]:
        """Spare ways as long as every field keeps its time."""
        for _ in range(MOST_CHANGES):
            better = next((one for one in self._changes(order) if self.starts(one) is not None), None)
            if better is None:
                return order
            order = better
        return order

    def with_more(self, order: list[int], more: list[int]) -> list[int]:
        """Put in as many others as find time, in their order."""
        left = list(more)
        for _ in range(2):
            for f in list(left):
                fuller = self._put_in(order, f)
                if fuller is not None:
                    order = fuller
                    left.remove(f)
            if not left:
                break
            order = self.shortened(order)
        return order

    def _put_in(self, order: list[int], f: int) -> list[int] | None:
        ends = np.array(order, np.int64)
        after = np.r_[0.0, self.way_s[ends, f]]
        before = np.r_[self.way_s[f, ends], 0.0]
        spared = np.r_[0.0, self.way_s[ends[:-1], ends[1:]], 0.0] if ends.size else np.zeros(1)
        for at in np.argsort(np.round(after + before - spared, 6), kind="stable")[:TRIED].tolist():
            fuller = [*order[:at], f, *order[at:]]
            if self.starts(fuller) is not None:
                return fuller
        return None

    def _changes(self, order: list[int]) -> list[list[int]]:
        """Orders with less way, the shortest first: one field elsewhere, or a stretch turned about."""
        if len(order) < 3:
            return []
        at = np.array(order, np.int64)
        turned, moved = _spared_by_turning(self.way_s, at), _spared_by_moving(self.way_s, at)
        both = np.round(np.concatenate([turned.ravel(), moved.ravel()]), 6)
        some = np.flatnonzero(both > LEAST_SPARED_S)
        if some.size > TRIED:
            some = some[both[some] >= np.partition(both[some], -TRIED)[-TRIED]]
        found = []
        for number in some[np.argsort(-both[some], kind="stable")][:TRIED].tolist():
            make = _turned if number < turned.size else _moved
            found.append(make(order, *divmod(number % turned.size, len(order))))
        return found


def _spared_by_turning(way_s: Array, at: Ints) -> Array:
    """What is spared if the fields from i to j come in the opposite order, shape (fields, fields); ways are even."""
    n = at.size
    step = way_s[at[:-1], at[1:]]
    before = np.r_[0.0, step]  # into i
    behind = np.r_[step, 0.0]  # out of j
    into = np.zeros((n, n))
    into[1:] = way_s[np.ix_(at[:-1], at)]  # from before i to j
    out = np.zeros((n, n))
    out[:, :-1] = way_s[np.ix_(at, at[1:])]  # from i to behind j
    spared = before[:, None] + behind[None, :] - into - out
    return np.where(np.triu(np.ones((n, n), bool), 1), spared, -np.inf)


def _spared_by_moving(way_s: Array, at: Ints) -> Array:
    """What is spared if field i comes right behind field j, shape (fields, fields)."""
    n = at.size
    step = way_s[at[:-1], at[1:]]
    before, behind = np.r_[0.0, step], np.r_[step, 0.0]
    closed = np.zeros(n)
    closed[1:-1] = way_s[at[:-2], at[2:]]
    gone = before + behind - closed
    into = way_s[np.ix_(at, at)]
    out = np.zeros((n, n))
    out[:, :-1] = into[:, 1:]
    spared = gone[:, None] - into - out + behind[None, :]
    i, j = np.indices((n, n))
    return np.where((i != j) & (j != i - 1), spared, -np.inf)


def _turned(order: list[int], i: int, j: int) -> list[int]:
    return [*order[:i], *reversed(order[i : j + 1]), *order[j + 1 :]]


def _moved(order: list[int], i: int, j: int) -> list[int]:
    rest = [*order[:i], *order[i + 1 :]]
    at = j + 1 if j < i else j
    return [*rest[:at], order[i], *rest[at:]]


def ways_s(timing: Timing, vectors: Array) -> Array:
    """Seconds from each field to each other, settled, on the same side of the pier, shape (fields, fields)."""
    if timing.axis_rates_deg_s is not None:
        ra, dec = np.arctan2(vectors[:, 1], vectors[:, 0]), np.arcsin(np.clip(vectors[:, 2], -1.0, 1.0))
        apart = np.degrees(np.abs((ra[:, None] - ra[None, :] + np.pi) % (2 * np.pi) - np.pi))
        ra_rate, dec_rate = timing.axis_rates_deg_s
        moving = np.maximum(apart / ra_rate, np.degrees(np.abs(dec[:, None] - dec[None, :])) / dec_rate)
    else:
        chord = np.linalg.norm(vectors[:, None, :] - vectors[None, :, :], axis=-1)
        moving = np.degrees(2.0 * np.arcsin(np.clip(chord / 2.0, 0.0, 1.0))) / (timing.slew_rate_deg_s or np.inf)
    return np.asarray(moving + timing.settle_s, np.float64)
