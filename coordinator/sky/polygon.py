"""An error region with corners, and nothing known about its inside: uniform there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coordinator.sky.errors_on_sky import Floats, angle_between, vectors
from coordinator.sky.refusal import refusal

EDGE_CELLS = 60.0
"""How many cells lie along the square root of a polygon's extent, where its edge is."""

NARROWER = "give a polygon that fits on half of the sky"


@dataclass(frozen=True, slots=True, eq=False)
class Polygon:
    """Corners as unit vectors, shape (n, 3), joined by great circles; inside by the rule of odd crossings."""

    corners: Floats
    middle: Floats
    extent_rad: float

    @property
    def samples(self) -> int:
        """Orders by which a cell is sampled finer than it is: its edge is sharp."""
        return 3

    def density(self, places: Floats) -> Floats:
        """Return one inside, zero outside."""
        towards = places @ self.middle
        x, y = self._plane(places, np.maximum(towards, 1e-9))
        inside = np.zeros(len(places), bool)
        at_x, at_y = self._plane(self.corners, self.corners @ self.middle)
        for (ax, ay), (bx, by) in zip(
            zip(at_x, at_y, strict=True), zip(np.roll(at_x, -1), np.roll(at_y, -1), strict=True), strict=True
        ):
            if ay != by:
                crossed = ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
                inside ^= crossed
        return np.asarray(inside & (towards > 0), np.float64)

    def wanted_rad(self, places: Floats, reach_rad: float) -> Floats:
        """Return how large a cell may be: fine where the edge passes."""
        near = np.zeros(len(places), bool)
        for a, b in zip(self.corners, np.roll(self.corners, -1, axis=0), strict=True):
            near |= _distance_to_arc(places, a, b) <= reach_rad
        return np.where(near, self.extent_rad / EDGE_CELLS, np.pi)

    def _plane(self, places: Floats, towards: Floats) -> tuple[Floats, Floats]:
        """Gnomonic plane about the middle, in which great circles are straight."""
        pole = np.array([0.0, 0.0, 1.0]) if abs(self.middle[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
        east = np.cross(pole, self.middle)
        east /= np.linalg.norm(east)
        north = np.cross(self.middle, east)
        return places @ east / towards, places @ north / towards


def polygon(corners_deg: Sequence[tuple[float, float]]) -> Polygon:
    """Make a polygon of corners (RA, Dec) in degrees.

    Raises
    ------
    Refused
        Fewer than three corners, no area, or more than half of the sky.
    """
    if len(corners_deg) < 3 or not np.isfinite(corners_deg).all():
        raise refusal(f"a polygon of {len(corners_deg)} corners has no inside", "give at least three corners")
    ra, dec = zip(*corners_deg, strict=True)
    corners = vectors(ra, dec)
    middle = corners.sum(axis=0)
    length = float(np.linalg.norm(middle))
    if length < 1e-9:
        raise refusal("a polygon spans the whole sky", NARROWER)
    middle = middle / length
    if (corners @ middle < 0.05).any():
        raise refusal("a polygon spans half of the sky", NARROWER)
    area = _area_of(Polygon(corners, middle, 1.0))
    if not area > 1e-20:
        raise refusal("a polygon has no area", "give corners that enclose some sky")
    return Polygon(corners, middle, float(np.sqrt(area)))


def _area_of(shape: Polygon) -> float:
    """Area in the tangent plane: enough to know how fine its edge should be."""
    x, y = shape._plane(shape.corners, shape.corners @ shape.middle)
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _distance_to_arc(places: Floats, a: Floats, b: Floats) -> Floats:
    """Angle from places to the shorter great circle between two corners."""
    normal = np.cross(a, b)
    length = np.linalg.norm(normal)
    to_ends = np.minimum(angle_between(places, a), angle_between(places, b))
    if length < 1e-15:
        return to_ends
    normal = normal / length
    beside = (places @ np.cross(normal, a) >= 0) & (places @ np.cross(b, normal) >= 0)
    return np.where(beside, np.abs(np.arcsin(np.clip(places @ normal, -1, 1))), to_ends)
