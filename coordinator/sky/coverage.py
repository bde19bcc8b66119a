"""Which sky many fields of one footprint cover, all at once: the search descends from coarse pixels to fine ones.

A pixel that lies wholly inside is taken as it is, one wholly outside is dropped, one on the edge is split; at
the last order a pixel is inside when its centre is. The tangent plane is gnomonic: x east and y north of the
field's centre at position angle 0.
"""

from dataclasses import dataclass
from dataclasses import fields as fields_of

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.sky.nested import MAX_RADIUS_RAD, pixel_number, xy_vectors
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.geometry import circumradius_deg

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST_ORDER = 2
PIXEL_SIDE_DEG = 58.63
EDGE_PIXELS_AT_ONCE = 3000
"""Fields are taken in lots whose pixels stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Where fields stand: unit vectors to the centre and along the footprint's x and y, shape (n, 3) each."""

    centre: Floats
    along_x: Floats
    along_y: Floats

    @classmethod
    def at(cls, ra_deg: ArrayLike, dec_deg: ArrayLike, position_angle_deg: ArrayLike = 0.0) -> "Frames":
        """Frames of fields at ICRS positions."""
        ra, dec = np.radians(np.atleast_1d(ra_deg)), np.radians(np.atleast_1d(dec_deg))
        angle = np.radians(np.broadcast_to(position_angle_deg, ra.shape))[:, None]
        zero = np.zeros_like(ra)
        centre = np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)
        east = np.stack([-np.sin(ra), np.cos(ra), zero], axis=-1)
        north = np.stack([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)], axis=-1)
        along_x = east * np.cos(angle) - north * np.sin(angle)
        return cls(centre, along_x, east * np.sin(angle) + north * np.cos(angle))

    def __len__(self) -> int:
        return len(self.centre)


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Pixels by field: rows are (field, nested pixel of `order`, whether it is wholly inside)."""

    order: Ints
    field: Ints
    pixel: Ints
    whole: NDArray[np.bool_]


def size_deg(footprint: Footprint) -> tuple[float, float]:
    """Full width and height of the box around the footprint."""
    match footprint:
        case Circle():
            return 2 * footprint.radius_deg, 2 * footprint.radius_deg
        case Rectangle():
            return footprint.width_deg, footprint.height_deg
        case Polygons():
            corners = np.array([corner for polygon in footprint.polygons for corner in polygon])
            width, height = 2 * np.abs(corners).max(axis=0)
            return float(width), float(height)


def covers(footprint: Footprint, frames: Frames, order: int) -> Cover:
    """Find the pixels of `order`, and larger ones wholly inside, that each field touches.

    Pixels that are on an edge, or may be, come with `whole` False.
    """
    edge = 4.0 * max(size_deg(footprint)) * (1 << order) / PIXEL_SIDE_DEG
    lots = max(1, int(len(frames) * (edge + 4.0) / EDGE_PIXELS_AT_ONCE))
    parts = [_descend(footprint, frames, fields, order) for fields in np.array_split(np.arange(len(frames)), lots)]
    return Cover(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields_of(Cover)))


def _descend(footprint: Footprint, frames: Frames, fields: Ints, order: int) -> Cover:
    found: list[tuple[int, Ints, Ints, NDArray[np.bool_]]] = []
    start = min(FIRST_ORDER, order)
    field, face, x, y = _first_pairs(footprint, frames, fields, start)
    for level in range(start, order + 1):
        inside, outside = _verdicts(footprint, frames, level, field, face, x, y)
        taken = inside | (~outside if level == order else False)
        pixel = pixel_number(level, face[taken], x[taken], y[taken])
        found.append((level, field[taken], pixel, inside[taken]))
        split = ~(taken | outside)
        if level < order:
            field, face, x, y = _children(field[split], face[split], x[split], y[split])
    levels = np.concatenate([np.full(f.size, level) for level, f, _, _ in found])
    return Cover(levels, *(np.concatenate([part[i] for part in found]) for i in (1, 2, 3)))


def contains(footprint: Footprint, frames: Frames, field: Ints, vectors: Floats) -> NDArray[np.bool_]:
    """Say for each pair of a field and a unit vector (n, 3) whether it lies inside the footprint."""
    return np.asarray(beyond_edge(footprint, *in_plane(frames, field, *vectors.T)) <= 0.0)


def _first_pairs(footprint: Footprint, frames: Frames, fields: Ints, order: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Every field with every coarse pixel that it may touch."""
    nside = 1 << order
    pixels = 12 * nside * nside
    face, rest = np.divmod(np.arange(pixels), nside * nside)
    x, y = np.divmod(rest, nside)
    vectors = np.stack(xy_vectors(nside, face, x, y), axis=-1)
    reach = np.radians(circumradius_deg(footprint)) + MAX_RADIUS_RAD / nside
    field, at = np.nonzero(frames.centre[fields] @ vectors.T >= np.cos(min(np.pi, reach)) - 1e-12)
    return fields[field], face[at], x[at], y[at]


def _children(field: Ints, face: Ints, x: Ints, y: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    dx, dy = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    return (
        np.repeat(field, 4),
        np.repeat(face, 4),
        (2 * x[:, None] + dx).ravel(),
        (2 * y[:, None] + dy).ravel(),
    )


def _verdicts(
    footprint: Footprint, frames: Frames, order: int, field: Ints, face: Ints, x: Ints, y: Ints
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say which pairs are surely inside and which surely outside."""
    nside = 1 << order
    vectors = np.stack(xy_vectors(nside, face, x, y), axis=-1)
    radius = MAX_RADIUS_RAD / nside
    reach = np.radians(circumradius_deg(footprint))
    if radius + reach > 0.5:  # too large for the tangent plane
        cosine = np.einsum("ij,ij->i", frames.centre[field], vectors)
        return np.zeros(field.size, bool), cosine < np.cos(min(np.pi, radius + reach)) - 1e-12
    beyond = beyond_edge(footprint, *in_plane(frames, field, *vectors.T))
    stretch = np.degrees(radius) * 1.02 / np.cos(reach + radius) ** 2
    return beyond <= -stretch, beyond >= stretch


def in_plane(frames: Frames, field: Ints, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Tangent-plane offsets in degrees of directions; far beyond any edge on the other half of the sky."""
    depth = _along(frames.centre, field, x, y, z)
    scale = np.degrees(1.0 / np.maximum(depth, 1e-3))
    far = np.where(depth > 1e-3, 0.0, 1e6)
    return _along(frames.along_x, field, x, y, z) * scale + far, _along(frames.along_y, field, x, y, z) * scale + far


def _along(axes: Floats, field: Ints, x: Floats, y: Floats, z: Floats) -> Floats:
    return np.asarray(axes[:, 0][field] * x + axes[:, 1][field] * y + axes[:, 2][field] * z)


def beyond_edge(footprint: Footprint, x: Floats, y: Floats) -> Floats:
    """How far outside the footprint's edge a point lies, tangent-plane degrees; negative inside."""
    match footprint:
        case Rectangle():
            beyond_x, beyond_y = np.abs(x) - footprint.width_deg / 2.0, np.abs(y) - footprint.height_deg / 2.0
            return np.maximum(beyond_x, beyond_y)
        case Circle():
            return np.asarray(np.hypot(x, y) - np.degrees(np.tan(np.radians(footprint.radius_deg))))
        case Polygons():
            each = [_beyond_polygon(np.array(polygon), x, y) for polygon in footprint.polygons]
            return np.asarray(np.min(each, axis=0), np.float64)


def _beyond_polygon(corners: Floats, x: Floats, y: Floats) -> Floats:
    """Signed distance to a polygon's edge; even-odd rule."""
    inside, nearest = np.zeros(x.shape, bool), np.full(x.shape, np.inf)
    for (x0, y0), (x1, y1) in zip(np.roll(corners, 1, axis=0), corners, strict=True):
        along = np.array([x1 - x0, y1 - y0])
        length2 = float(along @ along)
        if length2 == 0.0:
            continue
        share = np.clip(((x - x0) * along[0] + (y - y0) * along[1]) / length2, 0.0, 1.0)
        nearest = np.minimum(nearest, np.hypot(x - x0 - share * along[0], y - y0 - share * along[1]))
        if y0 != y1:
            inside ^= ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    return np.where(inside, -nearest, nearest)
