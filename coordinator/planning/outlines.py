"""Outlines of cameras as others write them: POLYGON and MULTIPOLYGON about 0, 0, with holes or without."""

import re

import numpy as np

Corners = tuple[tuple[float, float], ...]

_RING = re.compile(r"\(([^()]+)\)")
_POLYGON = re.compile(r"\(\s*(\([^()]+\)(?:\s*,\s*\([^()]+\))*)\s*\)")
"""One polygon: its outer ring, and those of its holes."""


def polygons_of(text: str) -> list[Corners]:
    """Read the outlines of a POLYGON or MULTIPOLYGON about 0, 0 as corners in the tangent plane, degrees.

    A hole is joined to the ring around it by an edge that is walked twice, there and back: by the even-odd rule, by
    which polygons are filled, it stays empty.

    Raises
    ------
    ValueError
        It is no such text, or reaches to the other half of the sky.
    """
    polygons = [_RING.findall(rings) for rings in _POLYGON.findall(text)] or [[ring] for ring in _RING.findall(text)]
    if not polygons or "POLYGON" not in text.upper():
        raise ValueError("is no polygon")
    return [_joined([_corners(ring) for ring in rings]) for rings in polygons]


def _joined(rings: list[Corners]) -> Corners:
    outer, *holes = rings
    if not holes:
        return outer
    corners = outer + outer[:1]
    for hole in holes:
        turned = hole if _area(hole) * _area(outer) < 0 else hole[::-1]  # so that areas add up too
        corners += turned + turned[:1] + outer[:1]
    return corners[:-1]


def _area(corners: Corners) -> float:
    """Signed area in the plane."""
    x, y = np.array(corners).T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _corners(ring: str) -> Corners:
    try:
        ra, dec = np.radians([[float(part) for part in pair.split()[:2]] for pair in ring.split(",")]).T
    except ValueError as error:
        raise ValueError("has a corner that is not two numbers") from error
    depth = np.cos(dec) * np.cos(ra)
    if ra.size < 3 or not np.all(depth > 0):
        raise ValueError("has fewer than three corners, or one more than 90 degrees away")
    plane = np.degrees(np.stack([np.cos(dec) * np.sin(ra), np.sin(dec)]) / depth).T
    closed = len(plane) > 3 and bool(np.allclose(plane[0], plane[-1]))
    return tuple((float(x), float(y)) for x, y in (plane[:-1] if closed else plane))
