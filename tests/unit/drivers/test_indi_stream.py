"""INDI's XML: whole elements out of pieces, and nothing else."""

import base64

import pytest

from telescopes.drivers.indi.properties import Known, number
from telescopes.drivers.indi.xml_stream import LARGEST_VECTOR, BadXml, XmlStream

NUMBERS = (
    b'<defNumberVector device="M" name="EOD" state="Idle"><defNumber name="RA" label="RA (h)">\n 1.5 \n</defNumber>'
    b'<defNumber name="DEC">-0:30:00</defNumber></defNumberVector>'
)
BUSY = (
    b'<setNumberVector device="M" name="EOD" state="Busy" message="on its way">'
    b'<oneNumber name="RA">2</oneNumber></setNumberVector>'
)


def learnt(*pieces: bytes) -> Known:
    stream, known = XmlStream(), Known()
    for at, piece in enumerate(pieces):
        for element in stream.feed(piece):
            known.take(element, float(at))
    return known


def test_elements_are_whole_however_they_were_cut() -> None:
    whole = NUMBERS + b"\n" + BUSY
    for cut in (1, 7, 100):
        known = learnt(*(whole[i : i + cut] for i in range(0, len(whole), cut)))
        vector = known.vectors["M", "EOD"]
        assert (vector.state, vector.values, vector.heard) == ("Busy", {"RA": "2", "DEC": "-0:30:00"}, 2)
        assert known.messages == {"M": "on its way"}


def test_what_was_never_defined_is_not_set() -> None:
    assert learnt(BUSY).vectors == {}


def test_a_property_can_be_taken_away() -> None:
    assert learnt(NUMBERS, b'<delProperty device="M"/>').vectors == {}
    assert learnt(NUMBERS, b'<delProperty device="M" name="OTHER"/>').vectors != {}


def test_an_image_comes_with_its_format() -> None:
    content = bytes(range(256)) * 10
    blob = b'<oneBLOB name="CCD1" format=".fits" size="2560">%s</oneBLOB>' % base64.encodebytes(content)
    image = learnt(b'<setBLOBVector device="C" name="CCD1">%s</setBLOBVector>' % blob).images["C"]
    assert (image.format, image.content) == (".fits", content)


@pytest.mark.parametrize(
    "evil",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]>',
        b"<?php x?>",
        b"<a></b>",
        b"</indi>",
        b"<a>&unknown;</a>",
        b"\xff\xfe<a/>",
        b"<a><b><c><d><e/></d></c></b></a>",
        b"<a>" + b"<b/>" * 5000,
        b'<a x="1" x="2"/>',
    ],
)
def test_what_is_not_indi_is_refused(evil: bytes) -> None:
    with pytest.raises(BadXml):
        learnt(NUMBERS, evil)


def test_an_element_without_end_is_given_up() -> None:
    stream = XmlStream()
    with pytest.raises(BadXml, match="more than"):
        for _ in range(LARGEST_VECTOR // 60_000 + 3):
            list(stream.feed(b"<a>" + b"x" * 60_000 if _ == 0 else b"x" * 60_000))


def test_a_long_night_of_small_elements_is_never_too_much() -> None:
    stream, whole = XmlStream(), BUSY * 1000
    cut, inside = len(BUSY) * 100, BUSY.index(b"<one")
    fed = given = 0
    while fed < 3 * LARGEST_VECTOR:
        # Every piece ends inside an element, as those of a network do.
        piece = whole[inside : inside + cut] if fed else whole[: inside + cut]
        given += len(list(stream.feed(piece)))
        fed += len(piece)
    assert given == fed // len(BUSY)


def test_an_element_that_is_too_large_is_given_up_after_small_ones_too() -> None:
    stream = XmlStream()
    list(stream.feed(BUSY * 100 + b"<a>"))
    with pytest.raises(BadXml, match="more than"):
        for _ in range(LARGEST_VECTOR // 60_000 + 3):
            list(stream.feed(b"x" * 60_000))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("-0:30:00", -0.5),
        ("12 30", 12.5),
        ("1;30;36", 1.51),
        ("", None),
        ("x", None),
        ("-", None),
        ("nan", None),
    ],
)
def test_numbers_are_decimal_or_sexagesimal(text: str, value: float | None) -> None:
    assert number(text) == (value if value is None else pytest.approx(value))
