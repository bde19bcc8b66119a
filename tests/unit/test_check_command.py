"""`armillary check` prints a line for each problem and for each good file."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from coordinator.cli.check import register
from telescopes.description.site_file import default_sites_folder

BROKEN = """
id = "Broken"
[site]
latitude_deg = 95
longitude_deg = 0
[[instruments]]
filters = ["r"]
footprint = {shape = "circle", radius_deg = 1}
[observing]
exposure_s = -1
"""


def run(*files: Path) -> tuple[int, list[str]]:
    app = typer.Typer()
    register(app)
    result = CliRunner().invoke(app, [str(file) for file in files])
    return result.exit_code, result.output.splitlines()


def test_a_good_file_is_one_line_and_success() -> None:
    path = default_sites_folder() / "tca.toml"
    assert run(path) == (0, [f"{path}: site file of tca (TAROT Calern), no problem"])


def test_a_folder_is_checked_file_by_file() -> None:
    code, lines = run(default_sites_folder())
    assert code == 0
    assert len(lines) == len(list(default_sites_folder().glob("*.toml")))


def test_every_problem_is_a_line_and_the_good_files_are_still_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(BROKEN)
    code, lines = run(default_sites_folder() / "tre.toml", path)
    assert code == 1
    assert len(lines) == 4
    assert lines[0].endswith("no problem")
    assert [line.split(": ")[1] for line in lines[1:]] == ["id", "site.latitude_deg", "observing.exposure_s"]
    assert all("; give " in line for line in lines[1:])


def test_two_telescopes_with_one_id_are_a_problem(tmp_path: Path) -> None:
    text = (default_sites_folder() / "tre.toml").read_text()
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(text)
    code, lines = run(tmp_path)
    assert code == 1
    assert lines[-1].startswith(f"{tmp_path / 'b.toml'}: id: 'tre' is the id of")


@pytest.mark.parametrize(("name", "text"), [("map.fits", "SIMPLE"), ("empty.toml", "")])
def test_a_file_of_another_kind_is_said_to_be_one(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    code, lines = run(tmp_path / name)
    assert code == 1
    assert f"{name}: file: is of a kind that cannot be checked" in lines[0]


def test_every_mistake_of_a_config_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "up.toml").write_text('port = "x"\nporrt = 1\n[link]\nheartbeat_s = "often"\n')
    code, lines = run(tmp_path / "up.toml")
    assert code == 1
    assert [line.split(": ")[1] for line in lines] == ["porrt", "port", "link.heartbeat_s"]


def test_a_good_config_file_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "up.toml").write_text("port = 50051\n")
    assert run(tmp_path / "up.toml") == (0, [f"{tmp_path / 'up.toml'}: config file, no problem"])


def test_a_catalogue_that_is_none_is_a_problem_of_the_config_file(tmp_path: Path) -> None:
    config = tmp_path / "armillary.toml"
    config.write_text('[planning]\ncatalogue = "glade"\n')
    (tmp_path / "glade").mkdir()
    (tmp_path / "glade" / "manifest.json").write_text("{}")
    code, lines = run(config)
    assert code == 1
    assert "planning.catalogue" in lines[0] and "no manifest of a catalogue" in lines[0]
    assert "armillary catalogues build" in lines[0]


def test_a_catalogue_of_points_that_is_none_is_a_problem_too(tmp_path: Path) -> None:
    config = tmp_path / "armillary.toml"
    config.write_text('[catalogues]\nfolders = ["gaia"]\n')
    (tmp_path / "gaia").mkdir()
    (tmp_path / "gaia" / "manifest.json").write_text('{"schema": "armillary.points/1"}')
    code, lines = run(config)
    assert code == 1
    assert "catalogues.folders" in lines[0] and "no manifest of a catalogue" in lines[0]


def test_a_folder_without_site_files_is_a_problem(tmp_path: Path) -> None:
    assert run(tmp_path)[0] == 1


@pytest.mark.parametrize("table", ["[network]", "[period]", "[faults]"])
def test_a_file_with_any_table_that_campaigns_alone_have_is_a_campaign(tmp_path: Path, table: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text(f"{table}\n")
    assert run(path) == (0, [f"{path}: campaign file, no problem"])
