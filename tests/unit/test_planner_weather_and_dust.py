"""The planner at work with the dust map and the forecasts that the settings name."""

import hashlib
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import healpy
import numpy as np
import pytest
from builders.fits_maps import blob, multiorder_map
from builders.plan_files import a_site_file
from builders.plans import T0
from structlog.testing import capture_logs
from typer.testing import CliRunner

from coordinator import factory
from coordinator.cli.app import build
from coordinator.config_file import read_settings
from coordinator.planning.plan import Plan
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan, VisitSpec
from coordinator.services.planner import PlannerWork
from coordinator.settings import Settings

ORDER = 6
CLEAR = {"telescope": "south", "start": "2019-08-01T00:00:00Z", "end": "2019-09-30T00:00:00Z", "probability_clear": 0.9}
CLOUDY = CLEAR | {"probability_clear": 0.01}


def an_observatory(folder: Path, planning: str) -> Settings:
    """Settings of a network of two telescopes."""
    for name in ("south", "other"):
        a_site_file(folder / "sites", name)
    config = folder / "armillary.toml"
    config.write_text(f'sites = "sites"\n[planning]\n{planning}\n')
    return read_settings(config)


def a_planner(settings: Settings) -> tuple[PlannerWork, str]:
    ipix = np.arange(12 * 4**ORDER)
    data = multiorder_map(
        np.full(ipix.size, ORDER), ipix, blob(1 << ORDER, 13.0, -25.0, 6.0), DISTMEAN=100.0, DISTSTD=20.0
    )
    sha256 = hashlib.sha256(data).hexdigest()
    return PlannerWork({sha256: data}.__getitem__, None, factory.dust(settings), factory.forecasts(settings)), sha256


def planned(settings: Settings, planner: PlannerWork, sha256: str, source_mag_ab: float | None = None) -> Plan:
    network = tuple(TelescopeToPlan(t, T0) for t in factory.telescopes(settings).values())
    event = EventToPlan("lvk:S1", 1, sha256, T0, visits=(VisitSpec("1", source=source_mag_ab),))
    return planner.plan(PlanRequest((event,), network, T0, T0 + timedelta(hours=24)))


def who(plan: Plan) -> set[str]:
    return {p.telescope for p in plan.pointings}


def write(file: Path, rows: Any, moment_s: int) -> None:
    """Write a file as if at some moment: two writings within a clock's tick would look alike."""
    file.write_text(json.dumps(rows))
    os.utime(file, (moment_s, moment_s))


def test_each_plan_is_made_under_the_forecast_that_is_newest_then(tmp_path: Path) -> None:
    weather = tmp_path / "weather.json"
    write(weather, [CLOUDY], 1)
    settings = an_observatory(tmp_path, 'forecast = "weather.json"')
    planner, sha256 = a_planner(settings)
    assert who(planned(settings, planner, sha256)) == {"other"}

    write(weather, [CLEAR, CLOUDY | {"telescope": "other"}], 2)
    assert who(planned(settings, planner, sha256)) == {"south"}


@pytest.mark.parametrize("broken", ["clouds", [CLEAR, CLEAR | {"telescope": "nobody"}], None])
def test_while_the_forecasts_are_wrong_the_last_ones_hold_and_it_is_said_once(tmp_path: Path, broken: Any) -> None:
    weather = tmp_path / "weather.json"
    write(weather, [CLOUDY], 1)
    settings = an_observatory(tmp_path, 'forecast = "weather.json"')
    planner, sha256 = a_planner(settings)
    planned(settings, planner, sha256)
    if broken is None:
        weather.unlink()
    else:
        write(weather, broken, 2)
    with capture_logs() as logs:
        assert [who(planned(settings, planner, sha256)) for _ in range(2)] == [{"other"}] * 2
    assert [entry["log_level"] for entry in logs] == ["error"]
    assert "weather.json" in logs[0]["because"]


def test_what_looks_are_to_reach_takes_longer_through_the_dust_of_the_settings(tmp_path: Path) -> None:
    healpy.write_map(str(tmp_path / "ebv.fits"), np.full(12 * 16**2, 0.2), coord="C", dtype=np.float32)
    settings = an_observatory(tmp_path, 'dust = "ebv.fits"')
    dusty, clean = (
        sum(p.count * p.exposure_s for p in planned(settings, *a_planner(s), source_mag_ab=17.0).pointings[:1])
        for s in (settings, Settings())
    )
    assert 0 < clean < dusty


def test_check_names_what_cannot_be_read(tmp_path: Path) -> None:
    an_observatory(tmp_path, 'dust = "ebv.fits"\nforecast = "weather.json"')
    write(tmp_path / "weather.json", [CLEAR | {"telescope": "nobody"}], 1)
    checked = CliRunner().invoke(build(), ["check", str(tmp_path / "armillary.toml")])
    lines = checked.output.splitlines()
    assert checked.exit_code == 1 and len(lines) == 2
    assert "planning.dust" in lines[0] and "E(B-V)" in lines[0]
    assert "planning.forecast" in lines[1] and "nobody" in lines[1]
