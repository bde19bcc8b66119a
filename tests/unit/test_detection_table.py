"""Tables of detections in anybody's spelling."""

import zlib
from datetime import UTC, datetime

import msgspec
import pytest

from coordinator.vetting.facts import CheckResult, ScoredCandidate
from coordinator.vetting.rows import read_rows
from coordinator.vetting.table import read_table
from telescopes.description.errors import Refused


def test_other_spellings_are_understood_and_said() -> None:
    table = read_rows([{"Name": "x", "RA": "10.5", "Dec": "-5", "magpsf": "19.1", "jd": "2458710.5"}], {}, "t.csv")
    assert table.by_id is not None
    (sighting,) = table.by_id["x"]
    assert (sighting.ra_deg, sighting.dec_deg, sighting.mag_ab) == (10.5, -5.0, 19.1)
    assert sighting.time == datetime(2019, 8, 15, 0, 0, tzinfo=UTC)
    assert table.notes[0].startswith("taken: Name as id")


def test_unknown_columns_are_named_and_ignored() -> None:
    table = read_rows([{"id": "x", "ra_deg": "1", "dec_deg": "2", "mood": "blue"}], {}, "t.csv")
    assert table.notes == ("ignored: mood",)


def test_the_askers_mapping_wins() -> None:
    row = {"id": "1", "name": "x", "ra": "1", "dec": "2"}
    table = read_rows([row], {"id": "name"}, "t.csv")
    assert table.by_id is not None
    assert list(table.by_id) == ["x"]


@pytest.mark.parametrize("filler", ["", "--", "nan", "-999", "-99.0", "inf", "None"])
def test_fillers_are_unknown(filler: str) -> None:
    table = read_rows([{"ra": "1", "dec": "2", "mag": filler, "z": filler, "time": ""}], {}, "t.csv")
    (sighting,) = table.sightings
    assert (sighting.mag_ab, sighting.host_redshift, sighting.time) == (None, None, None)
    assert table.by_id is None


def test_rows_of_one_id_are_one_light_curve_and_a_row_given_twice_is_one_detection() -> None:
    rows = [{"id": "x", "ra": "1", "dec": "2", "mjd": day} for day in ("58710", "58711", "58711")]
    table = read_rows(rows, {}, "t.csv")
    assert table.by_id is not None
    assert len({s.id for s in table.by_id["x"]}) == 2


@pytest.mark.parametrize(
    ("row", "mapping", "what"),
    [
        ({"ra": "1"}, {}, "dec_deg"),
        ({"ra": "1", "dec": "95"}, {}, "row 1: dec is 95"),
        ({"ra": "12:30:01", "dec": "1"}, {}, "row 1: ra is not a number"),
        ({"ra": "nan", "dec": "1"}, {}, "row 1: has no place"),
        ({"ra": "1", "dec": "1", "time": "yesterday"}, {}, "no ISO time"),
        ({"ra": "1", "dec": "1", "time": "0001-01-01T00:00:00+01:00"}, {}, "no ISO time"),
        ({"ra": "1", "dec": "1"}, {"id": "nosuch"}, "no column nosuch"),
        ({"ra": "1", "dec": "1"}, {"colour": "ra"}, "colour is not known"),
        ({"ra": "1", "dec": "1", "mjd": "1e12"}, {}, "no date"),
        ({"id": " ", "ra": "1", "dec": "1"}, {}, "row 1: id is empty"),
    ],
)
def test_what_is_wrong_is_refused_with_its_row(row: dict[str, str], mapping: dict[str, str], what: str) -> None:
    with pytest.raises(Refused, match=r"t\.csv|--columns") as refused:
        read_rows([row], mapping, "t.csv")
    assert what in str(refused.value)


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(Refused, match="no rows"):
        read_rows([], {}, "t.csv")


def test_a_table_of_whole_candidates_as_older_journals_have_it_is_read() -> None:
    check = CheckResult("sky", 1.5, True, "in", "map", "because")
    candidates = (ScoredCandidate("a", 1.0, 2.0, None, 0.25, -1.1, "possible", 3, (check,), 18.0, "r", None),)
    assert read_table(zlib.compress(msgspec.json.encode(candidates))) == candidates
