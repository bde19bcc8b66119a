"""Footprints: the sky that one exposure covers, in the tangent plane of the field's centre.

x points east and y north at position angle 0; offsets are gnomonic, in degrees.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Full width (x) and height (y), degrees."""

    width_deg: float
    height_deg: float


@dataclass(frozen=True, slots=True)
class Circle:
    """Radius on the sky, degrees."""

    radius_deg: float


@dataclass(frozen=True, slots=True)
class Polygons:
    """Detector by detector: corners ``(x_east_deg, y_north_deg)`` in order, not closed; gaps are not covered."""

    polygons: tuple[tuple[tuple[float, float], ...], ...]


Footprint = Rectangle | Circle | Polygons
