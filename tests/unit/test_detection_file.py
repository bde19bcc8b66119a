"""Files of detections: read whole, or every mistake named by its line."""

import base64
import json

import msgspec
import pytest

from telescopes.agent.reported import Queued, Reported
from telescopes.description.detection_file import read_detection_file
from telescopes.description.errors import Refused

ONE = {"pointing_id": "p", "ra_deg": 1.5, "dec_deg": -2, "mag_ab": 18.5, "filter": "r"}
ONE |= {"mid_exposure": "2026-03-20T02:15:30Z"}
PNG = b"\x89PNG\r\n\x1a\n"


def read(text):
    return read_detection_file(text, "f.json", "t1")


def said(text):
    _, problems = read(text)
    assert problems
    return [f"{p.key}: {p.what}" for p in problems]


def lines(*detections):
    return "\n".join(json.dumps(d) for d in detections)


@pytest.mark.parametrize(
    "text",
    [
        lines(ONE, ONE | {"ra_deg": 3}),
        "\n\n" + lines(ONE, ONE | {"ra_deg": 3}) + "\r\n",
        json.dumps([ONE, ONE | {"ra_deg": 3}]),
        json.dumps([ONE, ONE | {"ra_deg": 3}], indent=2),
        json.dumps({"made_by": "x", "detections": [ONE, ONE | {"ra_deg": 3}]}, indent=2),
    ],
)
def test_lines_lists_and_objects_are_read_alike(text):
    detections, problems = read(text)
    assert problems == []
    assert [d.ra_deg for d in detections] == [1.5, 3.0]
    assert detections[0].mid_exposure.isoformat() == "2026-03-20T02:15:30+00:00"


def test_a_detection_is_named_by_what_it_says():
    first, second, other = read(lines(ONE, ONE | {"image_uri": "file:///x"}, ONE | {"mag_ab": 18.51}))[0]
    assert first.detection_id == second.detection_id != other.detection_id
    assert first.detection_id.startswith("t1:")


def test_a_detection_s_own_name_is_its_pointing_s_and_telescope_s():
    """Two pipelines count from one; the coordinator keeps all names in one place."""
    named = ONE | {"detection_id": "1"}
    first, again, other = (d.detection_id for d in read(lines(named, named, named | {"pointing_id": "q"}))[0])
    assert (first, again, other) == ("t1:p:1", "t1:p:1", "t1:q:1")
    long, longer = read(lines(ONE | {"detection_id": "x" * 127, "pointing_id": "p" * 128}, named))[0]
    assert len(long.detection_id) < 200 and long.detection_id != longer.detection_id


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"ra_deg": None}, "ra_deg is missing"),
        ({"ra_deg": "1.5"}, "is not a number"),
        ({"ra_deg": 361}, "ra_deg is 361"),
        ({"dec_deg": True}, "is not a number"),
        ({"mag_ab": 10**400}, "beyond all numbers"),
        ({"pointing_id": ""}, "pointing_id is missing"),
        ({"filter": "r\nr"}, "no text of one line"),
        ({"filter": 7}, "no text of one line"),
        ({"mid_exposure": "yesterday"}, "is not a time"),
        ({"mid_exposure": "2026-03-20T02:15:30"}, "no zone"),
        ({"mid_exposure": "0001-01-01T00:00:00+14:00"}, "not of this age"),
        ({"mid_exposure": None}, "mid_exposure is missing"),
        ({"snr": [1]}, "is not a number"),
        ({"magnitude": 1}, "no such key: 'magnitude'"),
        ({"cutout_png": "%%%"}, "no PNG"),
        ({"cutout_png": base64.b64encode(b"GIF89a").decode()}, "no PNG"),
        ({"cutout_png": base64.b64encode(PNG + bytes(70_000)).decode()}, "cutout_png has 70008 bytes"),
        ({"real_bogus": 1.5}, "real_bogus is 1.5"),
    ],
)
def test_each_mistake_is_named_with_its_line(changes, word):
    (what,) = said(lines(ONE, ONE | changes))
    assert what.startswith("line 2: ")
    assert word in what


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "file"),
        ("[]", "file"),
        ("17", "line 1"),
        ("null\n[", "line 1"),
        (lines(ONE) + "\n{", "line 2"),
        ('[{"a": 1},\n {"b": }]', "line 2"),
        (json.dumps([ONE]).removesuffix("]"), "line 1"),
        ("[\n" + json.dumps(ONE) + "\n\n3]", "line 4"),
        ('{"pointing_id": "p", "ra_deg": NaN}', "line 1"),
        ("[" * 100_000, "line 1"),
        ('{"detections": 3}', "line 1"),
        (lines(ONE) + '\n{"ra_deg": ' + "1" * 5000 + "}", "line 2"),
        ("[" + json.dumps(ONE) + ',\n{"ra_deg": ' + "1" * 5000 + "}]", "line 2"),
        ('{"detections":\n[\n{"ra_deg": ' + "1" * 5000 + "}]}", "line 3"),
        ('{"detections":\n[' + "[" * 100_000, "line 2"),
    ],
)
def test_what_is_no_detection_is_named_by_its_line(text, where):
    assert where in {what.partition(":")[0] for what in said(text)}


def test_a_number_without_end_is_refused_with_its_mend():
    (problem,) = read('{"ra_deg": ' + "1" * 5000 + "}")[1]
    assert (problem.what, problem.mend) == (
        "a number has 5000 digits, which nothing measures",
        "give a number, or leave it out if it is unknown",
    )


def test_detections_are_queued_once_and_taken_up(tmp_path):
    detections, _ = read(lines(ONE, ONE | {"ra_deg": 3}, ONE))
    agent, command = Reported(tmp_path / "r.sqlite"), Reported(tmp_path / "r.sqlite")
    assert command.queue(detections) == Queued(2, 1)
    assert agent.waiting() == detections[:2]
    agent.taken(agent.waiting())
    assert agent.waiting() == []
    assert command.queue(detections) == Queued(0, 3)
    assert command.queue(read(lines(ONE | {"ra_deg": 4}))[0]) == Queued(1, 0)
    assert [d.ra_deg for d in agent.waiting()] == [4.0]
    agent.close()
    command.close()


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="--state"):
        Reported(tmp_path / "file" / "r.sqlite")


def test_the_wire_s_detection_survives_the_file(tmp_path):
    (detection,), _ = read(lines(ONE | {"cutout_png": base64.b64encode(PNG).decode(), "snr": 7}))
    reported = Reported(tmp_path / "r.sqlite")
    reported.queue([detection])
    assert reported.waiting() == [detection]
    assert msgspec.json.decode(msgspec.json.encode(detection), type=type(detection)) == detection
    reported.close()
