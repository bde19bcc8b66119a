"""Cells sorted into narrow rings of declination, so that those near a field are a few stretches of one list."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.stretches import stretches
from telescopes.description.ephemeris import Array

Ints = NDArray[np.int64]

TURN_DEG = 360.0
_ROOM_DEG = 1024.0
"""What one ring takes of the key: more than a turn."""


@dataclass(frozen=True, slots=True, eq=False)
class Rings:
    """Places on the sky in rings of one height, each ring in order of right ascension.

    Attributes
    ----------
    height_deg : float
    by : int64 array, shape (n,)
        The places in the order of the rings.
    key : float64 array, shape (n,)
        Increasing: the ring's number times some room, plus the right ascension.
    """

    height_deg: float
    by: Ints
    key: Array

    @classmethod
    def of(cls, ra_deg: Array, dec_deg: Array, height_deg: float) -> "Rings":
        """Sort places into rings."""
        last = np.ceil(180.0 / height_deg) - 1.0  # the north pole lies in the last ring
        key = np.minimum(np.floor((dec_deg + 90.0) / height_deg), last) * _ROOM_DEG + ra_deg
        by = np.argsort(key, kind="stable")
        return cls(height_deg, by, key[by])

    def near(self, ra_deg: Array, dec_deg: Array, radius_deg: float) -> tuple[Ints, Ints]:
        """Places that may lie within a radius of each of some centres.

        Returns
        -------
        centre, place : int64 arrays
            Pairs, by centre; some of the places lie a little further off.
        """
        low = np.floor((dec_deg - radius_deg + 90.0) / self.height_deg).astype(np.int64)
        rings = int(np.ceil(2.0 * radius_deg / self.height_deg)) + 1
        half = self._half_width_deg(dec_deg, low, rings, radius_deg)
        ring = low[:, None] + np.arange(rings)
        centre = np.repeat(np.arange(ra_deg.size), rings)
        return self._between(centre, ring.ravel(), np.repeat(ra_deg, rings), half.ravel())

    def _half_width_deg(self, dec_deg: Array, low: Ints, rings: int, radius_deg: float) -> Array:
        """Half of the right ascensions that a disc has in rings from the lowest on; negative where it has none."""
        dec = dec_deg[:, None]
        edge = np.clip((low[:, None] + np.arange(rings + 1)) * self.height_deg - 90.0, -90.0, 90.0)
        at_edge = self._width_at(np.radians(edge), np.radians(dec), np.cos(np.radians(radius_deg)))
        south, north = edge[:, :-1], edge[:, 1:]
        widths = np.maximum(at_edge[:, :-1], at_edge[:, 1:])
        # a disc is widest a little nearer to the pole than its centre, and goes all round where it holds the pole
        sine, reach = np.sin(np.radians(dec)), np.radians(radius_deg)
        over_pole = np.abs(dec) + radius_deg >= 90.0
        widest = np.degrees(np.arcsin(np.clip(sine / np.cos(reach), -1.0, 1.0)))
        most = np.sin(reach) / np.maximum(np.cos(np.radians(dec)), 1e-12)
        most_deg = np.where(over_pole, 180.0, np.degrees(np.arcsin(np.minimum(most, 1.0))))
        widths = np.where((south <= widest) & (widest <= north), np.maximum(widths, most_deg), widths)
        reached = (north >= dec - radius_deg) & (south <= dec + radius_deg)
        return np.where(reached & (north > south), widths + 1e-6, -1.0)

    @staticmethod
    def _width_at(at: Array, dec: Array, reach: float) -> Array:
        """Half of the right ascensions, degrees, that a disc of some cosine has at heights; radians."""
        level, scale = reach - np.sin(at) * np.sin(dec), np.cos(at) * np.cos(dec)
        # at a pole every right ascension is as near as any other
        ratio = np.where(scale > 1e-12, level / np.maximum(scale, 1e-12), np.where(level <= 1e-12, -1.0, 1.0))
        return np.asarray(np.degrees(np.arccos(np.clip(ratio, -1.0, 1.0))))

    def _between(self, centre: Ints, ring: Ints, ra_deg: Array, half_deg: Array) -> tuple[Ints, Ints]:
        reached = half_deg >= 0.0
        centre, base = centre[reached], ring[reached] * _ROOM_DEG
        begin, width = ra_deg[reached] - half_deg[reached], np.minimum(2.0 * half_deg[reached], TURN_DEG)
        begin %= TURN_DEG
        end = begin + width
        over = end >= TURN_DEG  # goes on at 0
        starts = np.r_[base + begin, base[over]]
        stops = np.r_[base + np.minimum(end, TURN_DEG), (base + end - TURN_DEG)[over]]
        # a stretch that goes once round ends where it began
        stops[: base.size][over & (width >= TURN_DEG)] = (base + TURN_DEG)[over & (width >= TURN_DEG)]
        low = np.asarray(np.searchsorted(self.key, starts, side="left"))
        lengths = np.maximum(np.searchsorted(self.key, stops, side="right") - low, 0)
        which = np.r_[centre, centre[over]]
        place = self.by[stretches(low, lengths)]
        return np.repeat(which, lengths), place
