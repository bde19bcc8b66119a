"""`armillary catalogue` from the outside."""

import json
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

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
    result = CliRunner().invoke(app, ["catalogue", *map(str, words)])
    if isinstance(result.exception, ArmillaryError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_building_says_what_is_kept_out_and_showing_says_it_again(app: typer.Typer, table: Path) -> None:
    folder = table.parent / "index"
    said = run(app, "build", table, "-o", folder, "--completeness", "50:1,100:0.5", "--note", "for a test")
    lines = [line.strip() for line in said.splitlines()]
    assert lines[0] == f"{folder}: 2 galaxies of 4 rows"
    assert "kept out: 1 without a distance" in lines
    assert f"{table}: line 4: ra is '1h', no number" in lines
    assert "1 values of k_mag say nothing and are unknown" in lines
    assert "completeness: 100 % at 50 Mpc, 50 % at 100 Mpc, 50 % at 200 Mpc, 50 % at 300 Mpc" in lines[-2]
    assert lines[-1] == "note: for a test"
    assert run(app, "show", folder, "--verify") == said


def test_the_manifest_comes_as_json(app: typer.Typer, table: Path) -> None:
    folder = table.parent / "index"
    made = json.loads(run(app, "build", table, "-o", folder, "--json", "-"))
    assert (made["schema"], made["galaxies"], made["completeness"]) == ("armillary.catalogue/1", 2, None)
    assert json.loads(run(app, "show", folder, "--json", "-")) == made


def test_a_column_that_is_not_read_is_said(app: typer.Typer, tmp_path: Path) -> None:
    table, folder = tmp_path / "t.parquet", tmp_path / "index"
    duckdb.sql(f"copy (select 1 as ra, 2 as dec, 50 as dist, [9, 9] as K) to '{table}' (format parquet)")
    said = run(app, "build", table, "-o", folder)
    assert f"  {table}: K holds no single values and is not read" in said.splitlines()
    assert run(app, "show", folder) == said


@pytest.mark.parametrize("word", ["B<x", "K<99", "100:0.5,50:1", "50:2", "nearly all", ""])
def test_a_completeness_that_says_nothing_is_refused(app: typer.Typer, table: Path, word: str) -> None:
    with pytest.raises(ArmillaryError, match=r"--completeness: .* is no completeness .*; give B<17.5"):
        run(app, "build", table, "-o", table.parent / "index", "--completeness", word)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("build", "none.csv", "-o", "index"), "none.csv: cannot be read"),
        (("show", "nowhere"), "nowhere: is no catalogue"),
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


def test_a_column_that_was_changed_is_refused_when_it_is_verified(app: typer.Typer, table: Path) -> None:
    folder = table.parent / "index"
    run(app, "build", table, "-o", folder)
    column = folder / "distance_mpc.npy"
    column.write_bytes(column.read_bytes()[:-4] + b"\0\0\0\0")
    run(app, "show", folder)
    with pytest.raises(ArmillaryError, match="not as it was written: distance_mpc"):
        run(app, "show", folder, "--verify")
