"""`armillary plan --forecast`, from the outside."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders.plan_files import a_cone_file, a_site_file
from typer.testing import CliRunner

from coordinator.cli.app import build
from telescopes.description.errors import Refused

CLEAR = {"telescope": "south", "start": "2019-08-30T20:00:00Z", "end": "2019-09-01T20:00:00Z", "probability_clear": 0.8}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An error circle and two telescopes of one site."""
    made = tmp_path_factory.mktemp("plan")
    a_cone_file(made / "cone.fits")
    a_site_file(made / "sites", "south")
    a_site_file(made / "sites", "other")
    return made


def planned(folder: Path, rows: Any) -> dict[str, Any]:
    """Plan under a forecast; raise what the command refuses."""
    (folder / "forecast.json").write_text(rows if isinstance(rows, str) else json.dumps(rows))
    out = folder / "plan.json"
    asked = ["plan", folder / "cone.fits", "--sites", folder / "sites", "--forecast", folder / "forecast.json"]
    result = CliRunner().invoke(build(), [str(a) for a in (*asked, "--json", out)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return dict(json.loads(out.read_text()))


def test_under_clouds_the_others_search(folder: Path) -> None:
    told = planned(folder, [CLEAR | {"probability_clear": 0.01, "source": "ECMWF"}])
    assert {p["telescope"] for p in told["pointings"]} == {"other"}
    assert "forecast clouds" in next(t["idle_because"] for t in told["telescopes"] if t["id"] == "south")


def test_of_two_alike_the_one_with_clearer_skies_looks(folder: Path) -> None:
    for cloudy, clear in (("south", "other"), ("other", "south")):
        told = planned(folder, [CLEAR | {"telescope": cloudy, "probability_clear": 0.4}])
        assert told["pointings"][0]["telescope"] == clear


def test_every_wrong_row_is_named(folder: Path) -> None:
    rows = [
        CLEAR,
        CLEAR | {"telescope": "nobody"},
        CLEAR | {"probability_clear": 8},
        CLEAR | {"start": "soon"},
        CLEAR | {"end": CLEAR["start"]},
        7,
    ]
    with pytest.raises(Refused) as refused:
        planned(folder, rows)
    said = str(refused.value)
    assert "row 0" not in said and all(f"row {n}: " in said for n in range(1, 6))


@pytest.mark.parametrize("text", ["{}", "clouds", "7"])
def test_what_is_no_list_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(Refused, match="forecast"):
        planned(folder, text)
