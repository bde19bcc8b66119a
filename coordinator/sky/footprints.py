"""One field: the pixels of order 12 whose centres lie in a footprint, found by refining only along its edge.

For one field at a time, as when a telescope reports where it really looked: it takes a half to a third of what
`field_ranges` takes for one, however wide the field. The many fields of a plan are the business of `field_ranges`,
which works in another way and is tested against this.

A coarse pixel further from the edge than its own radius is decided as a whole; what is near the edge is
divided. The cost follows the length of the edge, not the area.
"""

from dataclasses import dataclass

import healpy
import numpy as np
from numpy.typing import NDArray

from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.geometry import circumradius_deg, field_axes, separation_deg

Floats = NDArray[np.float64]
Pixels = NDArray[np.int64]
PIXEL_RADIUS_DEG = [float(np.degrees(healpy.max_pixrad(1 << order))) * (1 + 1e-6) for order in range(RANGE_ORDER + 1)]
FAR_DEG = 80.0  # beyond it the tangent plane stretches too much for a distance in it to mean anything
ON_EDGE_DEG = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """A footprint at its place; `corners` are those of polygons, padded to the same number, else None."""

    footprint: Footprint
    axes: tuple[Floats, Floats, Floats]
    reach_deg: float
    corners: Floats | None


def footprint_ranges(footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float) -> Ranges:
    """Return the sky that one exposure covers.

    Parameters
    ----------
    footprint : Footprint
        Shape in the tangent plane.
    ra_deg, dec_deg : float
        Centre of the field, ICRS.
    position_angle_deg : float
        By how much the footprint's y axis is turned from north.

    Returns
    -------
    Ranges
        Exactly the nested pixels of order 12 whose centres lie inside.
    """
    field = _Field(
        footprint,
        field_axes(ra_deg, dec_deg, position_angle_deg),
        circumradius_deg(footprint),
        _padded(footprint) if isinstance(footprint, Polygons) else None,
    )
    order = _first_order(field.reach_deg)
    pixel = _pixels_near(field, order)
    polygon = np.zeros(pixel.size, np.int64)
    if field.corners is not None:
        count = len(field.corners)
        pixel, polygon = np.repeat(pixel, count), np.tile(np.arange(count), pixel.size)
    return _refined(field, order, pixel, polygon)


def _refined(field: _Field, order: int, pixel: Pixels, polygon: Pixels) -> Ranges:
    """Decide pixel by pixel, each for one polygon, from coarse to fine."""
    low, high = [], []
    while pixel.size:
        shift = 2 * (RANGE_ORDER - order)
        clearance = _clearance_deg(field, order, pixel, polygon)
        margin = _margin_deg(field, order)
        whole = pixel[clearance < -margin] if shift else pixel[clearance <= 0]
        low.append(whole << shift)
        high.append((whole + 1) << shift)
        if not shift:
            break
        edge = np.abs(clearance) <= margin
        pixel = (4 * pixel[edge, None] + np.arange(4)).reshape(-1)
        polygon = np.repeat(polygon[edge], 4)
        order += 1
    return Ranges.of(np.concatenate(low), np.concatenate(high)) if low else Ranges.empty()


def _first_order(reach_deg: float) -> int:
    """Order whose pixels are about as large as the field."""
    return next((k for k in range(RANGE_ORDER, 0, -1) if PIXEL_RADIUS_DEG[k] > reach_deg), 1)


def _pixels_near(field: _Field, order: int) -> Pixels:
    """Pixels of an order that may touch the field."""
    radius = np.radians(min(180.0, field.reach_deg + PIXEL_RADIUS_DEG[order]))
    near = healpy.query_disc(1 << order, field.axes[2], radius, nest=True)
    return np.asarray(near, np.int64)


def _margin_deg(field: _Field, order: int) -> float:
    """How far from the edge a pixel's centre must be for the pixel to have no part in it.

    In the tangent plane an arc at distance t from the centre is at most sec(t)**2 times as long as on the sky.
    """
    radius = PIXEL_RADIUS_DEG[order]
    if isinstance(field.footprint, Circle):
        return radius
    furthest = field.reach_deg + 2 * radius
    return radius / np.cos(np.radians(furthest)) ** 2 if furthest < FAR_DEG else np.inf


def _clearance_deg(field: _Field, order: int, pixel: Pixels, polygon: Pixels) -> Floats:
    """Distance from the edge, negative inside, inf out of reach; on the sky for a circle, else in the tangent plane."""
    vectors = np.stack(healpy.pix2vec(1 << order, pixel, nest=True), axis=-1)
    if isinstance(field.footprint, Circle):
        return separation_deg(vectors, field.axes[2]) - field.footprint.radius_deg
    depth = vectors @ field.axes[2]
    ahead = depth > np.cos(np.radians(min(field.reach_deg + PIXEL_RADIUS_DEG[order], FAR_DEG)))
    safe = np.where(ahead, depth, 1.0)
    x, y = np.degrees(vectors @ field.axes[0] / safe), np.degrees(vectors @ field.axes[1] / safe)
    if isinstance(field.footprint, Rectangle):
        flat = np.maximum(np.abs(x) - field.footprint.width_deg / 2, np.abs(y) - field.footprint.height_deg / 2)
    else:
        flat = _polygon_clearance_deg(field, polygon, x, y)
    return np.where(ahead, flat, np.inf)


def _polygon_clearance_deg(field: _Field, polygon: Pixels, x: Floats, y: Floats) -> Floats:
    """Signed distance of each offset from the edge of its polygon."""
    assert field.corners is not None
    odd, nearest = np.zeros(x.size, bool), np.full(x.size, np.inf)
    for start, end in zip(
        np.moveaxis(field.corners, 1, 0), np.moveaxis(np.roll(field.corners, 1, 1), 1, 0), strict=True
    ):
        (ax, ay), (bx, by) = start[polygon].T, end[polygon].T
        crosses = (ay > y) != (by > y)
        along_x, along_y, from_x, from_y = bx - ax, by - ay, x - ax, y - ay
        level = np.where(crosses, along_y, 1.0)
        odd ^= crosses & (x < along_x * from_y / level + ax)
        length = np.maximum(along_x**2 + along_y**2, ON_EDGE_DEG)
        part = np.clip((from_x * along_x + from_y * along_y) / length, 0, 1)
        nearest = np.minimum(nearest, np.hypot(from_x - part * along_x, from_y - part * along_y))
    return np.where(odd, -nearest, np.maximum(nearest, ON_EDGE_DEG))


def _padded(footprint: Polygons) -> Floats:
    """Corners of all polygons, shape (polygons, corners, 2); a short one repeats its last corner."""
    most = max(len(corners) for corners in footprint.polygons)
    return np.array([[*corners, *[corners[-1]] * (most - len(corners))] for corners in footprint.polygons], np.float64)
