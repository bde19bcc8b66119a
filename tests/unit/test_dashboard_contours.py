"""Contours and outlines against healpy and plain trigonometry."""

from collections.abc import Sequence

import healpy
import numpy as np
import pytest
from numpy.typing import NDArray

from coordinator.dashboard.contours import coarsened, contour, credible_region, drawing_order, outline
from coordinator.dashboard.outlines import field_outline, on_sky
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.geometry import circumradius_deg
from telescopes.description.telescope import Instrument, Observing, Site, Telescope

ORDER = 7
NSIDE = 1 << ORDER


def distance_deg(ra_deg: float, dec_deg: float, points: NDArray[np.float64]) -> NDArray[np.float64]:
    there = healpy.ang2vec(ra_deg, dec_deg, lonlat=True)
    away: NDArray[np.float64] = np.degrees(np.arccos(np.clip(points @ there, -1, 1)))
    return away


def a_curve(ra_deg: float, dec_deg: float, width_deg: float) -> ProbabilityCurve:
    ipix = np.arange(12 * NSIDE**2)
    away = distance_deg(ra_deg, dec_deg, np.array(healpy.pix2vec(NSIDE, ipix, nest=True)).T)
    probability = np.exp(-((away / width_deg) ** 2) / 2)
    probability /= probability.sum()
    return ProbabilityCurve.of(SkyMap(np.full(ipix.size, ORDER), ipix, probability, MapFacts("0" * 64)))


def winding(edges: Sequence[list[tuple[float, float]]], ra_deg: float, dec_deg: float) -> float:
    """How often edges go round a direction, seen along it."""
    z = healpy.ang2vec(ra_deg, dec_deg, lonlat=True)
    x = np.cross([0.0, 0.0, 1.0] if abs(z[2]) < 0.9 else [1.0, 0.0, 0.0], z)
    y = np.cross(z, x)
    turns = 0.0
    for edge in edges:
        points = healpy.ang2vec(*np.array(edge).T, lonlat=True)
        angle = np.arctan2(points @ y, points @ x)
        turns += float(((np.diff(angle, append=angle[:1]) + np.pi) % (2 * np.pi) - np.pi).sum()) / (2 * np.pi)
    return turns


@pytest.mark.parametrize("centre", [(197.4, -23.4), (0.1, 10.0), (40.0, 89.5), (200.0, -88.0), (45.0, 41.8)])
def test_a_round_patch_has_one_round_contour_whatever_seam_or_pole_it_crosses(centre: tuple[float, float]) -> None:
    curve = a_curve(*centre, width_deg=4.0)
    for level in (0.5, 0.9):
        found = contour(curve, level)
        radius = 4.0 * np.sqrt(-2 * np.log(1 - level))
        assert found.area_deg2 == pytest.approx(np.pi * radius**2, rel=0.02)
        assert len(found.polygons) == 1
        edge = healpy.ang2vec(*np.array(found.polygons[0]).T, lonlat=True)
        assert distance_deg(*centre, edge) == pytest.approx(radius, abs=0.5)
        assert abs(winding(found.polygons, *centre)) == pytest.approx(1, abs=1e-6)


def test_the_region_holds_its_level_and_no_smaller_one_does() -> None:
    curve = a_curve(100.0, 20.0, 6.0)
    region = credible_region(curve, 0.9)
    assert curve.probability(region) >= 0.9
    least = np.min(np.interp(region.high, curve.edge, curve.total) - np.interp(region.low, curve.edge, curve.total))
    assert curve.probability(region) - least < 0.9


def test_a_hole_has_an_edge_of_its_own_that_goes_the_other_way_round() -> None:
    away = distance_deg(60.0, 30.0, np.array(healpy.pix2vec(NSIDE, np.arange(12 * NSIDE**2), nest=True)).T)
    edges = outline(np.flatnonzero((away < 10) & (away > 5)), ORDER)
    assert len(edges) == 2
    assert winding(edges, 60.0, 30.0) == pytest.approx(0, abs=1e-6)


def test_two_patches_have_two_edges() -> None:
    vectors = np.array(healpy.pix2vec(NSIDE, np.arange(12 * NSIDE**2), nest=True)).T
    both = (distance_deg(10.0, 0.0, vectors) < 5) | (distance_deg(200.0, 0.0, vectors) < 5)
    assert len(outline(np.flatnonzero(both), ORDER)) == 2


def test_a_region_smaller_than_a_pixel_is_still_drawn() -> None:
    speck = Ranges.of(np.array([123_456_789]), np.array([123_456_790]))
    order = drawing_order(speck)
    assert order == 12
    assert [len(loop) for loop in outline(coarsened(speck, order), order)] == [4]
    assert coarsened(speck, 5).size == 1


def test_neither_no_sky_nor_all_sky_has_an_edge() -> None:
    assert outline(coarsened(Ranges.empty(), 5), 5) == []
    assert outline(np.arange(12 * 4**3), 3) == []


def test_the_edges_of_pixels_that_touch_at_a_corner_are_closed() -> None:
    assert sum(len(edge) for edge in outline(np.array([0, 3]), 3)) == 8


def a_camera(footprint: Footprint) -> dict[str, Telescope]:
    camera = Instrument("main", ("clear",), footprint)
    return {"tca": Telescope("tca", "TCA", Site(0.0, 0.0), (camera,), Observing(60.0))}


def test_a_rectangle_is_as_wide_on_the_sky_as_it_says_even_near_the_pole() -> None:
    (field,) = field_outline(a_camera(Rectangle(2.0, 1.0)), "tca", "main", (123.0, 85.0), 0.0) or []
    corners = healpy.ang2vec(*np.array(field).T, lonlat=True)
    sides = [distance_deg(*field[i], corners[[i - 1]])[0] for i in range(4)]
    assert sorted(sides) == pytest.approx([1.0, 1.0, 2.0, 2.0], abs=2e-3)


def test_a_wide_field_is_drawn_as_the_sky_that_is_counted_as_covered() -> None:
    (field,) = on_sky(Rectangle(20.0, 20.0), (10.0, 40.0))
    corners = healpy.ang2vec(*np.array(field).T, lonlat=True)
    assert distance_deg(10.0, 40.0, corners) == pytest.approx([circumradius_deg(Rectangle(20.0, 20.0))] * 4, abs=1e-3)


def test_position_angle_turns_from_north_to_east() -> None:
    triangle = Polygons((((0.0, 1.0), (0.0, 0.0), (0.1, 0.0)),))
    ((ra, dec), *_) = on_sky(triangle, (100.0, 0.0), 90.0)[0]
    assert ra == pytest.approx(101.0, abs=1e-3)
    assert dec == pytest.approx(0.0, abs=1e-3)


def test_every_kind_of_footprint_has_an_outline() -> None:
    triangle = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    for footprint, loops in ((Circle(0.5), 1), (Polygons((triangle, triangle)), 2)):
        assert len(field_outline(a_camera(footprint), "tca", "main", (10.0, 10.0), 0.0) or []) == loops


def test_an_unknown_camera_has_no_outline() -> None:
    assert field_outline({}, "tca", "main", (0.0, 0.0), 0.0) is None
    assert field_outline(a_camera(Circle(1.0)), "tca", "other", (0.0, 0.0), 0.0) is None
