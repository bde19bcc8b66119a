"""The index of galaxies against looking at every row."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from builders.galaxies import a_csv, a_distant_blob, strewn

from coordinator.catalogues.build import build
from coordinator.catalogues.index import GalaxyIndex
from coordinator.catalogues.region import catalogue_for
from coordinator.planning.catalogue import host_galaxies
from coordinator.planning.completeness import Completeness
from coordinator.planning.galaxy_weights import PER_CAPACITY
from coordinator.planning.luminosity import B_BAND
from coordinator.sky.coverage import Frames
from coordinator.sky.field_ranges import ranges_of_many
from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.errors import Refused
from telescopes.description.footprint import Circle

ROWS = 20_000


@pytest.fixture(scope="module")
def made() -> dict[str, np.ndarray]:
    return strewn(ROWS)


@pytest.fixture(scope="module")
def index(made: dict[str, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> GalaxyIndex:
    folder = tmp_path_factory.mktemp("catalogue")
    build([a_csv(folder / "table.csv", made)], folder / "index", note="made up")
    return GalaxyIndex.open(folder / "index")


def brute(made: dict[str, np.ndarray], region: Ranges, within: tuple[float, float] | None) -> set[str]:
    pixel = pixel_at(RANGE_ORDER, made["ra"], made["dec"])
    inside = np.zeros(ROWS, bool)
    for low, high in zip(region.low, region.high, strict=True):
        inside |= (pixel >= low) & (pixel < high)
    if within is not None:
        inside &= (made["mpc"] >= within[0]) & (made["mpc"] <= within[1])
    return {f"g{i}" for i in np.flatnonzero(inside)}


@pytest.mark.parametrize("within", [None, (100.0, 300.0)])
@pytest.mark.parametrize("centre", [(120.0, 35.0), (0.0, 10.0), (359.9, -5.0), (50.0, 89.9), (200.0, -90.0)])
def test_a_query_finds_what_looking_at_every_row_finds(
    index: GalaxyIndex, made: dict[str, np.ndarray], centre: tuple[float, float], within: tuple[float, float] | None
) -> None:
    (region,) = ranges_of_many(Circle(7.0), Frames.at([centre[0]], [centre[1]]))
    found = index.galaxies(region, within)
    assert set(index.names(found.row)) == brute(made, region, within) != set()
    assert (np.diff(found.key) >= 0).all()


def test_of_a_maps_galaxies_only_the_best_stay_in_memory(index: GalaxyIndex) -> None:
    sky = a_distant_blob(radius_deg=50.0)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        catalogue = catalogue_for(index, sky)
        hosts = host_galaxies(catalogue, sky)
        found = hosts.targets(4)
        held = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert found is not None and len(found.galaxies) == 4 * PER_CAPACITY
    bytes_of_all = sum(9 * lot.ra_deg.nbytes for lot in catalogue.lots)  # again, from disk
    assert held < 0.25 * bytes_of_all


def test_the_whole_sky_is_every_galaxy_once_along_the_curve(index: GalaxyIndex, made: dict[str, np.ndarray]) -> None:
    found = index.galaxies()
    assert len(found) == len(index) == ROWS
    number = np.array([int(name[1:]) for name in index.names(found.row)])
    assert sorted(number) == list(range(ROWS))
    assert np.allclose(found.ra_deg, made["ra"][number]) and np.allclose(found.dec_deg, made["dec"][number])
    assert np.allclose(found.distance_mpc, made["mpc"][number], rtol=1e-6)
    assert np.isnan(found.mass_msun).all()


def test_nothing_is_found_where_nothing_is(index: GalaxyIndex) -> None:
    assert len(index.galaxies(Ranges.empty())) == 0
    assert len(index.galaxies(None, (1e4, 2e4))) == 0


def test_the_manifest_says_what_went_in_and_what_is_known(index: GalaxyIndex) -> None:
    manifest = index.manifest
    assert (manifest.galaxies, manifest.sources[0].file, manifest.sources[0].rows) == (ROWS, "table.csv", ROWS)
    assert manifest.known["name"] == ROWS and manifest.known["b_mag"] == 0
    assert manifest.completeness is None and manifest.note == "made up"
    assert index.damaged() == []


def test_the_order_of_rows_changes_nothing(made: dict[str, np.ndarray], index: GalaxyIndex, tmp_path: Path) -> None:
    by = np.random.default_rng(5).permutation(ROWS)
    table = a_csv(tmp_path / "again.csv", made)
    lines = table.read_text().splitlines()
    table.write_text("\n".join([lines[0], *(lines[1 + i] for i in by)]))
    again = build([table], tmp_path / "index")
    assert again.files == index.manifest.files


def test_a_galaxy_that_two_tables_hold_is_there_once(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("name,ra,dec,dist\nsame,10,20,50\n" + f"{name},11,20,60\n,12,20,70\n")
    made = build([tmp_path / "one.csv", tmp_path / "two.csv"], tmp_path / "index")
    assert (made.galaxies, made.doubles) == (5, 1)  # galaxies without a name may be two


def test_doubles_are_found_when_others_are_at_the_same_place(tmp_path: Path) -> None:
    names = ("A", "B", "", "A", "C", "B", "", "A")
    distance = (50, 51, 52, 53, 54, 55, 56, 57)
    rows = (f"{name},10,20,{mpc}" for name, mpc in zip(names, distance, strict=True))
    (tmp_path / "t.csv").write_text("\n".join(["name,ra,dec,dist", *rows]))
    made = build([tmp_path / "t.csv"], tmp_path / "index")
    assert (made.galaxies, made.doubles) == (5, 3)
    index = GalaxyIndex.open(tmp_path / "index")
    found = index.galaxies()
    kept = dict(zip(index.names(found.row), found.distance_mpc, strict=True))
    assert (kept["A"], kept["B"], kept["C"]) == (50.0, 51.0, 54.0)  # of doubles the first


def test_a_column_that_was_changed_is_found(tmp_path: Path, made: dict[str, np.ndarray]) -> None:
    build([a_csv(tmp_path / "t.csv", made)], tmp_path / "index")
    column = tmp_path / "index" / "distance_mpc.npy"
    data = bytearray(column.read_bytes())
    data[-1] ^= 1
    column.write_bytes(data)
    assert GalaxyIndex.open(tmp_path / "index").damaged() == ["distance_mpc"]
    column.write_bytes(data[:-4000])
    with pytest.raises(Refused, match="distance_mpc"):
        GalaxyIndex.open(tmp_path / "index")


def test_an_index_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("name,ra,dec,dist\na,1,2,\n")
    with pytest.raises(Refused, match="no galaxy is left"):
        build([tmp_path / "bad.csv"], tmp_path / "index")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]
    with pytest.raises(Refused, match="exists"):
        build([tmp_path / "bad.csv"], tmp_path)


@pytest.mark.slow
def test_a_catalogue_of_the_whole_sky_is_measured(tmp_path: Path) -> None:
    """Galaxies drawn from the luminosity function, of which those brighter than a limit are in the table."""
    rng = np.random.default_rng(3)
    bright, furthest, limit = 0.1, 150.0, 15.0
    light = bright + rng.exponential(1.0, 2_000_000)  # the faint end is not needed: the catalogue has none of it
    light = light[rng.random(light.size) < (light / bright) ** B_BAND.slope]
    number = int(B_BAND.density_per_mpc3 * _bright_ones(bright) * 4 / 3 * np.pi * furthest**3)
    light = rng.choice(light, number)
    where = strewn(number, 4, furthest)
    apparent = B_BAND.characteristic_mag - 2.5 * np.log10(light) + 5 * np.log10(where["mpc"]) + 25
    seen = apparent < limit
    where = {key: values[seen] for key, values in where.items()}
    table = a_csv(tmp_path / "t.csv", where)
    lines = table.read_text().splitlines()
    magnitudes = apparent[seen]
    padding = 100_000 - len(magnitudes)
    text = [lines[0] + ",B", *(f"{line},{b:.4f}" for line, b in zip(lines[1:], magnitudes, strict=True))]
    far = strewn(max(padding, 0) + 10, 6, 5000.0)
    text += [f"far,{a:.6f},{d:.6f},9000," for a, d in zip(far["ra"], far["dec"], strict=True)]
    table.write_text("\n".join(text))
    held = build([table], tmp_path / "index").completeness
    assert held is not None and held.kind.startswith("measured: B")
    expected = Completeness.to_limit(B_BAND, limit)
    for mpc in (62.5, 87.5, 125.0):
        assert float(held.at(mpc)) == pytest.approx(float(expected.at(mpc)), abs=0.06)
    again = build([table, table], tmp_path / "twice")
    assert again.doubles == again.galaxies > 0 and again.completeness == held


def _bright_ones(least: float) -> float:
    """Integral of x**slope exp(-x) above a luminosity."""
    x = np.linspace(least, 40.0, 400_000)
    return float(np.sum(x**B_BAND.slope * np.exp(-x)) * (x[1] - x[0]))
