"""The recorded alerts: what the manifest and the sequences say of them."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from coordinator.alerts.alert import Alert
from coordinator.alerts.document import alerts_document
from coordinator.alerts.message import Alerts, Rejected, Understood
from coordinator.alerts.survey_header import header_of, packet_of
from coordinator.events.event import Event
from coordinator.events.fold import EventBook, event_hash
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


def ours(entry: dict[str, Any]) -> bool:
    """LVK notices, bare maps, what is no alert, and everything that is to be rejected."""
    name: str = entry["file"]
    if name.startswith("lvk/"):
        return True
    if not name.startswith("odd/"):
        return name.startswith("gracedb_igwn_alert/")
    expect = entry["expect"]
    return expect["outcome"] in ("reject", "ignore") or str(expect.get("event", "")).startswith("lvk:")


@pytest.fixture(scope="session")
def alerts_folder(shared_data: Path) -> Path:
    return shared_data / "alerts"


@pytest.fixture(scope="session")
def expected(alerts_folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    manifest = json.loads((alerts_folder / "manifest.json").read_text())
    return [(alerts_folder / entry["file"], entry["expect"]) for entry in manifest["files"] if ours(entry)]


def test_every_sample_of_ours_has_the_outcome_of_the_manifest(expected: list[tuple[Path, dict[str, Any]]]) -> None:
    wrong = []
    for path, expect in expected:
        document = alerts_document([(path.name, meaning_of(path))])
        outcome = "alert" if document["alerts"] else "ignore" if document["ignored"] else "reject"
        if outcome not in expect.get("accept_outcome", [expect["outcome"]]):
            wrong.append((path.name, outcome, expect["outcome"]))
    assert not wrong
    assert len(expected) > 50


def test_every_alert_says_what_the_manifest_says(expected: list[tuple[Path, dict[str, Any]]]) -> None:
    wrong: list[str] = []
    for path, expect in expected:
        if expect["outcome"] == "alert" and isinstance(meaning_of(path), Alerts):
            wrong.extend(f"{path.name}: {line}" for line in differences(alert_of(path), expect))
    assert not wrong


def differences(alert: Alert, expect: dict[str, Any]) -> Iterator[str]:
    found = alerts_document([("x", Alerts((alert,)))])["alerts"][0]
    facts = {
        "event": found["event_key"],
        "phase": found["phase"],
        "messenger": found["messenger"],
        "significant": found["significant"],
        "far_hz": found["far_hz"],
        "t0": alert.t0,
        "t_issued": alert.t_issued,
        "classification": pytest.approx(found["classification"], abs=1e-4),
        **found["localization"],
    }
    said = expect | expect["localization"]
    for key in ("t0", "t_issued"):
        if said.get(key):
            said[key] = datetime.fromisoformat(said[key])
    if found["purpose"] not in expect.get("accept_purpose", [expect["purpose"]]):
        yield f"purpose {found['purpose']} instead of {expect['purpose']}"
    stated = [key for key in facts if key in said]
    yield from (f"{key} {facts[key]} instead of {said[key]}" for key in stated if facts[key] != said[key])
    for key, value in expect.get("external_coinc", {}).items():
        if str(value) not in (found["external_coincidence"] or ""):
            yield f"external_coinc without {key} {value}"


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
    for path in sorted(alerts_folder.glob(pattern)):
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


SEQUENCES = ("lvk-MS181101ab", "lvk-S230518h", "odd-retraction-first", "odd-duplicate")


@pytest.fixture(params=SEQUENCES)
def sequence(request: pytest.FixtureRequest, alerts_folder: Path) -> dict[str, Any]:
    document = json.loads((alerts_folder / "sequences.json").read_text())
    found: dict[str, Any] = next(entry for entry in document["sequences"] if entry["id"] == request.param)
    return found


def test_a_sequence_leads_through_the_states_of_its_list(sequence: dict[str, Any], alerts_folder: Path) -> None:
    book = EventBook()
    for step in sequence["steps"]:
        book.add(alert_of(alerts_folder / step["file"]))
        assert wrong_in(book.events[sequence["event"]], step["after"]) == []


def wrong_in(event: Event, after: dict[str, Any]) -> list[str]:
    facts = {
        "phase": event.phase,
        "revision": event.revision,
        "retracted": event.retracted,
        "purpose": event.purpose,
        "t0": event.t0,
        "localization": {"kind": event.localization.kind},
    }
    after = dict(after, t0=after["t0"] and datetime.fromisoformat(after["t0"]).astimezone(UTC))
    if event.skymap_sha256:
        facts["localization"] = {"kind": event.localization.kind, "skymap_sha256": event.skymap_sha256}
    wrong = [f"{key}: {facts[key]} instead of {after[key]}" for key in facts if facts[key] != after[key]]
    if bool(event.external_coincidence) != after.get("external_coincidence", False):
        wrong.append(f"external coincidence: {event.external_coincidence}")
    return wrong


def test_every_order_of_arrival_leads_to_the_same_state(sequence: dict[str, Any], alerts_folder: Path) -> None:
    files = [step["file"] for step in sequence["steps"]]
    alerts = [alert_of(alerts_folder / file) for file in files]
    hashes = set()
    for arrival in permutations(alerts):
        book = EventBook()
        for alert in (*arrival, arrival[0]):
            book.add(alert)
        hashes.add(event_hash(book))
    assert len(hashes) == 1


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
