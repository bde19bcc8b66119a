"""Good messages of every form with damaged fields, and any bytes: only what a reader may answer ever comes out.

`make fuzz` goes on for ten minutes (ARMILLARY_FUZZ_S), over the recorded messages too where ARMILLARY_DATA names them.
"""

import copy
import json
import os
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from builders.notices import a_map, a_notice
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from coordinator.alerts.document import alerts_document
from coordinator.alerts.message import Understood
from coordinator.alerts.registry import understand

FUZZ_S = float(os.environ.get("ARMILLARY_FUZZ_S", "0"))
EXAMPLES = 60
LONGEST_SAMPLE = 200_000
TOPICS = ("", "igwn.gwalert", "gcn.notices.einstein_probe.wxt.alert", "gcn.circulars", "snews.alert-test", "\x00")

A_VOEVENT = b"""<?xml version="1.0"?>
<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" role="observation" version="2.0"
 ivorn="ivo://nasa.gsfc.gcn/SWIFT#BAT_GRB_Pos_1400009-001">
<Who><AuthorIVORN>ivo://nasa.gsfc.tan/gcn</AuthorIVORN><Date>2026-11-22T20:02:30</Date></Who>
<What><Param name="Packet_Type" value="61"/><Param name="TrigID" value="1400009" unit="dn"/>
<Group name="Solution_Status"><Param name="Test_Submission" value="false"/></Group></What>
<WhereWhen><ObsDataLocation><ObservationLocation><AstroCoordSystem id="UTC-FK5-GEO"/><AstroCoords>
<Time unit="s"><TimeInstant><ISOTime>2026-11-22T20:02:11.00</ISOTime></TimeInstant></Time>
<Position2D unit="deg"><Value2><C1>133.2</C1><C2>-12.0</C2></Value2><Error2Radius>0.05</Error2Radius></Position2D>
</AstroCoords></ObservationLocation></ObsDataLocation></WhereWhen></voe:VOEvent>"""
A_GCN_NOTICE: dict[str, Any] = {
    "$schema": "https://gcn.nasa.gov/schema/v4.1.0/gcn/notices/einstein_probe/wxt/alert.schema.json",
    "instrument": "WXT",
    "trigger_time": "2026-11-22T19:40:05.512Z",
    "id": ["01709299901"],
    "ra": 201.331,
    "dec": -43.012,
    "ra_dec_error": 0.05,
    "alert_tense": "current",
}
A_SUPERNOVA = {"detector_name": "XENONnT", "neutrino_time_utc": "2026-11-22T22:14:50.3", "p_val": 0.07}
A_CIRCULAR = b"TITLE:   GCN CIRCULAR\nNUMBER:  43001\nSUBJECT: GRB 261122A: optical counterpart\nDATE:    26/11/22\n"
SEEDS = (
    a_notice("S260320a", "PRELIMINARY", 60, a_map()),
    json.dumps(A_GCN_NOTICE).encode(),
    json.dumps(A_SUPERNOVA).encode(),
    A_VOEVENT,
    A_CIRCULAR,
    b"Obj\x01" + bytes(40),
    b"\x00\x00\x00\x04\x4d" + bytes(40),
)
"""One good message of every form; those of a new stream go here."""

ODD_WORDS = st.sampled_from(
    [
        "",
        " ",
        "NaN",
        "-1e400",
        "9" * 400,
        "null",
        "\x00",
        "ï»¿",
        "\ud800",
        "2026-13-45T99:00:00Z",
        "S1" * 300,
        "<a>",
        "%s",
    ]
)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    ODD_WORDS,
    st.lists(st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=5), st.none() | st.floats(), max_size=3),
)
QUIET = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@cache
def samples() -> tuple[bytes, ...]:
    """The recorded messages, when there is time for them."""
    folder = Path(os.environ.get("ARMILLARY_DATA", "/nowhere")) / "alerts"
    files = sorted(folder.rglob("*")) if FUZZ_S else ()
    return SEEDS + tuple(f.read_bytes() for f in files if f.is_file() and f.stat().st_size <= LONGEST_SAMPLE)


def only_an_answer(raw: bytes, topic: str = "", headers: dict[str, str] | None = None) -> None:
    """Read a message; what comes out is an answer, of which a document in strict JSON can be made."""
    meaning = understand(raw, name="x", topic=topic, headers=headers)
    assert isinstance(meaning, Understood)
    text = msgspec.json.encode(alerts_document([("x", meaning)]))
    assert json.loads(text, parse_constant=lambda word: 1 / 0)["schema"] == "armillary.alerts/1"


SEED = st.deferred(lambda: st.sampled_from(samples()))


@QUIET
@given(
    st.binary(max_size=400), SEED, st.sampled_from(TOPICS), st.dictionaries(st.text(max_size=8), st.text(max_size=8))
)
def test_any_bytes_behind_any_beginning(tail: bytes, seed: bytes, topic: str, headers: dict[str, str]) -> None:
    only_an_answer(seed[:40] + tail, topic, headers)
    only_an_answer(tail, topic, headers)


@QUIET
@given(SEED, st.data())
def test_bytes_changed_cut_out_and_said_twice(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(damaged) - 1)))
        length = data.draw(st.integers(0, 40))
        match data.draw(st.sampled_from(["change", "cut", "twice"])):
            case "change":
                damaged[at : at + length] = data.draw(st.binary(max_size=40))
            case "cut":
                del damaged[at : at + length]
            case _:
                damaged[at:at] = damaged[at : at + length]
    only_an_answer(bytes(damaged), data.draw(st.sampled_from(TOPICS)))


@QUIET
@given(SEED, st.data())
def test_json_with_anything_in_any_field(seed: bytes, data: st.DataObject) -> None:
    try:
        document = json.loads(seed)
    except (ValueError, RecursionError):
        return
    document = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(_places(document))
        if not places:
            break
        inside, key = data.draw(st.sampled_from(places))
        if isinstance(inside, dict) and data.draw(st.integers(0, 4)) == 0:
            inside.pop(key)
        else:
            inside[key] = data.draw(ODD)
    only_an_answer(json.dumps(document).encode(), data.draw(st.sampled_from(TOPICS)))


@QUIET
@given(SEED, st.data())
def test_xml_with_anything_in_any_field(seed: bytes, data: st.DataObject) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(seed, parser)
    except etree.XMLSyntaxError:
        return
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    for _ in range(data.draw(st.integers(1, 3))):
        one = data.draw(st.sampled_from(elements))
        _damage(one, data)
    only_an_answer(etree.tostring(root), data.draw(st.sampled_from(TOPICS)))


@pytest.mark.skipif(not FUZZ_S, reason="make fuzz goes on for ten minutes")
def test_for_as_long_as_is_asked() -> None:
    checks: tuple[Callable[[], None], ...] = (
        test_any_bytes_behind_any_beginning,
        test_bytes_changed_cut_out_and_said_twice,
        test_json_with_anything_in_any_field,
        test_xml_with_anything_in_any_field,
    )
    end = time.monotonic() + FUZZ_S
    while time.monotonic() < end:
        for check in checks:
            check()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document, with what it lies in."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)


def _damage(one: Any, data: st.DataObject) -> None:
    word = data.draw(ODD_WORDS | st.text(max_size=20))
    try:
        match data.draw(st.sampled_from(["text", "attribute", "remove", "twice"])):
            case "text":
                one.text = word
            case "attribute" if one.attrib:
                one.set(data.draw(st.sampled_from(sorted(one.attrib))), word)
            case "remove" if one.getparent() is not None:
                one.getparent().remove(one)
            case _ if one.getparent() is not None:
                one.getparent().append(copy.deepcopy(one))
    except (ValueError, UnicodeEncodeError):  # what XML cannot hold is not sent
        return
