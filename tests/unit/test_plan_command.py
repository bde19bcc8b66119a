"""`armillary plan` from the outside."""

import json
from pathlib import Path

import pytest
import typer
from builders.plan_files import a_map_file, a_site_file
from typer.testing import CliRunner

from coordinator.cli.app import build
from telescopes.description.errors import Refused


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    return build()


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    folder = tmp_path / "sites"
    for name, size in (("wide", 4.0), ("narrow", 1.0)):
        a_site_file(folder, name, size, exposure_s=120.0, depth=False)
    return folder


def a_map(path: Path, with_time: bool = True) -> Path:
    """A small multi-order map in the southern sky."""
    return a_map_file(path, "S1", "2019-08-14T21:10:39.0" if with_time else None, sigma_deg=3.0, order=6)


def test_a_map_and_sites_give_a_plan_as_json(app: typer.Typer, tmp_path: Path, sites: Path) -> None:
    sky = a_map(tmp_path / "sky.fits")
    result = CliRunner().invoke(app, ["plan", str(sky), "--sites", str(sites), "--json", "-"])
    document = json.loads(result.stdout)
    assert document["schema"] == "armillary.plan/1" and document["event"]["id"] == "S1"
    assert document["probability"]["duplicates"] == 0 and document["probability"]["planned"] > 0.8
    assert document["window"]["start"] == "2019-08-14T21:10:39.000Z"
    assert {t["id"] for t in document["telescopes"]} == {"wide", "narrow"}
    assert set(document["timing"]) == {"read_s", "visibility_s", "tiles_s", "allocate_s", "total_s", "cpu_s"}
    assert min(document["timing"].values()) >= 0 and document["timing"]["cpu_s"] > 0


@pytest.mark.slow
def test_what_an_earlier_plan_observed_is_not_planned_again(app: typer.Typer, tmp_path: Path, sites: Path) -> None:
    sky, first = a_map(tmp_path / "sky.fits"), tmp_path / "first.json"
    runner = CliRunner()
    runner.invoke(app, ["plan", str(sky), "--sites", str(sites), "--json", str(first)])
    again = runner.invoke(app, ["plan", str(sky), "--sites", str(sites), "--observed", str(first), "--json", "-"])
    before = json.loads(first.read_text())["probability"]["planned"]
    assert json.loads(again.stdout)["probability"]["planned"] < 0.2 * before


def test_the_table_says_what_is_planned_and_why_a_place_is(app: typer.Typer, tmp_path: Path, sites: Path) -> None:
    sky = a_map(tmp_path / "sky.fits")
    command = ["plan", str(sky), "--sites", str(sites), "--hours", "12", "--visits", "1,2", "--explain", "13,-25"]
    out = CliRunner().invoke(app, command).stdout
    assert "duplicates 0" in out and "within reach" in out
    assert "wide looks at" in out and "narrow, visit 1: within limits between" in out


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--explain", "here"], "is no place"),
        (["--explain", "10,-95"], "not on the sky"),
        (["--start", "soon"], "is no instant"),
        (["--start", "9999-12-31T23:00:00"], "cannot begin in the year 9999; give --start in the years 1900 to 2098"),
        (["--start", "0001-01-01T00:00:00+05:00"], "cannot begin in the year 1"),
        (["--start", "1850-06-01T00:00:00"], "cannot begin in the year 1850"),
        (["--visits", "1,1"], "one twice"),
        (["--observed", "missing.json"], "cannot be read"),
        (["--catalogue", "missing"], "is no catalogue"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(
    app: typer.Typer, tmp_path: Path, sites: Path, options: list[str], word: str
) -> None:
    sky = a_map(tmp_path / "sky.fits")
    result = CliRunner().invoke(app, ["plan", str(sky), "--sites", str(sites), *options])
    assert isinstance(result.exception, Refused) and word in str(result.exception)


def test_what_others_report_is_not_planned_again_and_what_is_not_known_is_said(
    app: typer.Typer, tmp_path: Path, sites: Path
) -> None:
    sky, reports = a_map(tmp_path / "sky.fits"), tmp_path / "reports.json"
    report = {"ra": 13.0, "dec": -25.0, "time": "2019-08-15T01:00:00", "instrumentid": "big", "band": "r"}
    footprint = {"instrumentid": "big", "footprint": "POLYGON ((-20 -20, 20 -20, 20 20, -20 20, -20 -20))"}
    reports.write_text(json.dumps({"pointings": [report], "footprints": [footprint]}))
    command = ["plan", str(sky), "--sites", str(sites), "--objective", "probability", "--json", "-", "--observed"]
    seen = CliRunner().invoke(app, [*command, str(reports)])
    assert json.loads(seen.stdout)["pointings"] == []
    assert "1 pointings without a depth in AB magnitudes" in seen.stderr
    (tmp_path / "seen.moc").write_text("2/0-191")
    assert json.loads(CliRunner().invoke(app, [*command, str(tmp_path / "seen.moc")]).stdout)["pointings"] == []


def test_an_impossible_search_is_an_empty_plan_that_explains_itself(
    app: typer.Typer, tmp_path: Path, sites: Path
) -> None:
    sky = a_map(tmp_path / "sky.fits")
    for file in sites.glob("*.toml"):
        file.write_text(file.read_text().replace("latitude_deg = -29.26", "latitude_deg = 75.0"))
    done = CliRunner().invoke(app, ["plan", str(sky), "--sites", str(sites), "--start", "2019-12-15T00:00:00"])
    assert done.exit_code == 0
    assert done.stdout.count("region never above 20 deg while dark: at most") == 2
    assert "0 pointings" in done.stdout and "planned 0.00 %" in done.stdout


def test_a_map_without_a_time_must_be_given_one(app: typer.Typer, tmp_path: Path, sites: Path) -> None:
    sky = a_map(tmp_path / "sky.fits", with_time=False)
    refused = CliRunner().invoke(app, ["plan", str(sky), "--sites", str(sites)])
    assert "--start" in str(refused.exception)
    command = ["plan", str(sky), "--sites", str(sites), "--start", "2019-08-15T00:00:00", "--json", "-"]
    document = json.loads(CliRunner().invoke(app, command).stdout)
    assert document["window"]["start"] == "2019-08-15T00:00:00.000Z" and document["event"]["t0"] is None


@pytest.mark.parametrize(
    ("site", "options", "because"),
    [
        ("min_altitude_deg = 75.0", [], "region never above 75 deg while dark: at most "),
        ("declination_deg = [40.0, 90.0]", [], "region outside its declination or hour angle limits"),
        ("max_sun_altitude_deg = -89.0", [], "daylight the whole window: the Sun is never below"),
        ("", ["--hours", "1"], "daylight the whole window: the Sun is never below"),
        ("", ["--start", "2019-08-15T16:00:00", "--hours", "2"], "daylight the whole window"),
    ],
)
def test_an_impossible_instance_gives_an_empty_plan_that_explains_itself(
    app: typer.Typer, tmp_path: Path, site: str, options: list[str], because: str
) -> None:
    sky, folder = a_map(tmp_path / "sky.fits"), tmp_path / "network"
    file = a_site_file(folder, "t", 1.0, exposure_s=120.0, depth=False)
    file.write_text(file.read_text().replace("-29.26", "20.0") + f"[limits]\n{site}\n")
    command = ["plan", str(sky), "--sites", str(folder), *options]
    result = CliRunner().invoke(app, [*command, "--json", "-", "--explain", "13,-25"])
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["pointings"] == [] and document["probability"]["planned"] == 0.0
    assert document["telescopes"][0]["idle_because"].startswith(because)
    assert "nobody looks" in result.stderr and "t: " in result.stderr
    table = CliRunner().invoke(app, command)
    assert table.exit_code == 0 and because.split(":")[0] in table.stdout and "0 pointings" in table.stdout
