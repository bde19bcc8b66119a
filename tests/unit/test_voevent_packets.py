"""VOEvents of any stream: form, time, place, purpose, and what is no alert."""

from datetime import UTC, datetime
from typing import Any

import pytest
from builders.voevents import a_voevent, an_lvk_voevent

from coordinator.alerts.alert import Alert, Link, Phase, Purpose
from coordinator.alerts.message import Alerts, Ignored, Rejected
from coordinator.alerts.registry import understand
from telescopes.description.event_key import EVENT_KEY

SWIFT = {"Packet_Type": 61, "TrigID": 1400001}


def understood(raw: bytes, **transport: Any) -> Alert:
    meaning = understand(raw, name="x.xml", **transport)
    assert isinstance(meaning, Alerts), meaning
    return meaning.alerts[0]


@pytest.mark.parametrize(("version", "prefix"), [("1.1", "voe:"), ("2.0", "voe:"), ("2.1", "voe:"), ("2.0", "")])
def test_every_version_is_read_with_its_namespace_or_without(version: str, prefix: str) -> None:
    alert = understood(a_voevent(params=SWIFT, version=version, prefix=prefix))
    assert (alert.event_key, alert.format, alert.purpose) == ("swift:1400001", "voevent-xml", Purpose.OBSERVATION)


def test_a_packet_says_who_when_and_where() -> None:
    ivorn = "ivo://nasa.gsfc.gcn/SWIFT#XRT_Pos_1400001-001"
    before = "ivo://nasa.gsfc.gcn/SWIFT#BAT_GRB_Pos_1400001-000"
    alert = understood(a_voevent(ivorn, SWIFT | {"Packet_Type": 67}, cites=[("followup", before)]))
    assert alert.notice_id == f"ivorn:{ivorn}"
    assert alert.native_ids == ("swift:1400001", f"ivorn:{ivorn}")
    assert alert.t0 == datetime(2026, 11, 22, 20, 2, 11, tzinfo=UTC)
    assert alert.t_issued == datetime(2026, 11, 22, 20, 2, 29, tzinfo=UTC)
    assert (alert.localization.kind, alert.localization.radius_deg) == ("cone", 0.05)
    assert (alert.localization.ra_deg, alert.localization.dec_deg) == (133.2511, -12.0422)
    assert alert.links == (Link("followup", before),)


@pytest.mark.parametrize(
    ("stated", "system", "t0"),
    [
        ("2026-11-22T20:02:11Z", "UTC-FK5-GEO", datetime(2026, 11, 22, 20, 2, 11, tzinfo=UTC)),
        ("2026-11-22T20:02:11+00:00", "UTC-FK5-GEO", datetime(2026, 11, 22, 20, 2, 11, tzinfo=UTC)),
        ("2026-11-22 20:02:11.5", "", datetime(2026, 11, 22, 20, 2, 11, 500000, UTC)),
        ("2026-11-22T20:02:11", "TAI-ICRS-GEO", datetime(2026, 11, 22, 20, 1, 34, tzinfo=UTC)),
        ("2026-11-22T20:02:11", "TT-ICRS-TOPO", datetime(2026, 11, 22, 20, 1, 1, 816000, UTC)),
        ("2026-11-22T20:02:11", "GPS-ICRS-TOPO", datetime(2026, 11, 22, 20, 1, 53, tzinfo=UTC)),
        ("2016-01-16T07:52:27", "TDB-ICRS-GEO", datetime(2016, 1, 16, 7, 51, 18, 816000, UTC)),
        ("2016-01-16T07:52:27", "TDB-ICRS-BARY", datetime(2016, 1, 16, 7, 52, 27, tzinfo=UTC)),
        ("2026-01--9130T00:00:00.00", "UTC-FK5-GEO", None),
        ("yesterday", "UTC-FK5-GEO", None),
        (None, "UTC-FK5-GEO", None),
    ],
)
def test_times_come_out_in_utc(stated: str | None, system: str, t0: datetime | None) -> None:
    assert understood(a_voevent(params=SWIFT, time=stated, system=system)).t0 == t0


@pytest.mark.parametrize(
    ("place", "radius", "kind"),
    [
        ((10, -10), 0.5, "cone"),
        ((360, -90), 0.5, "cone"),
        ((0, 0), 0.5, "cone"),
        ((10, -10), None, "point"),
        ((10, -10), 0, "point"),
        ((0, 0), 0, "none"),
        ((0, 0), 360, "allsky"),
        ((10, -10), 180, "allsky"),
        (None, None, "none"),
    ],
)
def test_radii_that_are_signs_are_no_radii(place: tuple[float, float] | None, radius: float | None, kind: str) -> None:
    where = understood(a_voevent("ivo://somebody.example/x#1", place=place, radius=radius)).localization
    assert (where.kind, where.refused) == (kind, None)
    assert (where.radius_deg is None) == (kind != "cone")


@pytest.mark.parametrize(
    ("place", "more", "reason"),
    [
        ((412.5, -97.1), {}, "right ascension 412.5 is beyond 0 to 360"),
        ((-0.1, 0), {}, "right ascension -0.1 is beyond 0 to 360"),
        ((10, -90.1), {}, "declination -90.1 is beyond -90 to 90"),
        ((10, 10), {"radius": -1}, "an error radius of -1"),
        (("11:55:04", "1:43:06"), {}, "no two finite numbers"),
        (("nan", 10), {}, "no two finite numbers"),
        ((10, 10), {"unit": "rad"}, "given in 'rad', not in degrees"),
        ((10, 10), {"system": "UTC-FK4-GEO"}, "given in UTC-FK4-GEO, not in FK5 or ICRS"),
    ],
)
def test_a_position_that_cannot_be_is_refused_and_the_alert_kept(
    place: tuple[Any, Any], more: dict[str, Any], reason: str
) -> None:
    alert = understood(a_voevent(params=SWIFT, place=place, **more))
    assert (alert.localization.kind, alert.localization.refused) == ("none", f"position: {reason}")
    assert alert.event_key == "swift:1400001"


def test_coordinates_called_unavailable_are_none() -> None:
    params = SWIFT | {"Coords_String": "unavailable/inappropriate"}
    assert understood(a_voevent(params=params)).localization.kind == "none"


@pytest.mark.parametrize(
    ("changes", "purpose"),
    [
        ({}, Purpose.OBSERVATION),
        ({"role": "prediction"}, Purpose.OBSERVATION),
        ({"role": "Observation"}, Purpose.OBSERVATION),
        ({"role": "test"}, Purpose.TEST),
        ({"role": "rehearsal"}, None),
        ({"role": None}, None),
        ({"groups": {"Misc_Flags": {"Test_Submission": "true"}}}, Purpose.TEST),
        ({"groups": {"Misc_Flags": {"Test_Submission": "false"}}}, Purpose.OBSERVATION),
        ({"groups": {"Misc_Flags": {"Test_Submission": ""}}}, Purpose.OBSERVATION),
        ({"groups": {"Misc_Flags": {"Test_Submission": "perhaps"}}}, None),
        ({"groups": {"Test_mpos": {"Test_Notice": "true"}}}, Purpose.TEST),
        ({"groups": {"Trigger_ID": {"Test": "true"}}}, Purpose.TEST),
        ({"groups": {"Trigger_ID": {"InternalTest": "1"}}}, Purpose.TEST),
        ({"groups": {"A": {"Test": "false"}, "B": {"Test": "true"}}}, Purpose.TEST),
        ({"groups": {"Trigger_ID": {"Temp_Test_Stat": "41.25", "Test_mpos": "0x80000000"}}}, Purpose.OBSERVATION),
        ({"params": {"isRealAlert": "false"}}, Purpose.TEST),
        ({"params": {"isRealAlert": "true"}}, Purpose.OBSERVATION),
        ({"params": SWIFT | {"Packet_Type": 82}}, Purpose.TEST),
        ({"params": SWIFT | {"TrigID": 99999}}, Purpose.TEST),
        ({"ivorn": "ivo://nasa.gsfc.gcn/SWIFT#BAT_GRB_Test_Pos_1"}, Purpose.TEST),
        ({"ivorn": "ivo://nasa.gsfc.gcn/SWIFT#BAT_GRB_TEST_POS_1"}, Purpose.TEST),
        ({"ivorn": "ivo://voevent.example.org/testing#1"}, Purpose.TEST),
        ({"ivorn": "ivo://voevent.example.org/alerts#MockAlert_1"}, Purpose.MOCK),
        ({"ivorn": "ivo://com.dc3/dc3.broker#BrokerTest-2014"}, Purpose.TEST),
        ({"ivorn": "ivo://somebody.example/latest#Contest_fastest"}, Purpose.OBSERVATION),
        ({"role": "observation", "groups": {"A": {"Test": "true"}, "B": {"Test": "perhaps"}}}, Purpose.TEST),
    ],
)
def test_the_strictest_marker_is_the_purpose(changes: dict[str, Any], purpose: Purpose | None) -> None:
    assert understood(a_voevent(**({"params": SWIFT} | changes))).purpose is purpose


def test_topic_and_headers_are_markers() -> None:
    raw = a_voevent(params=SWIFT)
    assert understood(raw, topic="gcn.classic.voevent.SWIFT_BAT_GRB_POS_ACK").purpose is Purpose.OBSERVATION
    assert understood(raw, topic="gcn.classic.voevent.SWIFT_BAT_GRB_POS_TEST").purpose is Purpose.TEST
    assert understood(raw, headers={"_test": "true"}).purpose is Purpose.TEST


@pytest.mark.parametrize(
    "raw",
    [
        a_voevent("ivo://nasa.gsfc.gcn/gcn", {"Packet_Type": 4}),
        a_voevent("ivo://nasa.gsfc.gcn/gcn", {"Packet_Type": 3}),
        a_voevent("ivo://nasa.gsfc.gcn/SWIFT#Point_Dir_1", {"Packet_Type": 83}, role="utility"),
        a_voevent("ivo://nasa.gsfc.gcn/SWIFT#Actual_Point_Dir_1", {"Packet_Type": 103}),
        a_voevent("ivo://nasa.gsfc.gcn/Fermi#SC_Slew_1", {"Packet_Type": 126}),
        a_voevent("ivo://somebody.example/x#1", role="utility"),
        b'<trn:Transport xmlns:trn="http://telescope-networks.org/schema/Transport/v1.1" role="iamalive"/>',
    ],
)
def test_control_messages_and_pointings_are_ignored_with_a_reason(raw: bytes) -> None:
    found = understand(raw, name="x")
    assert isinstance(found, Ignored) and found.reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (a_voevent(""), "VOEvent without an ivorn"),
        (a_voevent("ivo://x#" + "y" * 600), "VOEvent with an ivorn of more than 512 characters"),
        (
            b"A line.\n" + a_voevent(params=SWIFT),
            "not XML: Start tag expected, '<' not found, line 1, column 1 (<string>, line 1)",
        ),
        (a_voevent(params=SWIFT, groups={"X": {"TrigID": 5}}), "VOEvent says TrigID twice, differently"),
        (a_voevent(params=SWIFT, groups={"X": {"Packet_Type": 82}}), "VOEvent says Packet_Type twice, differently"),
        (a_voevent(params={"TrigID": "1" * 65}), "VOEvent with a TrigID of more than 64 characters"),
        (a_voevent(params={f"p{n}": n for n in range(2001)}), "VOEvent with more than 2000 parameters"),
        (a_voevent("ivo://gwnet/LVC#1"), "LVK VOEvent without GraceID"),
        (b"<VOEvents/>", "XML, but no known alert"),
        (b"<VOEventX ivorn='ivo://x'/>", "XML, but no known alert"),
    ],
)
def test_what_cannot_be_understood_is_rejected_with_one_reason(raw: bytes, reason: str) -> None:
    assert understand(raw, name="x") == Rejected(reason)


def test_the_smallest_packet_of_an_unknown_stream_is_an_alert() -> None:
    alert = understood(b"<VOEvent ivorn='ivo://somebody.example/x#SN2026abc' role='observation'/>")
    assert (alert.stream, alert.event_key) == ("unknown", "ivorn:ivo://somebody.example/x#SN2026abc")
    assert (alert.name, alert.t0, alert.t_issued, alert.phase) == ("SN2026abc", None, None, None)
    assert alert.localization.kind == "none"


@pytest.mark.parametrize("local", ["26 ab", "év", "x" * 400])
def test_a_key_that_nobody_could_say_is_made_one_and_stays_the_event_s_own(local: str) -> None:
    first = understood(a_voevent(f"ivo://somebody.example/x#{local}"))
    cites = [("supersedes", f"ivo://somebody.example/x#{local}")]
    again = understood(a_voevent("ivo://somebody.example/x#2", cites=cites))
    other = understood(a_voevent(f"ivo://somebody.example/x#{local}!"))
    assert EVENT_KEY.fullmatch(first.event_key)
    assert again.event_key == first.event_key != other.event_key


def test_a_prediction_is_an_early_warning() -> None:
    assert understood(a_voevent("ivo://somebody.example/x#1", role="prediction")).phase is Phase.EARLY_WARNING


def test_an_unknown_stream_retracts_the_event_that_it_cites() -> None:
    first = understood(a_voevent("ivo://somebody.example/x#1"))
    newer = understood(a_voevent("ivo://somebody.example/x#2", cites=[("supersedes", "ivo://somebody.example/x#1")]))
    cites = [("retraction", "ivo://somebody.example/x#2"), ("retraction", "ivo://somebody.example/x#1")]
    last = understood(a_voevent("ivo://somebody.example/x#3", cites=cites))
    other = understood(a_voevent("ivo://somebody.example/x#4", cites=[("followup", "ivo://somebody.example/x#1")]))
    assert first.event_key == newer.event_key == last.event_key != other.event_key
    assert (first.phase, newer.phase, last.phase, other.phase) == (None, Phase.UPDATE, Phase.RETRACTION, None)


def test_an_empty_citation_points_nowhere() -> None:
    assert understood(a_voevent(params=SWIFT, cites=[("followup", "")])).links == ()


def test_values_also_stand_in_elements_and_capitals_do_not_count() -> None:
    raw = a_voevent(params={"packet_type": 61}).replace(
        b"</What>", b'<Param name="TRIGID"><Value>1400001</Value></Param></What>'
    )
    assert understood(raw).event_key == "swift:1400001"


def test_a_mission_is_known_by_its_ivorn_and_else_by_its_notice_type() -> None:
    assert understood(a_voevent("ivo://x.example/rewritten#1", SWIFT)).stream == "swift"
    assert understood(a_voevent("ivo://nasa.gsfc.gcn/MAXI#Known_source_Pos_1", SWIFT)).stream == "maxi"


def test_text_in_utf16_is_read() -> None:
    raw = a_voevent(params=SWIFT).decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert understood(raw).event_key == "swift:1400001"


def test_an_lvk_notice_may_come_with_any_link() -> None:
    raw = an_lvk_voevent(EventPage="https://gracedb.example/S261122qx")
    assert understood(raw).links == (Link("page", "https://gracedb.example/S261122qx"),)
    assert understood(an_lvk_voevent(EventPage="javascript:alert(1)")).links == ()
