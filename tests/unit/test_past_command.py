"""`armillary past` as people call it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coordinator.cli.app import build
from telescopes.description.errors import Refused
from telescopes.description.site_file import default_sites_folder


def refusal(*words: object) -> Refused:
    result = CliRunner().invoke(build(), ["past", *map(str, words)], env={"ARMILLARY_DATA": None})
    assert result.exit_code == 1
    assert isinstance(result.exception, Refused)
    return result.exception


@pytest.mark.parametrize(
    ("words", "where", "mend"),
    [
        (["GW150914"], "GW150914", "S190425z"),
        (["GW170817"], "past", "ARMILLARY_DATA"),
        (["GW170817", "--data", "nowhere"], "nowhere/alerts", "ARMILLARY_DATA"),
        (["GW170817", "--hours", "100"], "--hours", "1 to 72"),
    ],
)
def test_what_cannot_be_played_says_how_to_mend_it(words: list[str], where: str, mend: str) -> None:
    error = refusal(*words)
    assert where in error.where and mend in error.mend


@pytest.mark.realdata
def test_an_event_is_told_as_a_table_and_as_json(shared_data: Path, tmp_path: Path) -> None:
    """Chile has its day in the first hours, and has nothing to do."""
    site, out = default_sites_folder() / "tch.toml", tmp_path / "past.json"
    words = ["past", "gw170817", "--data", str(shared_data), "--sites", str(site), "--hours", "6", "--json", str(out)]
    result = CliRunner().invoke(build(), words)
    assert result.exit_code == 0, result.output
    assert "nothing in reach, or nothing left worth a look: tch" in result.output
    assert "AT2017gfo would not have been detected" in result.output
    made = json.loads(out.read_text())
    assert made["schema"] == "armillary.past/1"
    assert [one["after_h"] for one in made["covered"]] == [1, 2, 4, 6]
    assert made["source"]["looks"] == [] and made["source"]["detected_after_s"] is None
