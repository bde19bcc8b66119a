"""Alpaca's images, as bytes and as JSON."""

import json
import struct

import numpy as np
import pytest

from telescopes.drivers.alpaca.image_array import NoImage, read_image

BYTES, JSON = "application/imagebytes", "application/json; charset=utf-8"
COLUMNS = np.array([[1, 2, 3], [4, 5, 60000]], "<u2")  # [x][y], y from the top
PIXELS = COLUMNS.tobytes()


def image_bytes(version=1, error=0, start=44, sent_as=8, rank=2, width=2, height=3, body=PIXELS):
    return struct.pack("<11i", version, error, 0, 0, start, 2, sent_as, rank, width, height, 0) + body


def test_both_forms_give_rows_from_the_bottom():
    rows = [[3, 60000], [2, 5], [1, 4]]
    assert read_image(BYTES, image_bytes()).tolist() == rows
    assert (
        read_image(JSON, json.dumps({"ErrorNumber": 0, "Rank": 2, "Value": COLUMNS.tolist()}).encode()).tolist() == rows
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no image"),
        (image_bytes(version=2), "version"),
        (image_bytes(error=0x40B, body=b"no image yet"), "no image yet .0x40B."),
        (image_bytes(rank=3), "no single plane"),
        (image_bytes(sent_as=99), "no single plane"),
        (image_bytes(width=-2), "no sense"),
        (image_bytes(width=10**6), "no sense"),
        (image_bytes(start=-4), "no sense"),
        (image_bytes(height=4), "too few"),
    ],
)
def test_bytes_that_are_no_image_say_why(body, why):
    with pytest.raises(NoImage, match=why):
        read_image(BYTES, body)


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        b"[" * 100_000,
        b'{"ErrorNumber": 1035, "ErrorMessage": "not yet"}',
        b'{"Value": null}',
        b'{"Value": [[1], [2, 3]]}',
        b'{"Value": [["a"]]}',
        b'{"Value": [[[1, 2, 3]]]}',
        b'{"Value": []}',
    ],
)
def test_json_that_is_no_image_is_refused(answer):
    with pytest.raises(NoImage):
        read_image(JSON, answer)
