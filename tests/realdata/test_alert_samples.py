"""The recorded alerts: twins in two formats, maps, and the fronts of packets; the manifest has a test of its own."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from coordinator.alerts.alert import Alert
from coordinator.alerts.message import Alerts, Rejected, Understood
from coordinator.alerts.survey_header import header_of, packet_of
from coordinator.services.assess import Delivery, MapSummary, assess
from coordinator.services.map_summary import summarise_map
from coordinator.sources.schema_folder import schemas_in
from coordinator.sources.sidecar import read_headers_beside

pytestmark = pytest.mark.realdata


async def read_map(data: bytes) -> MapSummary:
    return summarise_map(data)


def meaning_of(path: Path) -> Understood:
    delivery = Delivery(path.read_bytes(), path.name, "test", headers=read_headers_beside(path))
    return asyncio.run(assess(delivery, read_map))


def alert_of(path: Path) -> Alert:
    meaning = meaning_of(path)
    assert isinstance(meaning, Alerts), meaning
    return meaning.alerts[0]


@pytest.fixture(scope="session")
def alerts_folder(shared_data: Path) -> Path:
    return shared_data / "alerts"


def test_a_notice_in_avro_and_its_twin_in_json_are_one(alerts_folder: Path) -> None:
    twins = {"MS181101ab-earlywarning": "_displayexample.json", "MS181101ab-retraction": ".json"}
    for name, twin in twins.items():
        avro, json_ = alert_of(alerts_folder / f"lvk/{name}.avro"), alert_of(alerts_folder / f"lvk/{name}{twin}")
        assert (avro.notice_id, avro.event_key, avro.t0) == (json_.notice_id, json_.event_key, json_.t0)
    with_maps = ("MS181101ab-update.avro", "MS181101ab-initial.json")
    first, second = (alert_of(alerts_folder / "lvk" / name).localization for name in with_maps)
    assert first == second and first.skymap_sha256 is not None


SURVEY_PACKETS = ("atlas/*.avro", "rubin/*.avro", "ztf/*.avro", "fink/*.avro")


@pytest.mark.parametrize("pattern", SURVEY_PACKETS)
def test_the_front_of_a_packet_says_what_the_whole_says(alerts_folder: Path, pattern: str) -> None:
    schemas = schemas_in(alerts_folder / "rubin_schema")
    paths = sorted(alerts_folder.glob(pattern))
    assert paths
    for path in paths:
        packet = packet_of(path.read_bytes(), schemas)
        front, whole = packet.header(), header_of(packet.record())
        assert replace(front, earlier=None) == replace(whole, earlier=None)
        assert front.mjd_utc is not None and front.ra_deg is not None


def test_a_map_that_cannot_be_used_is_refused_with_a_reason(alerts_folder: Path) -> None:
    for name in ("lvk_skymap_bad_base64", "lvk_skymap_not_fits", "lvk_skymap_fits_without_table"):
        where = alert_of(alerts_folder / "odd" / f"{name}.json").localization
        assert where.kind == "none" and where.skymap_sha256 is None
        assert where.refused and where.refused.startswith("sky map: ")


def test_the_two_notices_with_one_map_have_the_areas_of_that_map(alerts_folder: Path) -> None:
    initial = alert_of(alerts_folder / "lvk" / "S230518h-Initial.json").localization
    update = alert_of(alerts_folder / "lvk" / "S230518h-Update.json").localization
    assert initial == update
    assert initial.area50_deg2 == pytest.approx(179.7, rel=1e-3)
    assert initial.area90_deg2 == pytest.approx(665.98, rel=1e-3)
    assert initial.distance_mpc == pytest.approx(277.9, rel=1e-3)


def test_every_real_map_is_taken_and_every_odd_one_as_its_table_says(shared_data: Path) -> None:
    odd = {entry["file"]: entry for entry in json.loads((shared_data / "skymaps/odd/expected.json").read_text())}
    for name, entry in odd.items():
        meaning = meaning_of(shared_data / "skymaps" / "odd" / name)
        assert isinstance(meaning, Rejected) == (entry["verdict"] == "reject"), (name, meaning)
        if isinstance(meaning, Alerts):
            assert bool(meaning.alerts[0].localization.warnings) == (entry["verdict"] == "warn"), name
            assert meaning.alerts[0].purpose is None
    for path in sorted((shared_data / "skymaps").glob("*.multiorder.fits")):
        assert alert_of(path).purpose is None
