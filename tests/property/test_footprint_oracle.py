"""Footprints at random places against testing every pixel."""

import healpy
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.geometry import circumradius_deg, inside

NSIDE = 1 << RANGE_ORDER
SIZE = st.floats(0.02, 1.6)
PLACE = st.floats(-1, 1).map(lambda place: round(place, 9))  # a corner is never known to less than microarcseconds
CORNER = st.tuples(PLACE, PLACE)
SHAPES: st.SearchStrategy[Footprint] = st.one_of(
    st.builds(Rectangle, SIZE, SIZE),
    st.builds(Circle, SIZE),
    st.lists(st.lists(CORNER, min_size=3, max_size=6).map(tuple), min_size=1, max_size=3).map(
        lambda polygons: Polygons(tuple(polygons))
    ),
)


@settings(max_examples=60)
@given(footprint=SHAPES, ra_deg=st.floats(0, 360), dec_deg=st.floats(-90, 90), angle_deg=st.floats(-180, 360))
def test_a_footprint_is_its_pixels_anywhere(
    footprint: Footprint, ra_deg: float, dec_deg: float, angle_deg: float
) -> None:
    ranges = footprint_ranges(footprint, ra_deg, dec_deg, angle_deg)
    radius = np.radians(circumradius_deg(footprint) * 1.01 + 0.03)
    near = np.sort(healpy.query_disc(NSIDE, healpy.ang2vec(ra_deg, dec_deg, lonlat=True), radius, nest=True))
    ra, dec = healpy.pix2ang(NSIDE, near, nest=True, lonlat=True)
    expected = near[inside(footprint, ra_deg, dec_deg, angle_deg, ra, dec)]
    found = pixels_of(ranges)
    # Only a centre on the very edge may differ, by rounding.
    assert np.setxor1d(found, expected).size <= 2 + found.size // 1000


def pixels_of(ranges: Ranges) -> np.ndarray:
    parts = [np.arange(low, high) for low, high in zip(ranges.low, ranges.high, strict=True)]
    return np.concatenate([np.empty(0, np.int64), *parts])
