"""Coincidences of the real streams: the mock that the LVK publishes, and the pair of 17 August 2017."""

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders.coincidences import a_burst, a_wave

from coordinator.alerts.alert import Alert, Purpose
from coordinator.alerts.message import Alerts
from coordinator.alerts.registry import understand
from coordinator.events.coincidence import pair_of, pairs_among
from coordinator.events.correlation import groups_of
from coordinator.events.fold import EventBook, fold
from coordinator.events.joint_far import joint_far, temporal_far_hz
from coordinator.sky.overlap import overlap_integral, together
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import MapFacts, SkyMap

pytestmark = pytest.mark.realdata

EARLY_RATE_HZ = 0.807 / 86400
"""Bursts a second as RAVEN counted them before 2019 (Urban 2016)."""


@pytest.fixture(scope="module")
def alerts_folder(shared_data: Path) -> Path:
    return shared_data / "alerts"


@pytest.fixture(scope="module")
def notice(alerts_folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((alerts_folder / "lvk" / "MS181101ab-ext-update.json").read_text())
    return found


@pytest.fixture(scope="module")
def maps(notice: dict[str, Any]) -> tuple[SkyMap, SkyMap]:
    own, both = notice["event"]["skymap"], notice["external_coinc"]["combined_skymap"]
    return read_skymap(base64.b64decode(own)), read_skymap(base64.b64decode(both))


@pytest.fixture(scope="module")
def fermi(maps: tuple[SkyMap, SkyMap]) -> SkyMap:
    """Fermi's map, as the quotient of the combined map and the wave's own gives it back."""
    own, both = maps
    assert np.array_equal(own.order, both.order) and np.array_equal(own.ipix, both.ipix)
    share = both.probability / own.density_per_sr
    return SkyMap(own.order, own.ipix, share / share.sum(), MapFacts("fermi"))


def test_the_temporal_rate_of_the_mock_is_that_of_gw170817_in_the_window_of_bursts(
    notice: dict[str, Any], alerts_folder: Path
) -> None:
    voevent = (alerts_folder / "lvk_voevent" / "G298048-1-Initial.xml").read_text()
    far = re.search(r'name="FAR"[^>]*value="([^"]+)"', voevent)
    assert far is not None
    stated = notice["external_coinc"]["time_coincidence_far"]
    assert temporal_far_hz(660.0, float(far.group(1)), EARLY_RATE_HZ) == pytest.approx(stated, rel=1e-10)
    own = temporal_far_hz(6.0, notice["event"]["far"], EARLY_RATE_HZ)
    assert own < stated / 1000, "the mock's own rate would give far less"


def test_the_overlap_behind_the_rates_of_the_mock_is_that_of_its_maps_to_a_few_per_cent(
    notice: dict[str, Any], maps: tuple[SkyMap, SkyMap], fermi: SkyMap
) -> None:
    outside = notice["external_coinc"]
    implied = outside["time_coincidence_far"] / outside["time_sky_position_coincidence_far"]
    measured = overlap_integral(maps[0], fermi)
    assert implied == pytest.approx(33.442, abs=1e-3)
    assert measured == pytest.approx(32.163, abs=1e-3)
    assert measured == pytest.approx(implied, rel=0.05)


def test_the_map_of_gw170817_overlaps_fermis_as_the_mock_says(shared_data: Path, fermi: SkyMap) -> None:
    sky = read_skymap((shared_data / "skymaps" / "GW170817.GWTC1.multiorder.fits").read_bytes())
    assert overlap_integral(sky, fermi) == pytest.approx(33.442, rel=0.05)


def test_the_product_of_both_maps_is_the_one_that_the_lvk_sends(maps: tuple[SkyMap, SkyMap], fermi: SkyMap) -> None:
    own, both = maps
    made = together([fermi, own])
    assert not made.excluded
    assert made.sky.probability == pytest.approx(both.probability, abs=1e-15)
    assert np.array_equal(made.sky.dist_mu_mpc, both.dist_mu_mpc, equal_nan=True)  # type: ignore[arg-type]
    assert np.array_equal(made.sky.dist_norm, both.dist_norm, equal_nan=True)  # type: ignore[arg-type]
    assert made.sky.facts.distance_mpc == pytest.approx(both.facts.distance_mpc, rel=1e-4)
    assert made.sky.facts.distance_std_mpc == pytest.approx(both.facts.distance_std_mpc, rel=1e-3)


def alert_of(path: Path) -> Alert:
    meaning = understand(path.read_bytes(), name=path.name)
    if not isinstance(meaning, Alerts):
        pytest.skip(f"{path.name} is not read yet")
    return meaning.alerts[0]


def test_the_mock_is_searched_on_the_map_that_its_stream_sends(alerts_folder: Path) -> None:
    entry = the_pair(alerts_folder, "MS181101ab-ext")["external"]
    event = fold([alert_of(alerts_folder / "lvk" / f"MS181101ab-{n}.json") for n in ("initial", "ext-update")])
    groups, missing, _ = groups_of([event], {})
    assert missing == [] and [g.skies for g in groups] == [(entry["combined_skymap_sha256"],)]
    stated = event.stated_coincidence
    assert stated is not None
    assert (stated.dt_s, stated.notice, stated.observatory) == (2.02, "524666471", "Fermi")
    assert stated.far_temporal_hz == entry["time_coincidence_far"]
    assert stated.far_spacetime_hz == entry["time_sky_position_coincidence_far"]


def test_the_mock_names_a_real_burst_and_never_meets_it(alerts_folder: Path) -> None:
    mock = alert_of(alerts_folder / "lvk" / "MS181101ab-ext-update.json")
    assert mock.purpose is Purpose.MOCK and mock.stated_coincidence is not None
    burst = a_burst("fermi.gbm:524666471", t0=datetime(2017, 8, 17, 12, 41, 6, 470000, UTC))
    book = EventBook()
    book.add(mock)
    book.add(burst)
    assert pairs_among(book.events.values()) == []
    real = replace(mock, purpose=Purpose.OBSERVATION)
    pair = pair_of(fold([real]), fold([burst]))
    assert pair is not None and pair.stated == mock.stated_coincidence


def the_pair(alerts_folder: Path, name: str) -> dict[str, Any]:
    sequences = json.loads((alerts_folder / "sequences.json").read_text())
    found: dict[str, Any] = next(c for c in sequences["correlations"] if c["id"] == name)
    return found


def test_gw170817_and_grb170817a_are_one_event(alerts_folder: Path) -> None:
    entry = the_pair(alerts_folder, "gw170817-grb170817a")
    wave = a_wave("lvk:G298048", t0=datetime(2017, 8, 17, 12, 41, 4, 446000, UTC), far_hz=3.47773444765e-12)
    burst = a_burst("fermi.gbm:524666471", t0=datetime(2017, 8, 17, 12, 41, 6, 470000, UTC))
    agree(entry, wave, burst)


def test_their_recorded_notices_are_one_event(alerts_folder: Path) -> None:
    entry = the_pair(alerts_folder, "gw170817-grb170817a")
    agree(entry, alert_of(alerts_folder / entry["a"]), alert_of(alerts_folder / entry["b"]))


def agree(entry: dict[str, Any], wave: Alert, burst: Alert) -> None:
    for pair in (pair_of(fold([wave]), fold([burst])), pair_of(fold([burst]), fold([wave]))):
        assert (pair is not None) is entry["coincident"]
        assert pair is not None
        assert pair.dt_s == pytest.approx(entry["delta_t_s"], abs=0.01)
        assert [pair.window.low_s, pair.window.high_s] == entry["window_s"]
        assert joint_far(pair, 33.4).spacetime_hz == pytest.approx(6.4e-18, rel=0.05)
