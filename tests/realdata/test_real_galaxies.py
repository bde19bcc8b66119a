"""Real galaxies of GLADE and the real map of S190814bv."""

from pathlib import Path

import numpy as np
import pytest

from coordinator.catalogues.build import build
from coordinator.catalogues.index import GalaxyIndex
from coordinator.catalogues.manifest import completeness_of
from coordinator.planning.galaxy_fields import galaxy_fields
from coordinator.planning.galaxy_weights import GalaxyTargets, galaxy_targets
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_ranges, density_at
from coordinator.sky.skymap import SkyMap
from telescopes.description.footprint import Rectangle
from telescopes.description.geometry import inside

pytestmark = pytest.mark.realdata

NARROW = Rectangle(0.3, 0.3)


@pytest.fixture(scope="module")
def index(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> GalaxyIndex:
    folder = tmp_path_factory.mktemp("glade") / "index"
    build([shared_data / "catalogues" / "glade_s190814bv.csv"], folder)
    return GalaxyIndex.open(folder)


@pytest.fixture(scope="module")
def sky(shared_data: Path) -> SkyMap:
    return read_skymap((shared_data / "skymaps" / "S190814bv.LALInference.v1.multiorder.fits").read_bytes())


@pytest.fixture(scope="module")
def targets(index: GalaxyIndex, sky: SkyMap) -> GalaxyTargets:
    found = galaxy_targets(index.lots(), sky, 100, completeness_of("B<17.5"))
    assert found is not None
    return found


def test_the_extract_is_read_whole_and_what_it_lacks_is_unknown(index: GalaxyIndex) -> None:
    known = index.manifest.known
    assert (index.manifest.galaxies, index.manifest.bad) == (2000, 0)
    assert (known["b_mag"], known["k_mag"], known["mass_msun"], known["distance_err_mpc"]) == (371, 371, 0, 0)
    assert index.manifest.completeness is None


def test_the_most_probable_galaxies_lie_in_the_region_and_at_its_distance(
    index: GalaxyIndex, sky: SkyMap, targets: GalaxyTargets
) -> None:
    best = np.argsort(-targets.weight)[:20]
    ra, dec = targets.galaxies.ra_deg[best], targets.galaxies.dec_deg[best]
    assert (density_at(sky, ra, dec)[1] < 0.9).all()
    assert (np.abs(targets.galaxies.distance_mpc[best] - 267) < 110).all()
    assert all(index.names(targets.galaxies.row[best]))
    assert "by B magnitude" in targets.said[0]


def test_the_far_galaxies_of_the_extract_count_for_nothing(targets: GalaxyTargets) -> None:
    assert targets.counted < 2000
    far = targets.galaxies.distance_mpc > 1000
    assert float(targets.weight[far].sum()) < 1e-6


def test_catalogue_and_tiles_share_the_whole_map(sky: SkyMap, targets: GalaxyTargets) -> None:
    assert targets.held is not None and 0.5 < targets.held < 0.7
    assert targets.weight.sum() == pytest.approx(1.0, abs=1e-6)
    assert targets.value.sum() + targets.tiles_probability.sum() == pytest.approx(1.0, abs=1e-6)


def test_a_query_of_the_region_leaves_out_nothing_that_counts(
    index: GalaxyIndex, sky: SkyMap, targets: GalaxyTargets
) -> None:
    within = index.galaxies(credible_ranges(sky, 0.99), (50.0, 500.0))
    kept = np.isin(targets.galaxies.row, within.row)
    assert float(targets.weight[kept].sum()) > 0.95


def test_a_few_fields_hold_several_galaxies_each(targets: GalaxyTargets) -> None:
    fields = galaxy_fields(NARROW, targets, np.ones(len(targets.galaxies), bool), 20)
    assert len(fields) == 20
    assert np.diff(fields.first).max() >= 3
    covered = np.unique(fields.galaxy)
    single = np.sort(targets.value)[::-1][:20].sum()
    assert targets.value[covered].sum() > 1.1 * single
    for i in range(5):
        place = targets.galaxies.ra_deg, targets.galaxies.dec_deg
        mine = np.flatnonzero(inside(NARROW, fields.ra_deg[i], fields.dec_deg[i], 0.0, *place))
        assert fields.galaxy[fields.first[i] : fields.first[i + 1]].tolist() == mine.tolist()
