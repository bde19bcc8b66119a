"""Circulars, HERMES messages and objects of the name server: leads, never facts."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from coordinator.alerts.document import alerts_document
from coordinator.alerts.event_names import event_named, events_named
from coordinator.alerts.leads import Leads, ReportedMagnitude, ReportedPosition
from coordinator.alerts.message import Ignored, Rejected
from coordinator.alerts.registry import understand
from coordinator.alerts.reports.brightness import magnitudes_in, redshift_in
from coordinator.alerts.reports.positions import positions_in


def leads_of(raw: bytes | dict[str, Any], **transport: Any) -> Leads:
    found = understand(raw if isinstance(raw, bytes) else json.dumps(raw).encode(), name="x", **transport)
    assert isinstance(found, Leads), found
    return found


def a_circular(**changes: Any) -> dict[str, Any]:
    circular = {
        "circularId": 41234,
        "subject": "GRB 261122A: Fermi GBM Final Real-time Localization",
        "eventId": "GRB 261122A",
        "createdOn": 1795381200500,
        "submitter": "A. Observer",
        "body": "The Fermi Gamma-ray Burst Monitor (GBM) located GRB 261122A (trigger 812345678.123456 / 261122790).\n"
        "The location is RA = 250.1, Dec = 46.2 (J2000 degrees), with a statistical uncertainty of 1.0 degrees.",
    }
    return circular | changes


MAIL = b"""TITLE:   GCN CIRCULAR
NUMBER:  41234
SUBJECT: GRB 261122A: optical limits
DATE:    26/11/22 21:00:00 GMT
FROM:    A. N. Observer <observer@example.org>

Seeing 1.8\xb1 0.3, r\xe9sum\xe9. No source brighter than r > 21.3 (AB).
"""


def test_a_circular_gives_leads_with_the_key_of_the_alerts() -> None:
    leads = leads_of(a_circular())
    assert (leads.name, leads.event_key) == ("GRB 261122A", "fermi.gbm:812345678")
    assert (leads.notice_id, leads.version, leads.native_ids) == ("circular:41234:v1", 1, ("gcn.circular:41234",))
    assert leads.t_issued == datetime(2026, 11, 22, 21, 0, 0, 500000, UTC)
    assert leads.positions == (ReportedPosition(250.1, 46.2, error_deg=1.0),)
    assert leads.reason == "a circular: leads only, never facts" and not leads.retraction


def test_a_version_is_another_report() -> None:
    assert leads_of(a_circular(version=2)).notice_id == "circular:41234:v2"


def test_a_circular_as_mail_in_latin_1_is_read() -> None:
    leads = leads_of(MAIL)
    assert (leads.name, leads.notice_id) == ("GRB 261122A", "circular:41234:v1")
    assert leads.t_issued == datetime(2026, 11, 22, 21, tzinfo=UTC)
    assert leads.magnitudes == (ReportedMagnitude(21.3, band="r", upper_limit=True, system="AB"),)
    assert leads_of(b"Received: from x\nSubject: y\n\n" + MAIL).notice_id == leads.notice_id


def test_the_document_lists_leads_and_ignores_the_file() -> None:
    document = alerts_document([("a.json", leads_of(a_circular()))])
    assert document["alerts"] == [] and document["rejected"] == []
    assert document["ignored"] == [{"file": "a.json", "reason": "a circular: leads only, never facts"}]
    (listed,) = document["leads"]
    assert (listed["file"], listed["event_key"]) == ("a.json", "fermi.gbm:812345678")


@pytest.mark.parametrize(
    ("subject", "body", "retraction"),
    [
        ("S261122qx: Retraction of GW compact binary merger candidate", "It was noise.", True),
        ("S261122qx: update", "S261122qx is no longer considered to be a candidate of interest.", True),
        ("S261122qx: update", "The trigger was retracted.", True),
        ("S261122qx: update", "Retractions are sent as notices.", False),
        ("S261122qx: Identification", "A candidate.", False),
    ],
)
def test_a_retraction_is_a_lead(subject: str, body: str, retraction: bool) -> None:
    leads = leads_of(a_circular(subject=subject, body=body, eventId=None))
    assert (leads.event_key, leads.retraction) == ("lvk:S261122qx", retraction)


@pytest.mark.parametrize(
    ("words", "name", "key"),
    [
        ("LIGO/Virgo/KAGRA S230518h: update", "S230518h", "lvk:S230518h"),
        ("mock MS230518h", "MS230518h", "lvk:MS230518h"),
        ("GRB 260101A", "GRB 260101A", None),
        ("GRB260101a", "GRB 260101A", None),
        ("IceCube-230401A - a track", "IceCube-230401A", None),
        ("SN2023ixf", "SN 2023ixf", "tns:2023ixf"),
        ("AT 2017gfo in", "AT 2017gfo", "tns:2017gfo"),
        ("SN 1987A", "SN 1987A", "tns:1987A"),
        ("EP240315a: X-ray", "EP240315a", None),
        ("SVOM sb26051102", "sb26051102", "svom:sb26051102"),
        ("NuEm-230927A", "NuEm-230927A", None),
        ("FRB 20231013B", "FRB 20231013B", None),
        ("SGR 1935+2154", "SGR 1935+2154", None),
        ("ZTF23aaxeacr", "ZTF23aaxeacr", "ztf.object:ZTF23aaxeacr"),
    ],
)
def test_names_are_spelt_in_one_way(words: str, name: str, key: str | None) -> None:
    found = event_named(words)
    assert found is not None and (found.name, found.key) == (name, key)


def test_no_name_is_made_up() -> None:
    assert events_named("The S2305 of GRB and 12S230518hx in SN") == ()


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ("(https://gcn.gsfc.nasa.gov/notices_amon_g_b/138283_014780365.amon)", "icecube:138283_14780365"),
        ("no link", None),
    ],
)
def test_a_neutrino_has_the_key_of_its_notice(body: str, key: str | None) -> None:
    leads = leads_of(a_circular(subject="IceCube-230823A - a track", eventId="IceCube-230823A", body=body))
    assert leads.event_key == key


def test_a_swift_burst_has_the_key_of_its_trigger() -> None:
    body = "At 11:11:52 UT, the Swift Burst Alert Telescope (BAT) triggered and located GRB 261122A (trigger=1125809)."
    assert leads_of(a_circular(body=body)).event_key == "swift:1125809"


@pytest.mark.parametrize(
    ("words", "ra_deg", "dec_deg", "error_deg", "containment"),
    [
        ("RA = 352.3, Dec = 22.9 (J2000), with a statistical uncertainty of 2.1 degrees", 352.3, 22.9, 2.1, None),
        ("RA: 17.93 (+0.36, -0.38 deg  90% PSF containment) J2000\nDec: -12.10 (+0.2", 17.93, -12.10, 0.38, 0.9),
        ("RA (J2000): 331.92 deg\nDec (J2000): 12.44 deg\nerror (50% contained): 0.13 deg", 331.92, 12.44, 0.13, 0.5),
        ("RA(J2000) = 16:36:31.483\nDec(J2000) = -47:51:32.26 error 3.6 arcsec", 249.131179, -47.858961, 0.001, None),
        ("RA = 16h 36m 31.48s, Dec = +47d 51' 32.3\" with 90% radius of 3 arcmin", 249.131167, 47.858972, 0.05, 0.9),
        ("candidate (16:36:31.483 +47:51:32.26)", 249.131179, 47.858961, None, None),
        ("at RA, Dec = 64.737, +13.352 which is", 64.737, 13.352, None, None),
        ("direction is RA 348.40, Dec 37.26 degrees", 348.40, 37.26, None, None),
        ("| name | ra | dec |\n|---+---+---|\n| AT2026x | 349.8224 | -0.7884 |", 349.8224, -0.7884, None, None),
    ],
)  # fmt: skip
def test_positions_are_found(
    words: str, ra_deg: float, dec_deg: float, error_deg: float | None, containment: float | None
) -> None:
    (found,) = positions_in(words)
    assert (found.ra_deg, found.dec_deg) == pytest.approx((ra_deg, dec_deg), abs=1e-5)
    assert found.error_deg == (None if error_deg is None else pytest.approx(error_deg))
    assert found.containment == containment


@pytest.mark.parametrize(
    "words", ["RA = 412.5, Dec = 10.0", "25:00:00 +10:00:00", "RA and Dec", "12:61:00.0 +10:00:00"]
)
def test_what_is_no_place_is_left_out(words: str) -> None:
    assert positions_in(words) == ()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("r = 20.32 +/- 0.06 mag", ReportedMagnitude(20.32, 0.06, "r")),
        ("with i-band magnitude of 19.9±0.1 (AB)", ReportedMagnitude(19.9, 0.1, "i", system="AB")),
        ("R > 19.1 (Vega)", ReportedMagnitude(19.1, None, "R", upper_limit=True, system="Vega")),
        ("a 3-sigma upper limit of r 21.5", ReportedMagnitude(21.5, None, "r", upper_limit=True)),
        ("|mjd|mag±err (ab)|filter|\n|---+---+---|\n|6.1|20.3±0.1|g|", ReportedMagnitude(20.3, 0.1, "g", system="AB")),
        ("|t | Filter | Upp.Lim. |\n|1.1|R|>19.1|", ReportedMagnitude(19.1, None, "R", upper_limit=True)),
    ],
)
def test_magnitudes_are_found(words: str, expected: ReportedMagnitude) -> None:
    assert magnitudes_in(words) == (expected,)


def test_numbers_of_other_things_are_no_magnitudes() -> None:
    assert magnitudes_in("RA = 20.1, 35.2 +/- 1.2 keV, BBH (>99%), E(B-V) = 1.226, T > 20 s") == ()


@pytest.mark.parametrize(
    ("words", "redshift"),
    [("a redshift of z = 0.360", 0.36), ("redshift 1.2", 1.2), ("z=0.0098", 0.0098), ("zoo", None)],
)
def test_a_redshift_is_found(words: str, redshift: float | None) -> None:
    assert redshift_in(words) == redshift


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("createdOn", 10**30),
        ("createdOn", "yesterday"),
        ("circularId", "no number"),
        ("circularId", -1),
        ("eventId", 17),
        ("subject", None),
        ("body", None),
        ("version", float("inf")),
        ("body", "\ud800\x00" * 50),
    ],
)
def test_damaged_fields_cost_only_themselves(field: str, value: Any) -> None:
    leads = leads_of(a_circular(**{field: value}))
    assert leads.reason and leads.notice_id


def test_a_circular_without_words_is_rejected() -> None:
    assert understand(b'{"circularId": 1}', name="x") == Rejected("circular without subject and body")


def test_a_circular_on_a_test_topic_is_marked() -> None:
    assert leads_of(a_circular(), topic="gcn.circulars.test").test
    assert not leads_of(a_circular()).test


def a_hermes_message(**changes: Any) -> dict[str, Any]:
    message: dict[str, Any] = {
        "title": "GRB 261122A: a fading source",
        "topic": "hermes.grandma",
        "submitter": "A. Observer",
        "message_text": "A source at RA=329.5158, Dec=52.8321 deg fades.",
        "data": {
            "event_id": "GRB 261122A",
            "targets": [
                {"name": "T1", "ra": "329.5158", "dec": "52.8321", "ra_error": "1.8", "ra_error_units": "arcsec"},
                {"name": "T2", "ra": "16:36:31.48", "dec": "-47:51:32.3", "redshift": 0.3},
                {"name": "nowhere", "ra": "500", "dec": "1"},
            ],
            "photometry": [
                {"bandpass": "r", "brightness": "19.35", "brightness_error": "0.2", "brightness_unit": "AB mag"},
                {"bandpass": "v", "limiting_brightness": "18.1", "limiting_brightness_unit": "AB mag"},
                {"bandpass": "x", "brightness": "1e-5", "brightness_unit": "mJy"},
            ],
        },
    }
    return message | changes


def test_a_hermes_message_gives_its_fields() -> None:
    leads = leads_of(a_hermes_message(uuid="b1"))
    assert (leads.name, leads.notice_id, leads.redshift, leads.test) == ("GRB 261122A", "hermes:b1", 0.3, False)
    first, second = leads.positions
    assert first == ReportedPosition(329.5158, 52.8321, error_deg=pytest.approx(0.0005), name="T1")
    assert (second.ra_deg, second.dec_deg) == pytest.approx((249.13117, -47.85897), abs=1e-4)
    assert leads.magnitudes == (
        ReportedMagnitude(19.35, 0.2, "r", system="AB"),
        ReportedMagnitude(18.1, None, "v", upper_limit=True, system="AB"),
    )


def test_a_hermes_message_to_a_test_topic_is_marked() -> None:
    assert leads_of(a_hermes_message(topic="hermes.test")).test


@pytest.mark.parametrize(
    "data", [None, [], {"targets": 1, "photometry": [1, None]}, {"targets": [{"ra": [], "dec": {}}]}]
)
def test_a_hermes_message_with_damaged_data_keeps_its_words(data: Any) -> None:
    assert leads_of(a_hermes_message(data=data)).positions == (ReportedPosition(329.5158, 52.8321),)


def a_tns_object(**changes: Any) -> dict[str, Any]:
    reply = {
        "objname": "2026abc",
        "name_prefix": "AT",
        "objid": 67022,
        "radeg": 0.518,
        "decdeg": 0.362,
        "discoverymag": 19.15,
        "discmagfilter": {"id": 111, "name": "r"},
        "redshift": None,
        "internal_names": "ZTF26aaaaaaa, ATLAS26x",
    }
    return {"id_code": 200, "id_message": "OK", "data": {"reply": reply | changes}}


def test_an_object_of_the_name_server_is_a_lead() -> None:
    leads = leads_of(a_tns_object())
    assert (leads.name, leads.event_key, leads.native_ids) == ("AT 2026abc", "tns:2026abc", ("tns.objid:67022",))
    assert leads.names == ("ZTF26aaaaaaa", "ATLAS26x")
    assert leads.positions == (ReportedPosition(0.518, 0.362),)
    assert leads.magnitudes == (ReportedMagnitude(19.15, band="r"),)
    newer = {"id_code": 200, "id_message": "OK", "data": a_tns_object()["data"]["reply"]}
    assert leads_of(newer).notice_id == leads.notice_id
    assert leads_of(a_tns_object(name_prefix="SN")).event_key == leads.event_key


def test_a_place_in_hours_serves_where_degrees_are_missing() -> None:
    leads = leads_of(a_tns_object(radeg=None, ra="00:02:04.359", dec="+00:21:43.07"))
    assert leads.positions[0].ra_deg == pytest.approx(0.5181625)


@pytest.mark.parametrize("data", [None, [], {"reply": []}, {"received_data": {}}])
def test_other_answers_of_the_name_server_ask_for_nothing(data: Any) -> None:
    found = understand(json.dumps({"id_code": 200, "id_message": "OK", "data": data}).encode(), name="x")
    assert isinstance(found, Ignored)
