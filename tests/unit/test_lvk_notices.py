"""LVK notices: what they say, of which purpose they are, and that bad ones hurt nobody."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from coordinator.alerts.alert import Alert, Link, Phase, Purpose
from coordinator.alerts.message import Alerts, Rejected
from coordinator.alerts.registry import understand


def cards(*pairs: str) -> bytes:
    block = "".join(card.ljust(80) for card in (*pairs, "END")).encode()
    return block.ljust(-(-len(block) // 2880) * 2880)


PRIMARY = cards("SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   =                    0")
TABLE = cards("XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 0", "NAXIS2  = 0", "ORDERING= 'NUNIQ'")
A_MAP = PRIMARY + TABLE


def a_notice(**changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = {
        "significant": True,
        "time": "2026-11-22T21:14:07.250Z",
        "far": 3.1e-10,
        "instruments": ["H1", "L1"],
        "group": "CBC",
        "search": "AllSky",
        "classification": {"BNS": 0.9, "Terrestrial": 0.1},
        "properties": {"HasNS": 1.0},
        "skymap": base64.b64encode(A_MAP).decode(),
    }
    event |= changes.pop("event", {})
    notice = {
        "alert_type": "PRELIMINARY",
        "time_created": "2026-11-22T21:18:31Z",
        "superevent_id": "S261122qx",
        "urls": {"gracedb": "https://gracedb.example/S261122qx"},
        "event": event,
        "external_coinc": None,
    }
    return notice | changes


def understood(notice: Any, **transport: Any) -> Alert:
    raw = notice if isinstance(notice, bytes) else json.dumps(notice).encode()
    meaning = understand(raw, name="notice.json", **transport)
    assert isinstance(meaning, Alerts), meaning
    return meaning.alerts[0]


def test_a_notice_says_event_time_and_sky() -> None:
    alert = understood(a_notice())
    assert (alert.event_key, alert.name, alert.messenger) == ("lvk:S261122qx", "S261122qx", "GW")
    assert alert.phase is Phase.PRELIMINARY and alert.stage == "PRELIMINARY"
    assert alert.t0 == datetime(2026, 11, 22, 21, 14, 7, 250000, UTC)
    assert alert.t_issued == datetime(2026, 11, 22, 21, 18, 31, tzinfo=UTC)
    assert alert.localization.kind == "multiorder"
    assert alert.localization.skymap_sha256 == hashlib.sha256(A_MAP).hexdigest()
    assert (alert.far_hz, alert.significant, alert.instruments) == (3.1e-10, True, ("H1", "L1"))
    assert alert.links == (Link("page", "https://gracedb.example/S261122qx"),)


def test_the_map_comes_with_the_alert_by_its_sha256() -> None:
    meaning = understand(json.dumps(a_notice()).encode(), name="x")
    assert isinstance(meaning, Alerts)
    assert meaning.maps == {hashlib.sha256(A_MAP).hexdigest(): A_MAP}


def test_a_retraction_has_no_event_and_is_an_alert() -> None:
    notice = a_notice(alert_type="RETRACTION") | {"event": None}
    alert = understood(notice)
    assert alert.phase is Phase.RETRACTION
    assert alert.t0 is None and alert.localization.kind == "none" and alert.localization.refused is None
    assert alert.purpose is Purpose.OBSERVATION


@pytest.mark.parametrize(
    ("notice", "purpose"),
    [
        (a_notice(), Purpose.OBSERVATION),
        (a_notice(superevent_id="MS261122qx"), Purpose.MOCK),
        (a_notice(superevent_id="TS261122qx"), Purpose.TEST),
        (a_notice(superevent_id="ms261122qx"), Purpose.MOCK),
        (a_notice(superevent_id="X1"), None),
        (a_notice(event={"search": "MDC"}), Purpose.MOCK),
        (a_notice(event={"search": " mdc "}), Purpose.MOCK),
        (a_notice(event={"search": "O2VirgoTest"}), Purpose.OBSERVATION),
        (a_notice(event={"search": ["MDC"]}), None),
        (a_notice(event={"search": None}), Purpose.OBSERVATION),
        (a_notice(event={"group": "Test"}), Purpose.TEST),
        (a_notice(event={"search": "MDC", "group": "Test"}), Purpose.TEST),
        (a_notice(alert_tense="test"), Purpose.TEST),
        (a_notice(alert_tense="injection"), Purpose.INJECTION),
        (a_notice(alert_tense="hypothetical"), None),
        (a_notice(alert_tense="current"), Purpose.OBSERVATION),
        (a_notice(is_test="True"), Purpose.TEST),
        (a_notice(is_test="False"), Purpose.OBSERVATION),
        (a_notice(is_test="perhaps"), None),
        (a_notice(role="test"), Purpose.TEST),
    ],
)
def test_the_strictest_marker_is_the_purpose(notice: dict[str, Any], purpose: Purpose | None) -> None:
    assert understood(notice).purpose is purpose


def test_topic_and_headers_are_markers() -> None:
    assert understood(a_notice(), topic="igwn.gwalert").purpose is Purpose.OBSERVATION
    assert understood(a_notice(), topic="igwn.gwalert-test").purpose is Purpose.TEST
    assert understood(a_notice(), headers={"_test": "true"}).purpose is Purpose.TEST
    assert understood(a_notice(), headers={"_test": "false"}).purpose is Purpose.OBSERVATION
    assert understood(a_notice(), headers={"_TEST": "??"}).purpose is None


def test_a_marker_that_stands_twice_counts_both_times() -> None:
    raw = json.dumps(a_notice()).encode()
    real_last = raw.replace(b'"search": "AllSky"', b'"search": "MDC", "search": "AllSky"')
    test_last = raw.replace(b'"search": "AllSky"', b'"search": "AllSky", "search": "MDC"')
    assert understood(real_last).purpose is understood(test_last).purpose is Purpose.MOCK


def test_a_notice_that_contradicts_itself_is_rejected() -> None:
    raw = json.dumps(a_notice()).encode()
    twice = raw.replace(b'"superevent_id"', b'"superevent_id": "MS261122qx", "superevent_id"')
    assert understand(twice, name="x") == Rejected("LVK notice says 'superevent_id' twice, differently")


def test_copies_over_two_transports_are_one_notice() -> None:
    one = understood(a_notice())
    same = a_notice(event={"skymap": None, "duration": None})
    other = understood(json.dumps(same, indent=3, sort_keys=True).encode())
    assert one.notice_id == other.notice_id
    assert one.raw_sha256 != other.raw_sha256


@pytest.mark.parametrize(
    "changes",
    [
        {"alert_type": "INITIAL"},
        {"time_created": "2026-11-22T21:18:32Z"},
        {"superevent_id": "S261122qy"},
        {"event": {"far": 3.2e-10}},
        {"external_coinc": {"observatory": "Fermi"}},
    ],
)
def test_notices_that_say_something_else_are_two(changes: dict[str, Any]) -> None:
    assert understood(a_notice(**changes)).notice_id != understood(a_notice()).notice_id


def test_an_unknown_kind_of_notice_is_kept_without_a_phase() -> None:
    alert = understood(a_notice(alert_type="CORRECTION"))
    assert alert.phase is None and alert.stage == "CORRECTION"


@pytest.mark.parametrize(
    ("skymap", "because"),
    [
        ("@@@", "sky map: not base64"),
        ("U0lNUExFICA9...", "sky map: not base64"),
        ("", "sky map: not a FITS file"),
        (17, "sky map: not base64"),
        (base64.b64encode(b"hello").decode(), "sky map: not a FITS file"),
        (base64.b64encode(PRIMARY).decode(), "sky map: a FITS file without a table"),
        (base64.b64encode(PRIMARY[:200]).decode(), "sky map: FITS header has no end"),
    ],
)
def test_an_alert_whose_map_cannot_be_used_says_why(skymap: Any, because: str) -> None:
    where = understood(a_notice(event={"skymap": skymap})).localization
    assert (where.kind, where.skymap_sha256, where.refused) == ("none", None, because)


def test_base64_in_lines_is_read() -> None:
    alert = understood(a_notice(event={"skymap": base64.encodebytes(A_MAP).decode()}))
    assert alert.localization.skymap_sha256 == hashlib.sha256(A_MAP).hexdigest()


@pytest.mark.parametrize(
    ("event", "field", "value"),
    [
        ({"far": float("nan")}, "far_hz", None),
        ({"far": -1.0}, "far_hz", None),
        ({"far": "1e-9"}, "far_hz", None),
        ({"far": True}, "far_hz", None),
        ({"far": 10**400}, "far_hz", None),
        ({"far": 0}, "far_hz", 0.0),
        ({"time": "soon"}, "t0", None),
        ({"time": "2026-11-22T21:14:07"}, "t0", datetime(2026, 11, 22, 21, 14, 7, tzinfo=UTC)),
        ({"time": "2026-11-22T22:14:07+01:00"}, "t0", datetime(2026, 11, 22, 21, 14, 7, tzinfo=UTC)),
        ({"time": "0001-01-01T00:00:00+14:00"}, "t0", None),
        ({"classification": {"BNS": float("inf"), "BBH": 0.1, "x": None}}, "classification", {"BBH": 0.1}),
        ({"classification": [1, 2]}, "classification", {}),
        ({"significant": "yes, very"}, "significant", None),
        ({"instruments": "H1"}, "instruments", ()),
        ({"instruments": ["H1", None, 3, "L\u0000\ud8001"]}, "instruments", ("H1", "L ?1")),
    ],
)
def test_what_cannot_be_read_is_unknown(event: dict[str, Any], field: str, value: Any) -> None:
    assert getattr(understood(a_notice(event=event)), field) == value


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"superevent_id": None}, "LVK notice without superevent_id"),
        ({"superevent_id": "S1\n2"}, "LVK notice with a malformed superevent_id"),
        ({"superevent_id": "S" * 5000}, "LVK notice with a malformed superevent_id"),
        ({"time_created": "yesterday"}, "LVK notice without a readable time_created"),
    ],
)
def test_a_notice_without_identity_is_rejected(changes: dict[str, Any], reason: str) -> None:
    assert understand(json.dumps(a_notice(**changes)).encode(), name="x") == Rejected(reason)


def test_a_coincidence_is_told_with_its_own_map() -> None:
    outside = {
        "gcn_notice_id": 524666471,
        "observatory": "Fermi",
        "search": "GRB",
        "time_difference": 2.02,
        "combined_skymap": base64.b64encode(A_MAP + b"\0" * 2880).decode(),
    }
    meaning = understand(json.dumps(a_notice(external_coinc=outside)).encode(), name="x")
    assert isinstance(meaning, Alerts)
    told = meaning.alerts[0].external_coincidence
    combined = hashlib.sha256(A_MAP + b"\0" * 2880).hexdigest()
    assert told == f"Fermi GRB, gcn_notice_id=524666471, time_difference=2.02, combined_skymap={combined}"
    assert combined in meaning.maps
