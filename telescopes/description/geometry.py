"""Where a footprint lies on the sky: gnomonic geometry on plain arrays, for telescopes and planners alike."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle

Floats = NDArray[np.float64]
Corners = tuple[tuple[float, float], ...]
CIRCLE_POINTS = 64
FOOTPRINTS_KEPT = 1024
"""Footprints whose measures are remembered: more than a network has cameras."""


def unit_vectors(ra_deg: ArrayLike, dec_deg: ArrayLike) -> Floats:
    """Directions as unit vectors, shape (..., 3)."""
    ra, dec = np.radians(np.asarray(ra_deg, np.float64)), np.radians(np.asarray(dec_deg, np.float64))
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec) + 0 * ra], axis=-1)


def field_axes(ra_deg: float, dec_deg: float, position_angle_deg: float) -> tuple[Floats, Floats, Floats]:
    """Unit vectors of a field: its x axis (east at position angle 0), its y axis (north), its centre."""
    ra, dec, pa = np.radians([ra_deg, dec_deg, position_angle_deg])
    east = np.array([-np.sin(ra), np.cos(ra), 0.0])
    north = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
    x = east * np.cos(pa) - north * np.sin(pa)
    y = east * np.sin(pa) + north * np.cos(pa)
    return x, y, unit_vectors(ra_deg, dec_deg)


def inside(
    footprint: Footprint,
    centre_ra_deg: float,
    centre_dec_deg: float,
    position_angle_deg: float,
    ra_deg: ArrayLike,
    dec_deg: ArrayLike,
) -> NDArray[np.bool_]:
    """Say for each place whether an exposure with this centre and position angle covers it."""
    axes = field_axes(centre_ra_deg, centre_dec_deg, position_angle_deg)
    return covers(footprint, axes, np.atleast_2d(unit_vectors(ra_deg, dec_deg)))


def covers(footprint: Footprint, axes: tuple[Floats, Floats, Floats], vectors: Floats) -> NDArray[np.bool_]:
    """Say for each unit vector, shape (n, 3), whether the footprint with these `field_axes` covers it."""
    depth = vectors @ axes[2]
    if isinstance(footprint, Circle):
        return np.asarray(separation_deg(vectors, axes[2]) <= footprint.radius_deg)
    ahead = depth > 0
    far = np.where(ahead, depth, 1.0)
    x, y = np.degrees(vectors @ axes[0] / far), np.degrees(vectors @ axes[1] / far)
    return ahead & in_plane(footprint, x, y)


def in_plane(footprint: Rectangle | Polygons, x_deg: Floats, y_deg: Floats) -> NDArray[np.bool_]:
    """Say for each offset in the tangent plane whether it is covered."""
    if isinstance(footprint, Rectangle):
        return (np.abs(x_deg) <= footprint.width_deg / 2) & (np.abs(y_deg) <= footprint.height_deg / 2)
    covered = np.zeros(x_deg.shape, bool)
    for corners in footprint.polygons:
        covered |= in_polygon(x_deg, y_deg, corners)
    return covered


def in_polygon(x_deg: Floats, y_deg: Floats, corners: Corners) -> NDArray[np.bool_]:
    """Count crossings of a ray: odd is inside."""
    odd = np.zeros(x_deg.shape, bool)
    for (ax, ay), (bx, by) in zip(corners, corners[-1:] + corners[:-1], strict=True):
        if ay == by:
            continue
        crosses = (ay > y_deg) != (by > y_deg)
        odd ^= crosses & (x_deg < (bx - ax) * (y_deg - ay) / (by - ay) + ax)
    return odd


@lru_cache(maxsize=FOOTPRINTS_KEPT)
def circumradius_deg(footprint: Footprint) -> float:
    """Largest distance on the sky from the field's centre to sky that is covered."""
    if isinstance(footprint, Circle):
        return footprint.radius_deg
    reach = max(np.hypot(x, y) for corners in plane_polygons(footprint) for x, y in corners)
    return float(np.degrees(np.arctan(np.radians(reach))))


@lru_cache(maxsize=FOOTPRINTS_KEPT)
def area_deg2(footprint: Footprint) -> float:
    """Solid angle in square degrees; polygons that overlap count twice."""
    if isinstance(footprint, Circle):
        return float(2 * np.pi * (1 - np.cos(np.radians(footprint.radius_deg))) * (180 / np.pi) ** 2)
    return sum(_polygon_area_deg2(corners) for corners in plane_polygons(footprint))


def outline(
    footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float
) -> list[list[tuple[float, float]]]:
    """Corners on the sky, polygon by polygon, as (ra_deg, dec_deg); straight edges are great circles."""
    x_axis, y_axis, centre = field_axes(ra_deg, dec_deg, position_angle_deg)
    polygons = []
    for corners in plane_polygons(footprint):
        plane = np.radians(np.asarray(corners, np.float64))
        vectors = centre + plane[:, :1] * x_axis + plane[:, 1:] * y_axis
        ra = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0])) % 360
        dec = np.degrees(np.arctan2(vectors[:, 2], np.hypot(vectors[:, 0], vectors[:, 1])))
        polygons.append([(float(a), float(d)) for a, d in zip(ra, dec, strict=True)])
    return polygons


def plane_polygons(footprint: Footprint) -> tuple[Corners, ...]:
    """Any footprint as polygons in the tangent plane, degrees; a circle as many short edges."""
    if isinstance(footprint, Polygons):
        return footprint.polygons
    if isinstance(footprint, Rectangle):
        x, y = footprint.width_deg / 2, footprint.height_deg / 2
        return (((-x, -y), (x, -y), (x, y), (-x, y)),)
    reach = float(np.degrees(np.tan(np.radians(footprint.radius_deg))))
    angles = 2 * np.pi * np.arange(CIRCLE_POINTS) / CIRCLE_POINTS
    return (tuple((float(reach * np.cos(a)), float(reach * np.sin(a))) for a in angles),)


def separation_deg(vectors: Floats, centre: Floats) -> Floats:
    """Angles between unit vectors, shape (n, 3), and one direction; exact for small ones too."""
    chord = np.linalg.norm(vectors - centre, axis=-1)
    return np.asarray(np.degrees(2 * np.arcsin(np.minimum(chord / 2, 1.0))), np.float64)


def _polygon_area_deg2(corners: Corners) -> float:
    """Solid angle of a polygon whose edges are straight in the tangent plane, thus great circles on the sky.

    Sum of signed triangles with the field's centre (Van Oosterom and Strackee 1983).
    """
    plane = np.radians(np.asarray(corners, np.float64))
    vectors = np.column_stack([plane, np.ones(len(plane))])
    a = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    b = np.roll(a, -1, axis=0)
    triple = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    excess = 2 * np.arctan2(triple, 1 + a[:, 2] + b[:, 2] + (a * b).sum(1))
    return float(abs(excess.sum()) * (180 / np.pi) ** 2)
