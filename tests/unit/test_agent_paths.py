"""Paths in a site file are relative to it, and a drill keeps what the site says of its simulated driver."""

from dataclasses import replace
from pathlib import Path

import pytest

from coordinator.cli.agent_process import Drill, drilled, with_own_paths
from telescopes.description.site_file import default_sites_folder, read_site_file
from telescopes.description.telescope import DriverChoice, Reduction, Telescope


@pytest.fixture
def telescope() -> Telescope:
    settings: dict[str, object] = {"world": "sky/w.json", "images": "images", "seed": 3}
    read = read_site_file(default_sites_folder() / "tca.toml")
    return replace(
        read,
        driver=DriverChoice("simulated", settings),
        reduction=Reduction(("python", "reduce.py", "--stars", "/elsewhere/stars.csv")),
    )


def test_paths_are_relative_to_the_site_file(telescope: Telescope, tmp_path: Path) -> None:
    (tmp_path / "reduce.py").write_text("")
    found = with_own_paths(telescope, tmp_path)
    assert found.driver.settings == {
        "world": str(tmp_path / "sky/w.json"),
        "images": str(tmp_path / "images"),
        "seed": 3,
    }
    assert found.reduction.command == ("python", str(tmp_path / "reduce.py"), "--stars", "/elsewhere/stars.csv")


def test_a_drill_changes_the_world_alone(telescope: Telescope) -> None:
    found = drilled(telescope, Drill(Path("other.json")))
    assert found.driver.settings == {"world": "other.json", "images": "images", "seed": 3}
    real = replace(telescope, driver=DriverChoice("alpaca", {"address": "x:1"}))
    assert drilled(real, Drill(Path("other.json"))).driver == DriverChoice("simulated", {"world": "other.json"})
