"""The outline of a field on the sky, for drawing."""

from collections.abc import Mapping
from math import atan2, cos, degrees, hypot, radians, sin, tan
from typing import assert_never

from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.telescope import Telescope

Polygon = list[tuple[float, float]]
CIRCLE_POINTS = 24


def field_outline(
    telescopes: Mapping[str, Telescope],
    telescope: str,
    instrument: str,
    centre_deg: tuple[float, float],
    position_angle_deg: float,
) -> list[Polygon] | None:
    """Return the outline of one instrument's field; None: the instrument is not known here."""
    known = telescopes.get(telescope)
    cameras = [] if known is None else [i for i in known.instruments if i.id == instrument]
    if not cameras:
        return None
    return [on_sky(corners, centre_deg, position_angle_deg) for corners in _corners(cameras[0].footprint)]


def on_sky(offsets_deg: Polygon, centre_deg: tuple[float, float], position_angle_deg: float) -> Polygon:
    """Put offsets of the tangent plane (x east, y north at position angle 0) on the sky, as (ra_deg, dec_deg)."""
    ra, dec = map(radians, centre_deg)
    turn = radians(position_angle_deg)
    points = []
    for x_deg, y_deg in offsets_deg:
        x, y = tan(radians(x_deg)), tan(radians(y_deg))
        east, north = x * cos(turn) + y * sin(turn), y * cos(turn) - x * sin(turn)
        along, up = cos(dec) - north * sin(dec), sin(dec) + north * cos(dec)
        point_ra = ra + atan2(east, along)
        points.append((round(degrees(point_ra) % 360.0, 4), round(degrees(atan2(up, hypot(east, along))), 4)))
    return points


def circle_offsets(radius_deg: float) -> Polygon:
    """Return points on a circle of the tangent plane."""
    turns = [radians(360.0 * i / CIRCLE_POINTS) for i in range(CIRCLE_POINTS)]
    return [(radius_deg * cos(t), radius_deg * sin(t)) for t in turns]


def _corners(footprint: Footprint) -> list[Polygon]:
    match footprint:
        case Rectangle(width, height):
            w, h = width / 2, height / 2
            return [[(-w, -h), (0, -h), (w, -h), (w, 0), (w, h), (0, h), (-w, h), (-w, 0)]]
        case Circle(radius):
            return [circle_offsets(radius)]
        case Polygons(polygons):
            return [list(corners) for corners in polygons]
        case _:
            assert_never(footprint)
