"""A footprint is exactly the pixels whose centres lie in it, wherever it stands."""

import healpy
import numpy as np
import pytest

from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.geometry import circumradius_deg, inside

NSIDE = 1 << RANGE_ORDER
L_SHAPE = ((0.0, 0.0), (1.5, 0.0), (1.5, 0.5), (0.5, 0.5), (0.5, 1.2), (0.0, 1.2))
CHIPS = tuple(((x, y), (x + 0.4, y), (x + 0.4, y + 0.45), (x, y + 0.45)) for x in (-0.5, 0.1) for y in (-0.55, 0.05))
TRIANGLE = ((-1.0, 0.2), (-0.4, 0.2), (-0.6, 0.9))
SHAPES: dict[str, Footprint] = {
    "tarot": Rectangle(1.9, 1.9),
    "wide": Rectangle(4.2, 4.2),
    "slit": Rectangle(0.33, 2.35),
    "narrow": Rectangle(0.1, 0.1),
    "tiny": Rectangle(0.004, 0.004),
    "circle": Circle(1.3),
    "chips with gaps": Polygons(CHIPS),
    "polygons of unlike corners, off the centre": Polygons((L_SHAPE, TRIANGLE)),
}
PLACES = [
    (359.999, 0.0, 0.0),
    (0.0, 0.0, 0.0),
    (45.0, 90.0, 30.0),
    (210.0, -89.9, 0.0),
    (359.99, 89.9, 77.0),
    (45.0, 41.8, 45.0),
    (17.3, -62.0, -120.0),
]


def brute_force(footprint: Footprint, ra_deg: float, dec_deg: float, angle_deg: float) -> np.ndarray:
    """All pixels of a generous disc, tested one by one by the formula of the definition."""
    centre = healpy.ang2vec(ra_deg, dec_deg, lonlat=True)
    radius = np.radians(circumradius_deg(footprint) * 1.01 + 0.03)
    pixels = np.sort(healpy.query_disc(NSIDE, centre, radius, nest=True))
    ra, dec = healpy.pix2ang(NSIDE, pixels, nest=True, lonlat=True)
    return pixels[inside(footprint, ra_deg, dec_deg, angle_deg, ra, dec)]


def pixels_of(ranges: Ranges) -> np.ndarray:
    parts = [np.arange(low, high) for low, high in zip(ranges.low, ranges.high, strict=True)]
    return np.concatenate([np.empty(0, np.int64), *parts])


def differing(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.setxor1d(found, expected)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("place", PLACES)
def test_a_footprint_is_exactly_its_pixels(shape: str, place: tuple[float, float, float]) -> None:
    ranges = footprint_ranges(SHAPES[shape], *place)
    odd = differing(pixels_of(ranges), brute_force(SHAPES[shape], *place))
    # A centre on the very edge may fall to either side by rounding.
    ra, dec = healpy.pix2ang(NSIDE, odd, nest=True, lonlat=True)
    turned = [inside(SHAPES[shape], place[0] + d, place[1], place[2], ra, dec) for d in (-1e-9, 1e-9)]
    assert (turned[0] != turned[1]).all()
    assert odd.size <= 4


@pytest.mark.parametrize("footprint", [Rectangle(20.0, 15.0), Circle(12.0), Rectangle(90.0, 60.0)])
def test_a_huge_footprint_is_exact_too(footprint: Footprint) -> None:
    found = footprint_ranges(footprint, 123.4, -35.0, 20.0)
    sample = np.random.default_rng(5).integers(0, 12 * NSIDE**2, 200_000)
    ra, dec = healpy.pix2ang(NSIDE, sample, nest=True, lonlat=True)
    at = np.searchsorted(found.low, sample, side="right") - 1
    covered = (at >= 0) & (sample < found.high[at])
    assert (covered == inside(footprint, 123.4, -35.0, 20.0, ra, dec)).all()


def test_a_footprint_smaller_than_a_pixel_may_hold_no_centre() -> None:
    assert footprint_ranges(Rectangle(1e-5, 1e-5), 10.0, 10.0, 0.0).pixels == 0
