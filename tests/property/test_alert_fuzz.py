"""Whatever comes in, one of four answers comes out: alert, leads, ignored or rejected."""

import base64
import gzip
import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.alerts.alert import Purpose
from coordinator.alerts.document import alerts_document
from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Alerts, Elsewhere, Ignored, Rejected, Understood
from coordinator.alerts.registry import understand


def cards(*pairs: str) -> bytes:
    block = "".join(card.ljust(80) for card in (*pairs, "END")).encode()
    return block.ljust(-(-len(block) // 2880) * 2880)


A_MAP = cards("SIMPLE  =                    T", "BITPIX  = 8", "NAXIS   = 0") + cards(
    "XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 8", "NAXIS2  = 1", "DATE-OBS= '2026-01-01'"
)
A_NOTICE: dict[str, Any] = {
    "superevent_id": "MS261122qx",
    "alert_type": "UPDATE",
    "time_created": "2026-11-22T21:18:31Z",
    "urls": {"gracedb": "https://x.example"},
    "event": {
        "time": "2026-11-22T21:14:07Z",
        "far": 1e-9,
        "search": "MDC",
        "group": "CBC",
        "instruments": ["H1"],
        "classification": {"BNS": 1.0},
        "properties": {},
        "skymap": base64.b64encode(A_MAP).decode(),
    },
    "external_coinc": {"observatory": "Fermi", "time_difference": 2.0, "combined_skymap": None},
}
SEEDS = [A_MAP, gzip.compress(A_MAP), json.dumps(A_NOTICE).encode(), gzip.compress(json.dumps(A_NOTICE).encode())]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=8,
)  # fmt: skip


def one_of_the_answers(meaning: Understood) -> None:
    """The answer is one that a reader may give, and a document can be made of it that is strict JSON."""
    assert isinstance(meaning, Alerts | Ignored | Rejected | Leads | Elsewhere)
    document = alerts_document([("file", meaning)])
    text = msgspec.json.encode(document)
    assert json.loads(text, parse_constant=lambda word: 1 / 0)["schema"] == "armillary.alerts/1"
    assert len(text) < 64 * 1024
    for said in document["ignored"] + document["rejected"]:
        assert said["reason"] and "\n" not in said["reason"]


@settings(max_examples=120)
@given(st.binary(max_size=300), st.sampled_from([b"", b"{", b"\x1f\x8b", b"SIMPLE  =", b"Obj\x01", b"\xff\xfe{"]))
def test_any_bytes(tail: bytes, start: bytes) -> None:
    one_of_the_answers(understand(start + tail, name="x"))


@settings(max_examples=120)
@given(st.sampled_from(SEEDS), st.data())
def test_a_damaged_message(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    one_of_the_answers(understand(bytes(damaged), name="x"))
    one_of_the_answers(understand(bytes(damaged[:cut]), name="x"))


@settings(max_examples=120)
@given(st.data())
def test_a_notice_with_anything_in_any_field(data: st.DataObject) -> None:
    notice = json.loads(json.dumps(A_NOTICE))
    inside = data.draw(st.sampled_from([notice, notice["event"], notice["external_coinc"]]))
    inside[data.draw(st.sampled_from(sorted(inside)))] = data.draw(ANY_JSON)
    one_of_the_answers(understand(json.dumps(notice).encode(), name=data.draw(st.text(max_size=5))))


@settings(max_examples=200)
@given(st.data())
def test_nothing_but_its_markers_makes_a_mock_an_observation(data: st.DataObject) -> None:
    notice = json.loads(json.dumps(A_NOTICE))
    for field in data.draw(st.lists(st.sampled_from(sorted(notice["event"])), max_size=4)):
        notice["event"][field] = data.draw(ANY_JSON)
    meaning = understand(json.dumps(notice).encode(), name="x", headers={"_test": data.draw(st.text(max_size=5))})
    if isinstance(meaning, Alerts):
        assert meaning.alerts[0].purpose is not Purpose.OBSERVATION
