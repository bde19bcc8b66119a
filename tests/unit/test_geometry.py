"""Footprints on the sky: east is left of north, edges are great circles, areas are solid angles."""

import numpy as np
import pytest

from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.geometry import area_deg2, circumradius_deg, inside, outline, unit_vectors

SQUARE = (((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)),)
OFFSET = (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),)


def test_x_points_east_and_y_north() -> None:
    north_east = Polygons(OFFSET)
    ra, dec = np.array([10.5, 9.5, 10.5, 9.5]), np.array([0.5, 0.5, -0.5, -0.5])
    assert inside(north_east, 10.0, 0.0, 0.0, ra, dec).tolist() == [True, False, False, False]


def test_a_position_angle_turns_the_footprint_from_north_through_east() -> None:
    slit = Rectangle(0.2, 2.0)
    ra, dec = np.array([10.0, 10.9]), np.array([0.9, 0.0])
    assert inside(slit, 10.0, 0.0, 0.0, ra, dec).tolist() == [True, False]
    assert inside(slit, 10.0, 0.0, 90.0, ra, dec).tolist() == [False, True]
    tip = Polygons((((-0.1, 0.5), (0.1, 0.5), (0.0, 1.0)),))
    assert inside(tip, 10.0, 0.0, 45.0, 10.5, 0.5).tolist() == [True]


def test_the_far_side_of_the_sky_is_never_inside() -> None:
    shapes: list[Footprint] = [Rectangle(2, 2), Circle(2), Polygons(SQUARE)]
    for shape in shapes:
        assert inside(shape, 10.0, 30.0, 0.0, [10.0, 190.0], [30.0, -30.0]).tolist() == [True, False]


@pytest.mark.parametrize("dec_deg", [0.0, 89.9, 90.0, -90.0, -45.0])
def test_fields_work_at_poles_and_across_the_seam(dec_deg: float) -> None:
    ring = [(x, y) for polygon in outline(Rectangle(1, 1), 359.9, dec_deg, 0.0) for x, y in polygon]
    ra, dec = np.array(ring).T
    assert inside(Rectangle(1.0001, 1.0001), 359.9, dec_deg, 0.0, ra, dec).all()
    assert not inside(Rectangle(0.9999, 0.9999), 359.9, dec_deg, 0.0, ra, dec).any()


def test_corners_are_circumradius_away() -> None:
    for shape in (Rectangle(4.2, 3.0), Polygons(SQUARE)):
        ra, dec = np.array(outline(shape, 77.0, -33.0, 12.0)[0]).T
        away = np.degrees(np.arccos(unit_vectors(ra, dec) @ unit_vectors(77.0, -33.0)))
        assert away.max() == pytest.approx(circumradius_deg(shape), rel=1e-9)


def test_a_circle_is_measured_on_the_sky() -> None:
    ra, dec = np.array(outline(Circle(5.0), 77.0, -33.0, 0.0)[0]).T
    away = np.degrees(np.arccos(unit_vectors(ra, dec) @ unit_vectors(77.0, -33.0)))
    assert away == pytest.approx(5.0, rel=1e-9)
    assert circumradius_deg(Circle(5.0)) == 5.0


@pytest.mark.parametrize(
    "shape",
    [
        Rectangle(1.9, 1.9),
        Rectangle(20, 15),
        Circle(10),
        Polygons(OFFSET),
        Polygons((*SQUARE, ((2, 0), (3, 0), (2, 5)))),
    ],
)
def test_an_area_is_a_solid_angle(shape: Footprint) -> None:
    rng = np.random.default_rng(8)
    # Uniform on the cap around the pole that holds the field; the share that hits is the area.
    reach = np.radians(circumradius_deg(shape) * 1.01)
    z = rng.uniform(np.cos(reach), 1, 400_000)
    hits = inside(shape, 0.0, 90.0, 0.0, rng.uniform(0, 360, z.size), np.degrees(np.arcsin(z)))
    cap_deg2 = 2 * np.pi * (1 - np.cos(reach)) * (180 / np.pi) ** 2
    assert area_deg2(shape) == pytest.approx(hits.mean() * cap_deg2, rel=0.01)


def test_small_areas_are_those_of_the_plane() -> None:
    assert area_deg2(Rectangle(0.1, 0.2)) == pytest.approx(0.02, rel=1e-5)
    assert area_deg2(Polygons(OFFSET)) == pytest.approx(1, rel=1e-3)
