"""Packets of surveys are detections: an object, a time, a place, and what they are for."""

from datetime import UTC, datetime
from typing import Any

import pytest
from builders.avro import RUBIN_SCHEMA, ZTF_SCHEMA, a_rubin_packet, a_ztf_packet, container

from coordinator.alerts.alert import Alert, Phase, Purpose
from coordinator.alerts.message import Alerts, Ignored, Rejected
from coordinator.alerts.registry import understand


def alerts_of(raw: bytes, **transport: Any) -> tuple[Alert, ...]:
    meaning = understand(raw, name="x.avro", **transport)
    assert isinstance(meaning, Alerts), meaning
    return meaning.alerts


def rubin(**changes: Any) -> Alert:
    return alerts_of(container(RUBIN_SCHEMA, a_rubin_packet(**changes)))[0]


def ztf(**changes: Any) -> Alert:
    return alerts_of(container(ZTF_SCHEMA, a_ztf_packet(**changes)))[0]


def renamed(schema: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return schema | changes


def test_a_rubin_packet_is_a_detection_of_an_object() -> None:
    alert = rubin()
    assert (alert.stream, alert.messenger, alert.phase) == ("rubin", "EM", Phase.DETECTION)
    assert alert.event_key == "rubin.dia_object:170472689154650001"
    assert alert.notice_id == "rubin.dia_source:170472689154654242"
    where = alert.localization
    assert (where.kind, where.ra_deg, where.dec_deg) == ("point", 150.0, 2.0)
    assert alert.properties["snr"] == 12.5 and alert.purpose is Purpose.OBSERVATION


def test_rubin_counts_in_tai() -> None:
    assert rubin().t0 == datetime(2026, 3, 1, 6, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("none", [None, 0])
def test_a_moving_object_has_its_own_key(none: int | None) -> None:
    alert = rubin(diaObjectId=none, ssObjectId=23133931615302448)
    assert alert.event_key == "rubin.ss_object:23133931615302448"


def test_a_source_of_no_object_is_its_own_event() -> None:
    assert rubin(diaObjectId=None).event_key == "rubin.dia_source:170472689154654242"


def test_a_packet_whose_visit_is_of_no_night_does_not_say_what_for() -> None:
    assert rubin(visit=1).purpose is None
    assert rubin(visit=2026110100123).purpose is None


def test_an_injected_source_is_an_injection() -> None:
    assert rubin(pixelFlags_injected=True).purpose is Purpose.INJECTION


def test_a_simulation_is_a_mock_and_no_notice_of_the_survey() -> None:
    raw = container(renamed(RUBIN_SCHEMA, namespace="elasticc.v0_9"), a_rubin_packet())
    alert = alerts_of(raw)[0]
    assert alert.purpose is Purpose.MOCK and alert.notice_id != rubin().notice_id


def test_a_topic_for_tests_makes_a_test_of_a_packet() -> None:
    raw = container(ZTF_SCHEMA, a_ztf_packet())
    assert alerts_of(raw, topic="ztf_test")[0].purpose is Purpose.TEST
    assert alerts_of(raw, headers={"_test": "true"})[0].purpose is Purpose.TEST


def test_all_records_of_a_container_become_alerts() -> None:
    raw = container(RUBIN_SCHEMA, *(a_rubin_packet(diaSourceId=number) for number in (5, 6, 7)))
    assert [alert.notice_id for alert in alerts_of(raw)] == [f"rubin.dia_source:{number}" for number in (5, 6, 7)]


def test_one_packet_without_an_id_rejects_the_container_and_is_named() -> None:
    meaning = understand(container(RUBIN_SCHEMA, a_rubin_packet(), a_rubin_packet(diaSourceId=0)), name="x")
    assert isinstance(meaning, Rejected) and meaning.reason.startswith("record 1: ")


def test_a_ztf_packet_is_a_detection_of_an_object() -> None:
    alert = ztf()
    assert (alert.stream, alert.event_key) == ("ztf", "ztf.object:ZTF26aaabcde")
    assert alert.notice_id == "ztf.candid:3341250000015010001"
    assert alert.t0 == datetime(2026, 3, 1, 6, 0, 0, tzinfo=UTC)
    assert alert.purpose is Purpose.OBSERVATION


@pytest.mark.parametrize("name", ["topLevelRecord", "BabamulZtfAlert"])
def test_a_broker_that_writes_the_packet_anew_sends_the_same_notice(name: str) -> None:
    schema = {key: value for key, value in ZTF_SCHEMA.items() if key != "namespace"} | {"name": name}
    again = alerts_of(container(schema, a_ztf_packet()))[0]
    assert (again.notice_id, again.event_key, again.stream) == (ztf().notice_id, ztf().event_key, "ztf")


def test_a_survey_that_nobody_named_is_read_but_its_purpose_is_unknown() -> None:
    raw = container(renamed(ZTF_SCHEMA, namespace="newsurvey"), a_ztf_packet() | {"objectId": "NEW26a"})
    alert = alerts_of(raw)[0]
    assert (alert.event_key, alert.stream, alert.purpose) == ("newsurvey.object:NEW26a", "newsurvey", None)


def test_a_place_that_is_not_on_the_sky_is_refused_and_the_alert_kept() -> None:
    where = ztf(dec=95.0).localization
    assert where.kind == "none" and where.refused


def test_a_container_without_records_is_ignored() -> None:
    assert isinstance(understand(container(ZTF_SCHEMA), name="x"), Ignored)
