"""What a footprint's grid leaves out of the sky, counted with random places: slivers of a stated size, no gaps."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from coordinator.planning.grid import Grid, grid
from coordinator.planning.tile_box import tile_box_deg
from coordinator.sky.coverage import Frames, contains
from telescopes.description.ephemeris import directions
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.geometry import circumradius_deg

PLACES = 40_000
CHIPS = Polygons(
    tuple(((x, y), (x + 0.9, y), (x + 0.9, y + 0.9), (x, y + 0.9)) for x in (-0.95, 0.05) for y in (-0.95, 0.05))
)
"""Four detectors with a gap of a tenth of a degree between them, in a box of 1.9 degrees."""

Region = tuple[float, float, float, float]
ALL, POLES, SEAM = (-90.0, 90.0, 0.0, 360.0), (84.0, 90.0, 0.0, 360.0), (-80.0, 80.0, 350.0, 370.0)
SIZES = ((1.0, 1.0), (1.9, 1.9), (4.2, 3.0), (9.0, 9.0))


def left_out(
    footprint: Footprint, tiling: Grid, region: Region = ALL, angle_deg: float = 0.0
) -> tuple[float, np.ndarray]:
    """Share of a region that no tile covers, and how far (degrees) the places left out are from the nearest centre."""
    rng = np.random.default_rng(5)
    south, north = np.sin(np.radians(region[:2]))
    places = directions(
        rng.uniform(region[2], region[3], PLACES), np.degrees(np.arcsin(rng.uniform(south, north, PLACES)))
    )
    frames = Frames.at(*tiling.centres(np.arange(tiling.first[-1])), angle_deg)
    reach = 2.0 * np.sin(np.radians(circumradius_deg(footprint)) / 2.0) * 1.001
    near = cKDTree(frames.centre).query_ball_point(places, reach)
    tile = np.concatenate([np.asarray(some, np.int64) for some in near])
    place = np.repeat(np.arange(PLACES), [len(some) for some in near])
    covered = np.zeros(PLACES, bool)
    covered[place[contains(footprint, frames, tile, places[place])]] = True
    chord, _ = cKDTree(frames.centre).query(places[~covered])
    return 1.0 - float(covered.mean()), np.degrees(2.0 * np.arcsin(chord / 2.0))


@pytest.mark.slow
@pytest.mark.parametrize(("region", "most"), [(ALL, 0.02), (SEAM, 0.025), (POLES, 0.08)], ids=["all", "RA 0", "pole"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.5, 0.25)])
def test_tiles_that_touch_leave_slivers_alone(
    size: tuple[float, float], shift: tuple[float, float], region: Region, most: float
) -> None:
    share, away_deg = left_out(Rectangle(*size), grid(*size, *shift), region)
    assert share < most
    # a sliver lies between tiles that are there: no place is farther from a tile than a little beyond its corner
    assert away_deg.max(initial=0.0) < 1.15 * circumradius_deg(Rectangle(*size))


@pytest.mark.slow
@pytest.mark.parametrize("size", [1.0, 1.9])
def test_an_overlap_of_a_hundredth_closes_nearly_all_of_them(size: float) -> None:
    assert left_out(Rectangle(size, size), grid(0.99 * size, 0.99 * size))[0] < 0.002


def test_gaps_between_detectors_are_not_covered() -> None:
    gaps = 1.0 - 4 * 0.9**2 / 1.9**2
    for angle in (0.0, 90.0, 180.0):
        assert left_out(CHIPS, grid(1.9, 1.9), angle_deg=angle)[0] == pytest.approx(gaps, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("angle", [10.0, 30.0, 45.0, 90.0, -120.0])
@pytest.mark.parametrize("footprint", [Rectangle(1.9, 1.9), Rectangle(4.2, 3.0), Rectangle(1.0, 3.0), Circle(1.2)])
def test_a_turned_camera_leaves_no_gaps_on_a_grid_of_its_own(footprint: Footprint, angle: float) -> None:
    width, height = tile_box_deg(footprint, angle)
    shrunk = 0.7 if isinstance(footprint, Circle) else 1.0  # the square inside the circle
    assert left_out(footprint, grid(width * shrunk, height * shrunk), angle_deg=angle)[0] < 0.012
    turned_back = tile_box_deg(footprint, 0.0)
    assert width * height <= turned_back[0] * turned_back[1] + 1e-9


def test_a_grid_for_an_upright_camera_has_gaps_for_a_turned_one() -> None:
    assert left_out(Rectangle(4.2, 3.0), grid(4.2, 3.0), angle_deg=90.0)[0] > 0.2
