"""Sets of sky as sorted ranges of nested HEALPix pixels of order 12 (0.86 arcminutes).

A footprint is a few hundred ranges however fine its edge, so ownership of the sky, unions and
differences are exact to a pixel and cheap, and need neither healpy nor the map.
"""

import base64
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RANGE_ORDER = 12
PIXEL_AREA_DEG2 = (4 * np.pi / (12 * 4.0**RANGE_ORDER)) * (180 / np.pi) ** 2


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """Disjoint, sorted, half-open ranges ``[low, high)`` of nested pixels of order 12.

    Attributes
    ----------
    low, high : int64 arrays, shape (n,)
        Starts and ends; ``low[i] < high[i] < low[i + 1]``.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]

    @classmethod
    def empty(cls) -> "Ranges":
        """No sky at all."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))

    @classmethod
    def of(cls, low: NDArray[np.int64], high: NDArray[np.int64]) -> "Ranges":
        """Sort and join ranges that touch or overlap."""
        low, high = np.asarray(low, np.int64), np.asarray(high, np.int64)
        some = high > low
        low, high = low[some], high[some]
        if low.size == 0:
            return cls.empty()
        sort = np.argsort(low, kind="stable")
        low, reach = low[sort], np.maximum.accumulate(high[sort])
        first = np.r_[True, low[1:] > reach[:-1]]
        start = np.flatnonzero(first)
        return cls(low[start], reach[np.r_[start[1:] - 1, low.size - 1]])

    @classmethod
    def of_pixels(cls, order: int, pixels: NDArray[np.int64]) -> "Ranges":
        """Nested pixels of an order up to 12 as ranges."""
        shift = 2 * (RANGE_ORDER - order)
        low = np.asarray(pixels, np.int64) << shift
        return cls.of(low, low + (1 << shift))

    @classmethod
    def union_of(cls, sets: "Iterable[Ranges]") -> "Ranges":
        """Everything that is in at least one of the sets."""
        many = list(sets)
        if not many:
            return cls.empty()
        return cls.of(np.concatenate([r.low for r in many]), np.concatenate([r.high for r in many]))

    @property
    def pixels(self) -> int:
        """How many pixels of order 12 are inside."""
        return int((self.high - self.low).sum())

    @property
    def area_deg2(self) -> float:
        """Area in square degrees."""
        return self.pixels * PIXEL_AREA_DEG2

    def union(self, other: "Ranges") -> "Ranges":
        """Sky in this set or the other."""
        return Ranges.union_of((self, other))

    def minus(self, other: "Ranges") -> "Ranges":
        """Sky in this set and not in the other."""
        return _where(self, other, lambda mine, others: mine & ~others)

    def intersection(self, other: "Ranges") -> "Ranges":
        """Sky in both sets."""
        return _where(self, other, lambda mine, others: mine & others)

    def touching(self, other: "Ranges") -> "Ranges":
        """Those of the ranges that share sky with the other set, whole."""
        if self.low.size == 0 or other.low.size == 0:
            return _NOTHING
        if self.low[0] >= other.high[-1] or self.high[-1] <= other.low[0]:
            return _NOTHING
        near = _near(self, int(other.low[0]), int(other.high[-1]))
        at = other.high.searchsorted(near.low, side="right")
        shared = other.low[np.minimum(at, other.low.size - 1)] < near.high
        shared &= at < other.low.size
        return Ranges(near.low[shared], near.high[shared])

    def cut_at(self, others: "Iterable[Ranges]") -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return starts and ends of pieces of this set, none of which lies across an edge of the others."""
        edges = np.concatenate([self.low, self.high, *(e for r in others for e in (r.low, r.high))])
        edges.sort()
        low, high = edges[:-1], edges[1:]
        inside = (high > low) & self.contains(low)
        return low[inside], high[inside]

    def contains(self, pixels: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say for each pixel whether it lies inside."""
        if self.low.size == 0:
            return np.zeros(pixels.shape, bool)
        at = np.searchsorted(self.low, pixels, side="right") - 1
        return np.asarray((at >= 0) & (pixels < self.high[np.maximum(at, 0)]))

    def encode(self) -> str:
        """Compact text for the journal."""
        edges = np.empty(2 * self.low.size, np.int64)
        edges[0::2], edges[1::2] = self.low, self.high
        steps = np.diff(edges, prepend=0).astype("<i4")
        return base64.b85encode(zlib.compress(steps.tobytes(), 6)).decode()

    @classmethod
    def decode(cls, text: str) -> "Ranges":
        """Read what `encode` wrote."""
        steps = np.frombuffer(zlib.decompress(base64.b85decode(text)), "<i4").astype(np.int64)
        edges = np.cumsum(steps)
        return cls(edges[0::2].copy(), edges[1::2].copy())


_NOTHING = Ranges.empty()
_Mask = NDArray[np.bool_]


def _where(a: Ranges, b: Ranges, keep: Callable[[_Mask, _Mask], _Mask]) -> Ranges:
    """Cut the line at every edge of both sets and keep the pieces for which `keep(in_a, in_b)` holds."""
    if a.low.size == 0:
        return Ranges.empty()
    b = _near(b, int(a.low[0]), int(a.high[-1]))
    # Sorting these few thousand numbers is several times as fast as the hash table of np.unique.
    edges = np.sort(np.concatenate([a.low, a.high, b.low, b.high]))
    left, right = edges[:-1], edges[1:]
    piece = right > left
    left, right = left[piece], right[piece]
    chosen = keep(a.contains(left), b.contains(left))
    return Ranges.of(left[chosen], right[chosen])


def _near(ranges: Ranges, low: int, high: int) -> Ranges:
    """Leave out the ranges that end before `low` or begin after `high`."""
    first, last = ranges.high.searchsorted(low, side="right"), ranges.low.searchsorted(high, side="left")
    return Ranges(ranges.low[first:last], ranges.high[first:last])
