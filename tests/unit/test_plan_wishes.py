"""`armillary plan` with a source, a depth, bands or a dust map, from the outside."""

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from builders.plan_files import a_cone_file, a_site_file
from typer.testing import CliRunner

from coordinator.cli.app import build
from telescopes.description.errors import Refused


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    return build()


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An error circle of some arcminutes, as a multi-order map without distance."""
    return a_cone_file(tmp_path_factory.mktemp("sky") / "cone.fits")


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sites")
    for name, filter_name in (("one", "r"), ("two", "r"), ("three", "g")):
        a_site_file(folder, name, filter_name=filter_name)
    return folder


def asked(app: typer.Typer, sky: Path, sites: Path, *options: str) -> dict[str, object]:
    result = CliRunner().invoke(app, ["plan", str(sky), "--sites", str(sites), "--json", "-", *options])
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_auto_watches_an_error_circle_with_every_telescope(app: typer.Typer, sky: Path, sites: Path) -> None:
    made = asked(app, sky, sites, "--visits", "auto")
    assert [v["name"] for v in made["visits"]] == ["char:r:1", "char:g:1", "char:r:2"]  # type: ignore[attr-defined]
    assert {p["telescope"] for p in made["pointings"]} == {"one", "two", "three"}  # type: ignore[attr-defined]
    assert "notes" not in made


def test_bands_choose_the_watches(app: typer.Typer, sky: Path, sites: Path) -> None:
    made = asked(app, sky, sites, "--visits", "char", "--bands", "g")
    assert [(v["name"], v["filters"]) for v in made["visits"]] == [("char:g:1", ["g"])]  # type: ignore[attr-defined]


def test_a_source_is_in_the_plan_and_what_is_not_reached_in_its_notes(app: typer.Typer, sky: Path, sites: Path) -> None:
    made = asked(app, sky, sites, "--source", "21.5")
    assert made["visits"][0]["source"] == 21.5  # type: ignore[index]
    notes = made["notes"]
    assert isinstance(notes, list) and "no dust map" in notes[0]
    assert any("reaches 19.3 of 21.5 wanted" in note for note in notes[1:])


def test_observers_and_the_report_read_what_is_not_reached(
    app: typer.Typer, sky: Path, sites: Path, tmp_path: Path
) -> None:
    files = ("-o", f"{tmp_path}/plan.html", "-o", f"{tmp_path}/observers/")
    asked(app, sky, sites, "--visits", "char", "--depth", "22", *files)
    assert "# depth         visit char:g:1: reaches 19.3" in (tmp_path / "observers" / "three.txt").read_text()
    assert "three: visit char:g:1: reaches 19.3" in (tmp_path / "plan.html").read_text()


def test_a_depth_is_in_the_visits_of_the_contract(app: typer.Typer, sky: Path, sites: Path) -> None:
    made = asked(app, sky, sites, "--depth", "18.5")
    assert made["visits"] == [{"name": "1", "min_gap_s": 0.0, "filters": [], "depth_mag_ab": 18.5}]
    assert {p["count"] for p in made["pointings"]} == {3}  # type: ignore[attr-defined]


def test_a_dust_map_is_taken_into_account(app: typer.Typer, sky: Path, sites: Path, tmp_path: Path) -> None:
    import healpy

    healpy.write_map(str(tmp_path / "dust.fits"), np.full(12 * 16**2, 0.2), coord="C", dtype=np.float32)
    bare = asked(app, sky, sites, "--source", "18.2")
    dusty = asked(app, sky, sites, "--source", "18.2", "--dust", str(tmp_path / "dust.fits"))
    assert "notes" not in dusty
    counts = [{p["count"] for p in made["pointings"]} for made in (bare, dusty)]  # type: ignore[attr-defined]
    assert max(counts[0]) < min(counts[1])


@pytest.mark.parametrize(
    ("options", "where", "said"),
    [
        (("--source", "supernova"), "--source", "'supernova' is no source"),
        (("--source", "-40"), "--source", "no magnitude"),
        (("--source", "nan"), "--source", "no magnitude"),
        (("--depth", "99"), "--depth", "99 is no depth"),
        (("--source", "kilonova", "--depth", "20"), "--depth", "both"),
        (("--bands", "g"), "--bands", "no visit that has any"),
        (("--visits", "char", "--bands", "K"), "--bands", "no telescope has the band K"),
        (("--visits", "auto", "--bands", "g,K"), "--bands", "no telescope has the band K"),
        (("--visits", "char:r"), "--visits", "means nothing"),
        (("--visits", ","), "--visits", "names no visits"),
        (("--dust", "missing.fits"), "missing.fits", "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    app: typer.Typer, sky: Path, sites: Path, options: tuple[str, ...], where: str, said: str
) -> None:
    result = CliRunner().invoke(app, ["plan", str(sky), "--sites", str(sites), *options])
    assert result.exit_code != 0
    assert isinstance(result.exception, Refused)
    line = str(result.exception)
    assert line.startswith(f"{where}: ") and said in line and "\n" not in line
