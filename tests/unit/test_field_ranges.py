"""Many fields at once cover exactly what each covers alone."""

import numpy as np
import pytest

from coordinator.sky.coverage import Frames, covers, size_deg
from coordinator.sky.field_ranges import ranges_of_many
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.ranges import Ranges
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle

TWO_CHIPS = Polygons((
    ((-1.0, -1.0), (-0.1, -1.0), (-0.1, 1.0), (-1.0, 1.0)),
    ((0.1, -1.0), (1.0, -1.0), (1.0, 1.0), (0.1, 1.0)),
))  # fmt: skip
SHAPES = [Rectangle(4.2, 4.2), Rectangle(1.9, 0.9), Rectangle(0.16, 0.16), Circle(1.1), Circle(12.0), TWO_CHIPS]


def places(seed: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """RA, Dec and position angle: poles, the wrap at RA 0, the edge of the polar caps, and anywhere."""
    rng = np.random.default_rng(seed)
    ra = np.r_[0.01, 359.99, 0.0, 100.0, 200.0, rng.uniform(0, 360, count)]
    dec = np.r_[0.0, 89.9, -90.0, -89.9, 41.81, np.degrees(np.arcsin(rng.uniform(-1, 1, count)))]
    return ra, dec, np.r_[0.0, 30.0, 0.0, 45.0, 0.0, rng.uniform(0, 360, count)]


@pytest.mark.parametrize("shape", SHAPES)
def test_each_field_has_exactly_the_pixels_whose_centre_lies_inside(shape: Footprint) -> None:
    ra, dec, angle = places(7, 12)
    many = ranges_of_many(shape, Frames.at(ra, dec, angle))
    for field, *where in zip(many, ra, dec, angle, strict=True):
        alone = footprint_ranges(shape, *where)
        assert np.array_equal(field.low, alone.low) and np.array_equal(field.high, alone.high)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("order", [2, 6, 9])
def test_a_cover_holds_the_whole_field_and_whole_pixels_nothing_else(shape: Footprint, order: int) -> None:
    ra, dec, angle = places(3, 4)
    frames = Frames.at(ra, dec, angle)
    cover, exact = covers(shape, frames, order), ranges_of_many(shape, frames)
    for number, field in enumerate(exact):
        mine = cover.field == number
        shift = 2 * (12 - cover.order[mine])
        low = cover.pixel[mine] << shift
        high = low + (1 << shift)
        whole = cover.whole[mine]
        assert field.minus(Ranges.of(low, high)).pixels == 0
        assert Ranges.of(low[whole], high[whole]).minus(field).pixels == 0


def test_no_fields_cover_nothing() -> None:
    assert ranges_of_many(Rectangle(1.0, 1.0), Frames.at([], [])) == []


def test_the_box_round_polygons_reaches_the_farthest_corner() -> None:
    assert size_deg(Polygons((((-0.5, 0.0), (2.0, -1.0), (0.0, 1.0)),))) == (4.0, 2.0)
    assert size_deg(Circle(0.5)) == (1.0, 1.0)
