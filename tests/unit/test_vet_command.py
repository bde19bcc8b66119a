"""`armillary vet` weighs a table of detections against a map, offline."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from builders.fits_maps import CENTRE, blob, multiorder_map
from typer.testing import CliRunner

from coordinator.cli.vet import register
from telescopes.description.errors import Refused

HEADER = {"DATE-OBS": "2026-03-20T00:00:00"}


@pytest.fixture(scope="module")
def skymap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round map, 100 +- 20 Mpc away."""
    nside = 32
    order = np.full(12 * nside**2, 5, np.int64)
    path = tmp_path_factory.mktemp("maps") / "map.fits"
    path.write_bytes(multiorder_map(order, np.arange(order.size, dtype=np.int64), blob(nside), **HEADER))
    return path


def run(table: Path, skymap: Path, *options: str) -> Any:
    app = typer.Typer()
    app.callback()(lambda: None)  # with one command alone, its name would not be asked for
    register(app)
    result = CliRunner().invoke(app, ["vet", str(table), "--skymap", str(skymap), *options])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document_of(table: Path, skymap: Path, *options: str) -> dict[str, Any]:
    result = run(table, skymap, "--json", "-", *options)
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "candidates.csv"
    path.write_text(
        "id,ra,dec,time,mag,redshift,mood\n"
        f"inside,{CENTRE[0]},{CENTRE[1]},2026-03-20T08:00:00,18.1,0.0228,calm\n"
        f"inside,{CENTRE[0]},{CENTRE[1]},2026-03-20T09:00:00,18.1,,calm\n"
        "outside,300.0,-60.0,2026-03-20T08:00:00,17.0,--,wild\n"
    )
    return path


def test_the_document_is_the_contract_best_first(table: Path, skymap: Path) -> None:
    document = document_of(table, skymap)
    assert document["schema"] == "armillary.vetting/1"
    assert set(document) == {"schema", "prior", "p_none", "candidates"}
    assert set(document["prior"]) == {"q", "n_all", "density_deg2", "because"}
    best, other = document["candidates"]
    assert (best["id"], best["detections"], other["id"], other["verdict"]) == ("inside", 2, "outside", "rejected")
    assert set(best) == {
        *("id", "ra_deg", "dec_deg", "credible_level", "probability", "log_odds", "verdict", "detections", "checks"),
        "kinds",
    }
    assert {"name", "log_bayes", "passed", "input", "source", "because", "as_of"} == set(best["checks"][0])
    total = document["p_none"] + best["probability"] + other["probability"]
    assert total == pytest.approx(1.0, abs=1e-12)


def test_what_is_not_understood_is_said_beside_the_document(table: Path, skymap: Path) -> None:
    result = run(table, skymap, "--json", "-")
    assert "ignored: mood" in result.stderr
    assert "ra as ra_deg" in result.stderr
    json.loads(result.stdout)


def test_without_json_a_person_reads_a_table(table: Path, skymap: Path) -> None:
    result = run(table, skymap)
    assert "inside" in result.stdout
    assert "none of these" in result.stdout


def test_ecsv_and_json_lines_say_the_same_as_csv(table: Path, skymap: Path, tmp_path: Path) -> None:
    rows = list(csv.DictReader(table.read_text().splitlines()))
    lines = tmp_path / "candidates.jsonl"
    lines.write_text("\n".join(json.dumps({k: v or None for k, v in row.items()}) for row in rows))
    ecsv = tmp_path / "candidates.ecsv"
    names = list(rows[0])
    columns = "".join(f"# - {{name: {name}, datatype: string}}\n" for name in names)
    body = "\n".join(" ".join(row[name] or "--" for name in names) for row in rows)
    ecsv.write_text(f"# %ECSV 1.0\n# ---\n# datatype:\n{columns}{' '.join(names)}\n{body}\n")
    expected = document_of(table, skymap)
    assert document_of(lines, skymap) == expected
    assert document_of(ecsv, skymap) == expected


def test_order_and_repetition_of_rows_change_nothing(table: Path, skymap: Path, tmp_path: Path) -> None:
    head, *rows = table.read_text().splitlines()
    other = tmp_path / "other.csv"
    other.write_text("\n".join([head, *reversed(rows), rows[0]]) + "\n")
    assert document_of(other, skymap) == document_of(table, skymap)


def test_detections_without_ids_are_joined_by_place(skymap: Path, tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("ra,dec,mjd\n150.0,20.0,61119.3\n150.0001,20.0,61119.4\n151.0,20.0,61119.3\n")
    assert sorted(c["detections"] for c in document_of(path, skymap)["candidates"]) == [1, 2]


def test_prior_and_density_are_as_given(table: Path, skymap: Path) -> None:
    prior = document_of(table, skymap, "--prior", "0.2", "--density", "3")["prior"]
    assert (prior["q"], prior["density_deg2"]) == (0.2, 3.0)
    assert prior["n_all"] == pytest.approx(3 * 41253, rel=1e-4)


def test_a_prior_of_nothing_leaves_nobody(table: Path, skymap: Path) -> None:
    assert document_of(table, skymap, "--prior", "0")["p_none"] == 1.0


def test_the_event_time_may_be_given(table: Path, skymap: Path) -> None:
    late = document_of(table, skymap, "--t0", "2026-03-21T00:00:00")
    checks = {c["name"]: c["log_bayes"] for c in late["candidates"][0]["checks"]}
    assert checks["time"] == -7.0


@pytest.mark.parametrize(
    ("content", "options", "what"),
    [
        ("id,ra\nx,1\n", (), "no column dec_deg"),
        ("", (), "no rows"),
        ("id,ra,dec\nx,1,2\n", ("--columns", "id"), "says nothing"),
        ("id,ra,dec\nx,1,2\n", ("--t0", "tomorrow"), "no ISO time"),
        ("[1, 2]", (), "something else than objects"),
        ("{broken", (), "no valid JSON"),
        ("# %ECSV 1.0\nra dec\n1 2\n", (), "no valid ECSV"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    skymap: Path, tmp_path: Path, content: str, options: tuple[str, ...], what: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content)
    with pytest.raises(Refused) as refused:
        run(path, skymap, *options)
    assert what in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_broken_line_of_json_lines_is_named_by_its_number(skymap: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    good = '{"id": "x", "ra": 1, "dec": 2}'
    path.write_text(f"{good}\n\n{{broken\n{good}\n")
    with pytest.raises(Refused, match="line 3: is no valid JSON"):
        run(path, skymap)


def test_a_missing_file_and_a_missing_map_are_refused(table: Path, skymap: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        run(tmp_path / "none.csv", skymap)
    with pytest.raises(Refused, match="cannot be read"):
        run(table, tmp_path / "none.fits")


@pytest.mark.realdata
def test_the_published_levels_of_s190814bv(shared_data: Path) -> None:
    folder = shared_data / "candidates"
    listed = folder / "S190814bv_candidates.csv"
    document = document_of(listed, folder / "GW190814_skymap.fits.gz", "--columns", "id=name,time=discovery_date")
    with listed.open() as file:
        level = {row["name"]: float(row["2d_probability"]) for row in csv.DictReader(file)}
    assert len(document["candidates"]) == 189
    assert max(abs(c["credible_level"] - level[c["id"]]) for c in document["candidates"]) <= 1e-9
    assert document["p_none"] >= 0.2


def test_galaxies_of_a_catalogue_are_hosts(table: Path, skymap: Path, tmp_path: Path) -> None:
    galaxies = tmp_path / "galaxies.csv"
    galaxies.write_text(
        "name,ra,dec,dist,Bmag\n"
        f"NGC 1,{CENTRE[0]},{CENTRE[1] + 5 / 3600},100.0,14.0\n"
        "far off,1.0,2.0,,14.0\n"
        "bad,x,2.0,3,4\n"
    )
    result = run(table, skymap, "--json", "-", "--catalogue", str(galaxies))
    assert "1 galaxies without distance are left out" in result.stderr
    assert "ra is 'x', no number" in result.stderr
    best = json.loads(result.stdout)["candidates"][0]
    told = {c["name"]: c for c in best["checks"]}
    assert told["galaxy"]["log_bayes"] == 0.5
    assert told["galaxy"]["source"] == "galaxies of galaxies.csv"
    without = {c["name"]: c for c in document_of(table, skymap)["candidates"][0]["checks"]}
    assert without["galaxy"]["log_bayes"] == 0.0


def test_a_catalogue_that_is_none_is_refused(table: Path, skymap: Path, tmp_path: Path) -> None:
    for wrong in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(Refused) as refused:
            run(table, skymap, "--catalogue", str(wrong))
        assert refused.value.mend
