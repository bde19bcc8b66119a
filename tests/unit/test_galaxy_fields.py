"""Fields for galaxies against the true footprint and a greedy choice one by one."""

from itertools import pairwise

import numpy as np
import pytest
from builders.galaxies import a_distant_blob, around

from coordinator.planning.completeness import table_of
from coordinator.planning.galaxies import Galaxies
from coordinator.planning.galaxy_fields import galaxy_fields, galaxy_items
from coordinator.planning.galaxy_weights import GalaxyTargets, galaxy_targets
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.geometry import inside

GAP = Polygons(
    (((-0.3, -0.3), (-0.05, -0.3), (-0.05, 0.3), (-0.3, 0.3)), ((0.05, -0.3), (0.3, -0.3), (0.3, 0.3), (0.05, 0.3)))
)
FOOTPRINTS = [Rectangle(0.4, 0.2), Circle(0.2), GAP]
PLACES = [(20.0, -20.0), (359.95, 0.0), (100.0, 89.7)]


def targets_of(galaxies: Galaxies, ra_deg: float = 20.0, dec_deg: float = -20.0) -> GalaxyTargets:
    found = galaxy_targets([galaxies], a_distant_blob(ra_deg, dec_deg), 10**6, table_of([(0.0, 1.0)], "all"))
    assert found is not None
    return found


@pytest.mark.parametrize("angle_deg", [0.0, 30.0])
@pytest.mark.parametrize("footprint", FOOTPRINTS, ids=lambda f: type(f).__name__)
@pytest.mark.parametrize("place", PLACES)
def test_the_galaxies_of_a_field_are_those_inside_its_footprint(
    footprint: Footprint, place: tuple[float, float], angle_deg: float
) -> None:
    galaxies = around(400, *place, 0.25 if place[1] > 80 else 1.5)
    targets = targets_of(galaxies, *place)
    fields = galaxy_fields(footprint, targets, np.ones(len(targets.galaxies), bool), 30, angle_deg)
    assert len(fields) > 3
    for i in range(len(fields)):
        within = inside(
            footprint,
            fields.ra_deg[i],
            fields.dec_deg[i],
            angle_deg,
            targets.galaxies.ra_deg,
            targets.galaxies.dec_deg,
        )
        mine = fields.galaxy[fields.first[i] : fields.first[i + 1]]
        assert mine.tolist() == np.flatnonzero(within).tolist()
        assert fields.weight[i] == pytest.approx(targets.value[mine].sum())


def one_by_one(first: np.ndarray, galaxy: np.ndarray, value: np.ndarray, count: int) -> float:
    """What the greedy choice of fields, one after the other, holds."""
    left = value.copy()
    for _ in range(count):
        gains = [left[galaxy[a:b]].sum() for a, b in pairwise(first)]
        best = int(np.argmax(gains))
        left[galaxy[first[best] : first[best + 1]]] = 0.0
    return float(value.sum() - left.sum())


@pytest.mark.parametrize("most", [3, 10, 40])
def test_the_first_fields_hold_nearly_what_a_greedy_choice_among_all_galaxies_holds_or_more(most: int) -> None:
    targets = targets_of(around(300, 20, -20, 2))
    footprint = Rectangle(0.4, 0.4)
    fields = galaxy_fields(footprint, targets, np.ones(len(targets.galaxies), bool), most)
    assert len(fields) <= most
    held = float(targets.value[np.unique(fields.galaxy)].sum())
    at_each = galaxy_items(footprint, targets.galaxies.vectors, targets.galaxies.vectors)
    assert held >= 0.95 * one_by_one(*at_each, targets.value, most)


def test_two_galaxies_that_fit_into_one_field_share_it() -> None:
    galaxies = Galaxies.of([20.0, 20.3], [-20.0, -20.0], [150.0, 150.0], mass_msun=1e10)
    fields = galaxy_fields(Rectangle(0.4, 0.4), targets_of(galaxies), np.ones(2, bool), 5)
    assert len(fields) == 1 and fields.galaxy.tolist() == [0, 1]
    assert fields.ra_deg[0] == pytest.approx(20.15, abs=1e-6)
    assert fields.weight[0] == pytest.approx(1.0)


def test_a_camera_with_a_gap_in_its_middle_looks_beside_the_gap() -> None:
    galaxies = Galaxies.of([20.0], [-20.0], [150.0], mass_msun=1e10)
    fields = galaxy_fields(GAP, targets_of(galaxies), np.ones(1, bool), 5)
    assert len(fields) == 1 and fields.galaxy.tolist() == [0]


def test_what_a_telescope_cannot_see_gets_no_field() -> None:
    targets = targets_of(around(100, 20, -20, 2))
    seen = targets.galaxies.dec_deg > -20
    fields = galaxy_fields(Rectangle(0.1, 0.1), targets, seen, 500)
    assert seen[fields.galaxy].all() and set(fields.galaxy) == set(np.flatnonzero(seen))
    assert len(galaxy_fields(Rectangle(0.1, 0.1), targets, np.zeros_like(seen), 500)) == 0
