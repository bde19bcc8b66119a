"""A survey's own fields: tables as people have them, and every mistake in them by name."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from coordinator.cli.app import build
from coordinator.planning.fixed_grid import fixed_grid
from telescopes.description.field_grid import MOST_TOLD, GridField, field_at, read_grid
from telescopes.description.site_file import check_site_file, config_sha256, read_site_file

SITE = """
id = "survey"
name = "Survey"
[site]
latitude_deg = 10.0
longitude_deg = -20.0
[[instruments]]
id = "main"
filters = ["r"]
position_angle_deg = 12.5
footprint = {shape = "rectangle", width_deg = 2, height_deg = 1}
[observing]
exposure_s = 60
grid_file = "fields.csv"
"""
THREE = {"as the camera": None, "turned": 20.0, "straight": 360.0}
TWO = (GridField("a1", 10.5, -20.0), GridField("a2", 350.0, 89.5, 90.0))
ECSV = """# %ECSV 1.0
# ---
# datatype:
# - {name: field_id, datatype: string}
# - {name: ra, unit: deg, datatype: float64}
# - {name: dec, unit: deg, datatype: float64}
# - {name: pa, unit: deg, datatype: float64}
# schema: astropy-2.0
field_id ra dec pa
a1 10.5 -20.0 ""
a2 350.0 89.5 90.0
"""


def a_site(folder: Path, grid: str) -> Path:
    (folder / "fields.csv").write_text(grid)
    (folder / "survey.toml").write_text(SITE)
    return folder / "survey.toml"


@pytest.mark.parametrize(
    "text",
    [
        "id,ra_deg,dec_deg,position_angle_deg\na1,10.5,-20,\na2,350,89.5,90\n",
        "Name; RAJ2000; DEJ2000; pa\na1; 10.5; -20;\na2; -10; 89.5; 90\n",
        "\ufeffRA (deg)\tDec [deg]\tfield\tebv\tPA\n10.5\t-20\ta1\t0.1\t\n350\t89.5\ta2\t\t90\n",
        "# a survey\n# id  ra  dec  pa\na1  10.5  -20\na2  350.  89.5  90\n",
        ECSV,
    ],
)
def test_a_grid_is_read_however_its_columns_are_spelt(text: str) -> None:
    assert read_grid(text, "fields.csv") == (TWO, [])


def test_what_astropy_writes_is_read(tmp_path: Path) -> None:
    import astropy.units as u
    from astropy.table import QTable

    table = QTable({"id": ["a 1", "b"], "ra": [10.5, 20.0] * u.deg, "dec": [-20.0, 3.0] * u.deg})
    table.write(tmp_path / "grid.ecsv", format="ascii.ecsv")
    fields, problems = read_grid((tmp_path / "grid.ecsv").read_text(), "grid.ecsv")
    assert problems == [] and fields == (GridField("a 1", 10.5, -20.0), GridField("b", 20.0, 3.0))


def test_fields_without_names_are_numbered() -> None:
    assert [f.id for f in read_grid("ra,dec\n1,2\n3,4\n", "g")[0]] == ["1", "2"]


def test_every_bad_row_is_named_in_one_go() -> None:
    text = "id,ra,dec,pa\na,10,-95,\n\nb,12:30:00,10,0\na,,5,bent\nc,nan,1,2\n"
    fields, problems = read_grid(text, "g.csv")
    assert [str(problem) for problem in problems] == [
        "g.csv: line 2: dec_deg: -95 is not between -90 and 90; give degrees between -90 and 90",
        "g.csv: line 4: ra_deg: '12:30:00' is not a number; give degrees between -180 and 360",
        "g.csv: line 5: ra_deg: is missing; give degrees between -180 and 360",
        "g.csv: line 5: position_angle_deg: 'bent' is not a number; give degrees between -360 and 360",
        "g.csv: line 5: id: 'a' is that of line 2 too; give each field an id of its own",
        "g.csv: line 6: ra_deg: nan is not between -180 and 360; give degrees between -180 and 360",
    ]
    assert fields == ()


def test_very_many_bad_rows_are_counted() -> None:
    _, problems = read_grid("ra,dec\n" + "1,200\n" * 1000, "g.csv")
    assert len(problems) == MOST_TOLD + 1 and problems[-1].what == f"{1000 - MOST_TOLD} more problems"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["ra_deg: there is no such column", "dec_deg: there is no such column"]),
        ("1,2\n3,4\n", ["ra_deg: there is no such column", "dec_deg: there is no such column"]),
        ("id,ra\n1,2\n", ["dec_deg: there is no such column"]),
        ("ra,dec\n", ["fields: there is none"]),
        ("\x00" + "x" * 200_000, ["ra_deg: there is no such column", "dec_deg: there is no such column"]),
        (ECSV.replace("{name: ra, unit: deg", "{name: ra, unit: hourangle"), ["ra: is in hourangle"]),
    ],
)
def test_a_table_that_is_no_grid_is_said_to_be_none(text: str, said: list[str]) -> None:
    assert [f"{problem.key}: {problem.what}" for problem in read_grid(text, "g.csv")[1]] == said


def test_the_mistakes_of_site_file_and_grid_are_told_together(tmp_path: Path) -> None:
    path = a_site(tmp_path, "ra,dec\n10,100\n")
    path.write_text(SITE.replace("10.0", "95"))
    assert [(Path(problem.file).name, problem.key) for problem in check_site_file(path)] == [
        ("survey.toml", "site.latitude_deg"),
        ("fields.csv", "line 2: dec_deg"),
    ]
    done = CliRunner().invoke(build(), ["check", str(path)])
    assert done.exit_code == 1 and "fields.csv: line 2: dec_deg: 100 is not between" in done.output


def test_a_telescope_with_a_grid_may_be_given_its_fields_only(tmp_path: Path) -> None:
    telescope = read_site_file(a_site(tmp_path, "id,ra,dec,pa\na1,10.5,-20,\na2,350,89.5,90\n"))
    grid = fixed_grid(telescope, "main")
    assert grid is not None and grid.ids == ("a1", "a2") and len(grid) == 2
    assert grid.ra_deg.tolist() == [10.5, 350.0] and grid.dec_deg.tolist() == [-20.0, 89.5]
    assert grid.position_angle_deg.tolist() == [12.5, 90.0]
    (tmp_path / "survey.toml").write_text(SITE.replace("grid_file", "# grid_file"))
    free = read_site_file(tmp_path / "survey.toml")
    assert fixed_grid(free, "main") is None
    assert config_sha256(free) != config_sha256(telescope)


def test_a_survey_of_very_many_fields_is_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, 5000), rng.uniform(-90, 90, 5000)
    text = "ra,dec\n" + "\n".join(f"{a:.4f},{d:.4f}" for a, d in zip(ra, dec, strict=True))
    grid = fixed_grid(read_site_file(a_site(tmp_path, text)), "main")
    assert grid is not None and np.allclose(grid.ra_deg, ra, atol=1e-4) and np.allclose(grid.dec_deg, dec, atol=1e-4)


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ((10.5, -20.0, 12.5), "a1"),
        ((10.500001, -19.999999, 12.5), "a1"),
        ((350.0, 89.5, 90.0), "a2"),
        ((349.9999, 89.5, 0.0), "a2"),
        ((359.999999, 0.0, 0.0), "zero"),
        ((40.0, 5.0, 20.0), "turned"),
        ((40.0, 5.0, 0.0), "straight"),
        ((40.0, 5.0, 19.9999999), "turned"),
        ((40.0, 5.0, 360.0), "straight"),
        ((40.0, 5.0, 12.5), "as the camera"),
        ((10.51, -20.0, 12.5), None),
        ((10.5, 20.0, 12.5), None),
    ],
)
def test_a_field_is_known_by_where_it_is_and_how_it_is_turned(
    place: tuple[float, float, float], found: str | None
) -> None:
    three = [GridField(name, 40.0, 5.0, turned) for name, turned in THREE.items()]
    at = field_at((*TWO, GridField("zero", 0.0, 0.0), *three), *place, 12.5)
    assert (None if at is None else at.id) == found
