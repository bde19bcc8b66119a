"""Damaged VOEvents: alert, ignored or rejected comes out, and a test never turns into an observation."""

import json
from typing import Any

import msgspec
from builders.voevents import a_voevent, an_lvk_voevent
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.alerts.alert import Purpose
from coordinator.alerts.document import alerts_document
from coordinator.alerts.message import Alerts, Ignored, Rejected, Understood
from coordinator.alerts.registry import understand
from coordinator.alerts.voevent.missions import GCN

IVORNS = [
    f"ivo://{GCN}/{place}#X_1"
    for place in ("SWIFT", "Fermi", "AMON", "SNEWS", "INTEGRAL", "MAXI", "KONUS", "AGILE", "MOA", "Antares_Alert")
] + ["ivo://gwnet/LVC#S1", "ivo://org.svom/fsc#sb1_x", "ivo://ca.chimenet.frb/FRB-UPDATE-#1", "ivo://x.example/y#1"]
NAMES = [
    "Packet_Type", "TrigID", "GraceID", "AlertType", "Pkt_Ser_Num", "Burst_Id", "run_id", "event_id", "Rev", "AMON_ID",
    "event_no", "FAR", "Significant", "Most_Likely_Index", "src_error_90", "skymap_fits", "Retraction", "Test",
    "pos_error_semiminor_deg_95", "pos_error_semimajor_deg_95", "Coords_String", "Record_Num", "Trans_Num",
]  # fmt: skip
TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), max_size=80)
VALUE = TEXT | st.integers().map(str) | st.floats().map(str)
NUMBER = st.floats().map(str) | st.sampled_from(["0", "-1", "360", "1e999", "", "12:30:01", "1_0", "٣"])
SEEDS = [
    a_voevent(params={"Packet_Type": 61, "TrigID": 1400001}, role="test", cites=[("followup", "ivo://x#1")]),
    an_lvk_voevent("MS261122qx", FAR=1e-9, External_Observatory="Fermi"),
]


def one_of_three(meaning: Understood) -> None:
    assert isinstance(meaning, Alerts | Ignored | Rejected)
    document = alerts_document([("file", meaning)])
    text = msgspec.json.encode(document)
    assert json.loads(text, parse_constant=lambda word: 1 / 0)["schema"] == "armillary.alerts/1"
    assert len(text) < 256 * 1024
    for said in document["ignored"] + document["rejected"]:
        assert said["reason"] and "\n" not in said["reason"]


def never_an_observation(meaning: Understood) -> None:
    if isinstance(meaning, Alerts):
        assert meaning.alerts[0].purpose is not Purpose.OBSERVATION


@settings(max_examples=300)
@given(st.sampled_from(SEEDS), st.data())
def test_a_damaged_packet(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    one_of_three(understand(bytes(damaged), name="x"))
    one_of_three(understand(bytes(damaged[:cut]), name="x"))


@settings(max_examples=400)
@given(
    st.sampled_from(IVORNS),
    st.dictionaries(st.sampled_from(NAMES), VALUE, max_size=8),
    st.sampled_from(NAMES),
    st.tuples(NUMBER, NUMBER, NUMBER),
    TEXT,
)
def test_a_packet_with_anything_in_any_field(
    ivorn: str, params: dict[str, Any], again: str, place: tuple[str, str, str], word: str
) -> None:
    raw = a_voevent(
        ivorn,
        params,
        groups={word: {again: params.get(again, word)}},
        place=place[:2],
        radius=place[2],
        time=word.replace("<", "").replace("&", ""),
        cites=[("retraction", word)],
        role="test",
    )
    meaning = understand(raw, name="x")
    one_of_three(meaning)
    never_an_observation(meaning)
