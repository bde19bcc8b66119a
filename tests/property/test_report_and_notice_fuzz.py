"""Valid notices, messages and reports with damage: only alerts, leads, ignored or rejected ever come out."""

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.alerts.alert import Purpose
from coordinator.alerts.document import alerts_document
from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Alerts, Ignored, Rejected, Understood
from coordinator.alerts.registry import understand

BASE = "https://gcn.nasa.gov/schema/main/gcn/notices/"
NOTICE: dict[str, Any] = {
    "$schema": f"{BASE}fermi/gbm/trigger.schema.json",
    "mission": "Fermi",
    "instrument": "GBM",
    "alert_tense": "test",
    "alert_type": "update",
    "alert_datetime": "2026-11-22T19:44:00Z",
    "record_number": 2,
    "trigger_time": "2026-11-22T19:40:05.5Z",
    "id": ["812345678", "bn261122820"],
    "event_name": "GRB 261122A",
    "ra": 201.3,
    "dec": -43.0,
    "ra_dec_error": [0.2, 0.1, 30],
    "rectangular_error_corners": [[1, 2], [3, 4], [5, 6], [7, 8]],
    "containment_probability": 0.68,
    "healpix_file": "U0lNUExF",
    "healpix_url": "https://maps.example/a.fits",
    "classification": {"GRB": 0.9},
    "properties": {"HasNS": 1.0},
    "reference": {"gcn.notices.LVK.alert": "S261122qx-1-Initial"},
    "ref_ID": "S261122qx",
}
SEARCH: dict[str, Any] = {
    "$schema": f"{BASE}icecube/lvk_nu_track_search.schema.json",
    "alert_datetime": "2026-11-22T19:44:00Z",
    "ref_ID": "S261122qx",
    "n_events_coincident": 1,
    "pval_generic": 0.1,
    "most_probable_direction": {"ra": 1, "dec": 2},
    "coincident_events": [{"ra": 1, "dec": 2, "ra_dec_error": 0.5}],
}
BOOM: dict[str, Any] = {
    "$schema": f"{BASE}boom/alert.schema.json",
    "alert_datetime": "2026-11-22T19:44:00Z",
    "data": {"targets": [{"event_name": "a", "ra": 1, "dec": 2}], "photometry": [{"event_name": "a", "mag": 20}]},
}
CIRCULAR: dict[str, Any] = {
    "circularId": 1,
    "version": 2,
    "subject": "S261122qx: retraction",
    "eventId": "S261122qx",
    "createdOn": 1795381200500,
    "body": "RA = 10:20:30.4, Dec = -10:20:30 (90% error 3 arcmin) r = 20.1 +/- 0.1, z = 0.1\n|mag|filter|\n|20.1|r|\n",
}
HERMES: dict[str, Any] = {
    "title": "GRB 261122A",
    "message_text": "at RA=329.5158, Dec=52.8321",
    "topic": "hermes.test",
    "submitter": "x",
    "uuid": "u",
    "data": {"event_id": "x", "targets": [{"ra": "1.5", "dec": "2.5"}], "photometry": [{"brightness": "19.1"}]},
}
SNEWS: dict[str, Any] = {
    "detector_name": "XENONnT",
    "detector_names": None,
    "neutrino_time_utc": "2026-11-22T22:14:50.345275",
    "machine_time": "2026-11-22T22:14:57.238275",
    "neutrino_times": None,
    "sub_list_number": 3,
    "p_val": 0.07,
    "is_test": "True",
    "uuid": "m-1",
    "tier": "CoincidenceTier",
}
TNS: dict[str, Any] = {
    "id_code": 200,
    "id_message": "OK",
    "data": {"reply": {"objname": "2026abc", "radeg": 1.0, "decdeg": 2.0, "discoverymag": 19.0, "objid": 1}},
}
COLIBRI: dict[str, Any] = {
    "source_name": "GRB 261122A",
    "trigger_id": "1",
    "timestamp": 1795381205500,
    "classification": {"GRB": 1.0},
    "ra": 10.0,
    "dec": -5.0,
    "err": 2.5,
    "event_id": "1",
    "dedupe_key": "d",
    "update_type": "new",
}
DOCUMENTS = [NOTICE, SEARCH, BOOM, CIRCULAR, HERMES, SNEWS, TNS, COLIBRI]
TEXT = b"""TITLE:           GCN/FERMI NOTICE
NOTICE_DATE:     Sun 22 Nov 26 19:41:00 UT
NOTICE_TYPE:     Fermi-GBM Flight Position
RECORD_NUM:      2
TRIGGER_NUM:     812345678
GRB_RA:          214.517d {+14h 18m 04s} (J2000),
                 214.856d {+14h 19m 25s} (current)
GRB_DEC:         -11.300d {-11d 18' 00"} (J2000)
GRB_ERROR:       1.75 [deg radius, statistical only]
GRB_DATE:        21366 TJD;   326 DOY;   26/11/22
GRB_TIME:        70805.50 SOD {19:40:05.50} UT
MOST_LIKELY:     97%  GRB
FAR:             1e-9 [Hz]
COMMENTS:        Fermi-GBM Flight Position.
"""
MAIL = b"TITLE: GCN CIRCULAR\nNUMBER: 1\nSUBJECT: GRB 261122A\nDATE: 26/11/22 21:00:00 GMT\n\nRA = 1.5, Dec = 2.5\n"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def one_of_four(meaning: Understood) -> None:
    """The answer is one of four, of bounded size, and strict JSON can be made of it."""
    assert isinstance(meaning, Alerts | Ignored | Rejected | Leads)
    document = alerts_document([("file", meaning)])
    text = msgspec.json.encode(document)
    assert json.loads(text, parse_constant=lambda word: 1 / 0)["schema"] == "armillary.alerts/1"
    assert len(text) < 64 * 1024
    for said in document["ignored"] + document["rejected"]:
        assert said["reason"] and "\n" not in said["reason"]
    for alert in document["alerts"]:
        assert alert["event_key"] and alert["notice_id"] and "\n" not in alert["event_key"]


def inner(value: Any) -> list[dict[str, Any]]:
    """Return every object inside a document, itself included."""
    if isinstance(value, dict):
        return [value] + [one for entry in value.values() for one in inner(entry)]
    return [one for entry in value for one in inner(entry)] if isinstance(value, list) else []


@settings(max_examples=150)
@given(st.sampled_from(DOCUMENTS), st.data())
def test_anything_in_any_field(document: dict[str, Any], data: st.DataObject) -> None:
    damaged = json.loads(json.dumps(document))
    for _ in range(data.draw(st.integers(1, 3))):
        objects = [one for one in inner(damaged) if one]
        inside = data.draw(st.sampled_from(objects))
        inside[data.draw(st.sampled_from(sorted(inside)))] = data.draw(ANY_JSON)
    one_of_four(understand(json.dumps(damaged).encode(), name=data.draw(st.text(max_size=5))))


@settings(max_examples=150)
@given(st.sampled_from([*(json.dumps(one).encode() for one in DOCUMENTS), TEXT, MAIL]), st.data())
def test_damaged_bytes(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    one_of_four(understand(bytes(damaged), name="x"))
    one_of_four(understand(bytes(damaged[:cut]), name="x"))


@settings(max_examples=200)
@given(st.data())
def test_nothing_but_its_tense_makes_a_test_an_observation(data: st.DataObject) -> None:
    notice = json.loads(json.dumps(NOTICE))
    fields = sorted(set(notice) - {"alert_tense"})
    for field in data.draw(st.lists(st.sampled_from(fields), max_size=4)):
        notice[field] = data.draw(ANY_JSON)
    meaning = understand(json.dumps(notice).encode(), name="x")
    if isinstance(meaning, Alerts):
        assert all(alert.purpose is not Purpose.OBSERVATION for alert in meaning.alerts)


@settings(max_examples=200)
@given(st.text(max_size=400))
def test_any_words_in_a_circular(words: str) -> None:
    one_of_four(understand(json.dumps(CIRCULAR | {"body": words, "subject": words[:80]}).encode(), name="x"))
