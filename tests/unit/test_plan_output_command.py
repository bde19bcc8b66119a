"""`armillary plan --output` from the outside: which files are written, and what is refused beforehand."""

import json
import shlex
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import typer
from astropy.table import QTable
from builders.plan_files import a_site_file
from builders.planned import a_search
from typer.testing import CliRunner

from coordinator.cli.app import build
from coordinator.cli.plan_output import outputs_of, write_outputs
from coordinator.publishing.registry import FORMATS
from coordinator.simulation.built_in_map import Strip, strip_map
from telescopes.description.errors import Refused


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    return build()


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """A plan of one telescope over the built-in map."""
    (tmp_path / "sky.fits").write_bytes(strip_map(Strip()))
    site = a_site_file(tmp_path, "wide", 4.0, exposure_s=120.0, depth=False)
    return ["plan", str(tmp_path / "sky.fits"), "--sites", str(site), "--hours", "12"]


def written(folder: Path, *names: str) -> list[str]:
    """Write the plan of the builder to names in a folder; return what lies there afterwards."""
    write_outputs(a_search(), outputs_of([str(folder) + "/" + name for name in names]))
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_command_writes_beside_the_table(app: typer.Typer, command: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [*command, "-o", str(tmp_path / "plan.ecsv"), "-o", f"{tmp_path}/observers/"])
    assert result.exit_code == 0, result.output
    assert "window" in result.stdout and "wrote" in result.stderr and "plan.ecsv" in result.stderr
    table = QTable.read(tmp_path / "plan.ecsv", format="ascii.ecsv")
    sheet = (tmp_path / "observers" / "wide.txt").read_text()
    assert len(table) == sum(line.split()[:1] != [] and line.split()[0].isdigit() for line in sheet.splitlines())


def test_standard_output_stays_json_when_files_are_written(
    app: typer.Typer, command: list[str], tmp_path: Path
) -> None:
    result = CliRunner().invoke(app, [*command, "--json", "-", "-o", str(tmp_path / "plan.json")])
    printed, filed = json.loads(result.stdout), json.loads((tmp_path / "plan.json").read_text())
    assert printed == filed


@pytest.mark.slow
def test_every_format_is_written_under_its_name(tmp_path: Path) -> None:
    names = [f"plan{form.suffix}" for form in FORMATS]
    assert written(tmp_path, *names) == sorted(names)
    assert all((tmp_path / name).stat().st_size > 0 for name in names)


def test_a_folder_gets_a_sheet_for_each_telescope(tmp_path: Path) -> None:
    assert written(tmp_path, "night/") == [f"night/{t}.txt" for t in ("box", "disc", "idle", "mosaic")]


def test_a_folder_that_exists_needs_no_slash(tmp_path: Path) -> None:
    (tmp_path / "night").mkdir()
    assert len(written(tmp_path, "night")) == 4


def test_braces_give_a_file_for_each_telescope_and_visit(tmp_path: Path) -> None:
    names = written(tmp_path, "{telescope}.moc.json", "visit-{visit}.reg", "{telescope}.{visit}.json")
    assert [n for n in names if n.endswith(".reg")] == ["visit-1.reg", "visit-2.reg"]
    assert len([n for n in names if n.endswith(".moc.json")]) == 4
    boxes = json.loads((tmp_path / "box.2.json").read_text())["pointings"]
    assert [p["visit"] for p in boxes] == ["2"] and {p["telescope"] for p in boxes} == {"box"}


@pytest.mark.parametrize("name", ["v-{visit}.reg", "{telescope}{visit}.json"])
def test_two_visits_that_would_be_one_file_are_refused_before_any_is_written(tmp_path: Path, name: str) -> None:
    search = a_search(())
    visits = ({"name": "a:b"}, {"name": "a-b"})
    unlike = replace(search, event=replace(search.event, visits=visits))
    with pytest.raises(Refused, match=r"two parts of the plan would both be written to .*a-b"):
        write_outputs(unlike, outputs_of([f"{tmp_path}/{name}"]))
    with pytest.raises(Refused, match="would both be written"):
        write_outputs(a_search(), outputs_of([f"{tmp_path}/v-{{visit}}.reg", f"{tmp_path}/v-1.reg"]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_names_in_the_guide_are_written_as_it_says(tmp_path: Path) -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "guides" / "plan-outputs.md").read_text(encoding="utf-8")
    lines = [shlex.split(line) for line in guide.splitlines() if line.startswith("armillary plan ")]
    names = [name for words in lines for option, name in pairwise(words) if option == "-o"]
    assert len(names) == 9
    files = written(tmp_path, *names)
    assert {"plan.png", "plan.html", "plan.obsplan.xml", "observers/idle.txt", "visit-2.reg"} <= set(files)
    assert all(f"`{form.suffix}`" in guide for form in FORMATS)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("plan.pdf", "no format has this ending"),
        ("plan", "no format has this ending"),
        ("missing/plan.png", "there is no folder"),
        ("missing/deeper/", "there is no folder"),
        ("{site}.reg", "something else in braces"),
        ("{.reg", "is no name of a file"),
    ],
)
def test_a_wrong_name_is_refused_before_the_map_is_read(app: typer.Typer, tmp_path: Path, name: str, word: str) -> None:
    result = CliRunner().invoke(app, ["plan", "no-such-map.fits", "--output", f"{tmp_path}/{name}"])
    assert isinstance(result.exception, Refused) and word in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_name_given_twice_and_a_file_in_the_place_of_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(Refused, match="given twice"):
        outputs_of(["a.reg", "a.reg"])
    with pytest.raises(Refused, match="is a file"):
        outputs_of([f"{tmp_path}/taken/"])


def test_a_file_that_cannot_be_written_is_refused_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "plan.reg").mkdir()
    (tmp_path / "plan.reg" / "wide.txt").mkdir()
    outputs = outputs_of([f"{tmp_path}/gone/"])
    (tmp_path / "gone").write_text("")
    with pytest.raises(Refused, match="writable folder"):
        write_outputs(a_search(), outputs)
