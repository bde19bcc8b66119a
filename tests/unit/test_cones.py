"""Cones in a catalogue hold what lies in them, wherever on the sphere, and nothing else."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from coordinator.catalogues.cones import LARGEST_ARCSEC, cones
from coordinator.sky.nested import MAX_ORDER, pixel_at
from coordinator.vetting.tangent import ARCSEC, unit_vectors
from telescopes.description.errors import Refused

Places = tuple[np.ndarray, np.ndarray]


def awkward_places(radius_arcsec: float, rng: np.random.Generator) -> Places:
    """Everywhere, and along the edges of the twelve faces, at both poles, at RA 0, and where belt and caps meet."""
    near = radius_arcsec / 3600
    ra, dec = rng.uniform(0, 360, 1600), np.degrees(np.arcsin(rng.uniform(-1, 1, 1600)))
    ra[:400] = np.repeat(np.arange(8) * 45.0, 50) + rng.normal(0, near, 400)
    dec[400:550] = 90 - np.abs(rng.normal(0, 2 * near, 150))
    dec[550:700] = -90 + np.abs(rng.normal(0, 2 * near, 150))
    dec[700:900] = rng.choice([0.0, 41.8103149, -41.8103149], 200) + rng.normal(0, near, 200)
    return ra % 360, dec


def rows_around(places: Places, radius_arcsec: float, rng: np.random.Generator) -> tuple[np.ndarray, Places]:
    """Some rows near each place, half of them inside of the radius, along the curve."""
    ra, dec = np.repeat(places[0], 6), np.repeat(places[1], 6)
    centre = unit_vectors(ra, dec)
    off = rng.normal(0, 1, centre.shape)
    off -= np.sum(off * centre, axis=1, keepdims=True) * centre
    off /= np.linalg.norm(off, axis=1, keepdims=True)
    there = centre + off * np.tan(radius_arcsec * ARCSEC * np.sqrt(rng.uniform(0, 2, (ra.size, 1))))
    x, y, z = there.T
    ra, dec = np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arctan2(z, np.hypot(x, y)))
    key = pixel_at(MAX_ORDER, ra, dec)
    along = np.argsort(key)
    return key[along], (ra[along], dec[along])


@pytest.mark.parametrize("radius_arcsec", [0.5, 15.0, 300.0, LARGEST_ARCSEC])
def test_cones_hold_what_a_tree_of_unit_vectors_finds(radius_arcsec: float) -> None:
    rng = np.random.default_rng(1)
    places = awkward_places(radius_arcsec, rng)
    key, rows = rows_around(places, radius_arcsec, rng)
    found = cones(key, rows, *places, radius_arcsec)
    tree = cKDTree(unit_vectors(*rows))
    chord = 2 * np.sin(radius_arcsec * ARCSEC / 2)
    want = {(n, row) for n, its in enumerate(tree.query_ball_point(unit_vectors(*places), chord)) for row in its}
    assert len(want) > 4000
    assert set(zip(found.which.tolist(), found.row.tolist(), strict=True)) == want
    assert found.row.size == len(want)


def test_rows_come_by_place_the_nearest_first() -> None:
    key = pixel_at(MAX_ORDER, [10.0], [20.0])
    rows = np.array([10.0, 10.0, 10.0]), np.array([20.0 + 3 / 3600, 20.0, 20.0 + 1 / 3600])
    found = cones(np.repeat(key, 3), rows, [200.0, 10.0], [0.0, 20.0], 5.0)
    assert found.which.tolist() == [1, 1, 1]
    assert found.row.tolist() == [1, 2, 0]
    assert found.separation_arcsec == pytest.approx([0.0, 1.0, 3.0], abs=1e-6)


def test_an_empty_catalogue_and_no_places_find_nothing() -> None:
    none = np.zeros(0)
    assert cones(np.zeros(0, np.int64), (none, none), [1.0], [2.0], 5.0).row.size == 0
    assert cones(np.zeros(1, np.int64), (np.array([45.0]), np.array([0.0])), none, none, 5.0).row.size == 0


@pytest.mark.parametrize("radius_arcsec", [0.0, -1.0, LARGEST_ARCSEC + 1, np.nan])
def test_a_radius_that_is_none_is_refused(radius_arcsec: float) -> None:
    with pytest.raises(Refused, match="is no radius"):
        cones(np.zeros(0, np.int64), (np.zeros(0), np.zeros(0)), [1.0], [2.0], radius_arcsec)
