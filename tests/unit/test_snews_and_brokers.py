"""SNEWS 2.0, Astro-COLIBRI, and the records of brokers and surveys."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from coordinator.alerts.alert import Alert, Link, Phase, Purpose
from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Alerts, Ignored, Rejected, Understood
from coordinator.alerts.registry import understand


def meaning(value: Any, **transport: Any) -> Understood:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return understand(raw, name="x", **transport)


def alert_of(value: Any, **transport: Any) -> Alert:
    found = meaning(value, **transport)
    assert isinstance(found, Alerts), found
    return found.alerts[0]


def a_message(**changes: Any) -> dict[str, Any]:
    message = {
        "detector_name": "XENONnT",
        "machine_time": "2026-11-22T22:14:57.238275",
        "neutrino_time_utc": "2026-11-22T22:14:50.345275",
        "p_val": 0.07,
        "is_test": "False",
    }
    return {key: value for key, value in (message | changes).items() if value is not ...}


def test_a_coincidence_message_has_times_without_zone_in_utc() -> None:
    alert = alert_of(a_message())
    assert alert.t0 == datetime(2026, 11, 22, 22, 14, 50, 345275, UTC)
    assert alert.t_issued == datetime(2026, 11, 22, 22, 14, 57, 238275, UTC)
    assert (alert.stage, alert.messenger, alert.phase) == ("coincidence", "NU", None)
    assert (alert.instruments, alert.properties) == (("XENONnT",), {"p_val": 0.07})
    assert alert.event_key == "snews:XENONnT.2026-11-22T22:14:50.345275Z"


@pytest.mark.parametrize(
    ("changes", "purpose"),
    [
        ({"is_test": "False"}, Purpose.OBSERVATION),
        ({"is_test": False}, Purpose.OBSERVATION),
        ({"is_test": "True"}, Purpose.TEST),
        ({"is_test": True}, Purpose.TEST),
        ({"is_test": "perhaps"}, None),
        ({"is_test": False, "meta": {"is_test": True}}, Purpose.TEST),
        ({"is_test": ...}, None),
        ({"is_firedrill": True}, Purpose.TEST),
        ({"is_firedrill": "False"}, Purpose.OBSERVATION),
    ],
)
def test_is_test_may_be_a_text(changes: dict[str, Any], purpose: Purpose | None) -> None:
    assert alert_of(a_message(**changes)).purpose is purpose


def test_topics_are_markers() -> None:
    for topic in ("snews.alert-test", "snews.experiments-firedrill"):
        assert alert_of(a_message(is_test=...), topic=topic).purpose is Purpose.TEST


@pytest.mark.parametrize(
    ("changes", "tier"),
    [
        ({}, "coincidence"),
        ({"p_values": [0.4, 0.5], "t_bin_width": 0.6}, "significance"),
        ({"timing_series": [0, 1, 2]}, "timing"),
        ({"detector_names": ["A", "B"], "neutrino_times": ["2026-11-22T22:14:50"]}, "alert"),
    ],
)
def test_tiers_are_known_by_what_they_hold(changes: dict[str, Any], tier: str) -> None:
    assert alert_of(a_message(**changes)).stage == tier


@pytest.mark.parametrize("changes", [{"neutrino_time_utc": ..., "detector_status": "OFF"}, {"tier": "Heartbeat"}])
def test_a_heartbeat_is_only_a_sign_of_life(changes: dict[str, Any]) -> None:
    assert meaning(a_message(**changes)) == Ignored("heartbeat: liveness only")


def test_the_alerts_of_one_list_are_one_event() -> None:
    told = a_message(
        detector_name=..., neutrino_time_utc=..., _id="first", detector_names=["A", "B"], sub_list_number=3,
        neutrino_times=["2026-11-22T22:14:52", "2026-11-22T22:14:50.5"], alert_type="NEW_MESSAGE",
    )  # fmt: skip
    first, later = alert_of(told), alert_of(told | {"_id": "second", "alert_type": "UPDATE"})
    assert first.event_key == later.event_key == "snews:2026-11-22.list-3"
    assert (first.phase, later.phase) == (Phase.INITIAL, Phase.UPDATE)
    assert first.notice_id != later.notice_id
    assert first.t0 == datetime(2026, 11, 22, 22, 14, 50, 500000, UTC)


def test_a_retraction_names_the_message_that_it_takes_back() -> None:
    sent = alert_of(a_message(uuid="m-1"))
    back = alert_of(a_message(uuid="m-2", neutrino_time_utc=..., retract_message_uuid="m-1"))
    assert back.event_key == sent.event_key == "snews:m-1"
    assert back.phase is Phase.RETRACTION


def test_a_retraction_of_nothing_named_is_a_lead_for_a_person() -> None:
    found = meaning(a_message(neutrino_time_utc=..., p_val=..., retract_latest=1, is_test="True"))
    assert isinstance(found, Leads)
    assert found.retraction and found.test


@pytest.mark.parametrize("changes", [{"neutrino_time_utc": "soon"}, {"neutrino_time_utc": 17}])
def test_a_message_without_its_time_is_rejected(changes: dict[str, Any]) -> None:
    assert isinstance(meaning(a_message(**changes)), Rejected)


def test_sets_of_messages_are_no_message() -> None:
    assert isinstance(meaning({"two": [a_message(), a_message()]}), Ignored)


def a_colibri_event(**changes: Any) -> dict[str, Any]:
    event = {
        "source_name": "GRB 261122A",
        "trigger_id": "812345678",
        "transient_flavour": "grb",
        "observatory": "Fermi",
        "time": "2026-11-22T19:40:05Z",
        "ra": 10.0,
        "dec": -5.0,
        "err": 2.5,
        "url": "https://astro-colibri.example/x",
    }
    return event | changes


HEADERS = {"dedupe_key": "d-1", "event_id": "ev/1", "event_version": "3", "update_type": "updated"}


def test_an_event_of_astro_colibri_has_its_own_key() -> None:
    alert = alert_of(a_colibri_event(), topic="astrocolibri.all.JSON", headers=HEADERS)
    assert (alert.event_key, alert.notice_id) == ("astrocolibri:ev_1", "astrocolibri:d-1")
    assert (alert.phase, alert.stage, alert.revision_number) == (Phase.UPDATE, "updated", 3)
    assert (alert.localization.kind, alert.localization.radius_deg) == ("cone", 2.5)
    assert alert.purpose is None, "it does not say, and a person has to"
    assert alert.links == (Link("page", "https://astro-colibri.example/x"),)


@pytest.mark.parametrize("days", [60310.5, 2460310.5, -1.0])
def test_a_time_that_counts_days_is_not_taken_for_seconds(days: float) -> None:
    assert alert_of(a_colibri_event(time=days, timestamp=days, discovery_date=None)).t0 is None


def test_the_keys_of_astro_colibri_may_stand_in_the_message() -> None:
    alert = alert_of({"dedupe_key": "d-1", "event_id": 2**60, "event": a_colibri_event()})
    assert (alert.event_key, alert.notice_id) == (f"astrocolibri:{2**60}", "astrocolibri:d-1")


def test_astro_colibri_points_to_the_event_that_it_repeats() -> None:
    alert = alert_of(a_colibri_event(source_name="S261122qx", time=None, timestamp=1795381205500))
    assert alert.links[-1] == Link("same_as", "lvk:S261122qx")
    assert alert.t0 == datetime(2026, 11, 22, 21, 0, 5, 500000, UTC)
    assert alert_of(a_colibri_event(time=None, timestamp=1795381205)).t0 == datetime(2026, 11, 22, 21, 0, 5, tzinfo=UTC)
    assert alert_of(a_colibri_event(time=None, timestamp=1e300)).t0 is None


def test_astro_colibri_without_an_id_is_rejected_and_its_heartbeat_ignored() -> None:
    nameless = a_colibri_event(source_name=None, trigger_id=None)
    assert isinstance(meaning(nameless, topic="astrocolibri.all.JSON"), Rejected)
    assert meaning({"x": 1}, topic="astrocolibri.heartbeat") == Ignored("heartbeat: liveness only")


@pytest.mark.parametrize(
    "record",
    [
        {"type": "record", "name": "candidate", "fields": []},
        {"type": "enum", "name": "AlertType", "symbols": ["INITIAL"]},
        {"diaSourceId": 1, "diaSource": {"ra": 1.0}},
        {"objectId": "ZTF1", "candid": 1, "candidate": {}},
        {"locus_id": "ANT1", "alerts": []},
        {"oid": "ZTF1", "meanra": 1.0, "firstmjd": 1.0},
        [{"oid": "ZTF1", "candid": "1", "mjd": 1.0}],
        {"diaObjectId": 313637921267122191, "ra": 1.0},
        [{"diaObject": {"diaObjectId": 1}}],
        [{"i:objectId": "ZTF1", "d:rf_kn_vs_nonkn": 0.1}],
        {"_metadata": {"source": "x"}, "instruments": {"0": "Other", "1": "P200 - DBSP"}, "common": {"dbsp": 1}},
        {"interactions": []},
        b"interactions:\n- request:\n    body: null\n",
        b"---\nversion: 1\ninteractions:\n- request:\n",
    ],
)
def test_records_ask_for_nothing_and_say_what_they_are(record: Any) -> None:
    found = meaning(record)
    assert isinstance(found, Ignored) and found.reason
