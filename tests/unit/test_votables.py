"""VOTables from elsewhere: read in every form, and harmless whatever they say."""

import tracemalloc
from pathlib import Path

import pytest
from builders.votables import STAR, a_votable, in_another_form
from hypothesis import given
from hypothesis import strategies as st

from coordinator.catalogues.remote.nonsense import MOST_ROWS
from coordinator.catalogues.remote.tables import read_table, read_votable, written
from telescopes.description.errors import RetryLater

ROWS = [(4611686018427387905, 10.0001, 20.0, 15.25), (2, 10.002, -20.5, "")]
WELL = a_votable(STAR, ROWS)
BINARY = in_another_form(WELL, "binary")


@pytest.mark.parametrize("form", ["tabledata", "binary", "binary2"])
def test_a_table_says_the_same_in_every_form(form: str) -> None:
    table = read_table(in_another_form(WELL, form))
    assert table.columns == ("name", "ra", "dec", "mag")
    assert table.rows[0] == {"name": "4611686018427387905", "ra": "10.0001", "dec": "20.0", "mag": "15.25"}
    assert table.rows[1]["mag"] in ("", "nan")
    assert not table.cut_off


@pytest.mark.parametrize("form", ["tabledata", "binary", "binary2"])
@pytest.mark.parametrize("columns", [STAR, STAR | {"name": "char"}])
def test_as_many_rows_as_are_asked_for_are_read_in_every_form(form: str, columns: dict[str, str]) -> None:
    name = "4611686018427387905"
    table = read_table(in_another_form(a_votable(columns, [(name, 10.0, 20.0, 15.25)] * MOST_ROWS), form))
    assert len(table.rows) == MOST_ROWS
    assert table.rows[-1]["name"] == name


def test_a_text_table_may_begin_with_a_mark_of_its_order_of_bytes() -> None:
    assert read_table(b"\xef\xbb\xbfname,ra\na,1\n").rows == ({"name": "a", "ra": "1"},)


def test_a_cell_of_a_text_table_may_hold_any_mark_of_a_new_line() -> None:
    assert read_table('name,ra\na\u2028b,1\n"c\nd",2\n'.encode()).rows[0]["name"] == "a\u2028b"


def test_names_of_elements_may_have_a_prefix_and_columns_any_name() -> None:
    table = read_table(a_votable({"GLADE+": "char"}, [["a<b"]], prefix="vot:"))
    assert table.rows == ({"GLADE+": "a<b"},)


def test_a_table_that_was_cut_off_says_so() -> None:
    assert read_table(a_votable(STAR, ROWS, "OVERFLOW")).cut_off


def test_a_table_without_rows_is_a_table() -> None:
    assert read_table(a_votable(STAR, [])).rows == ()


def test_what_is_written_to_be_remembered_is_read_again() -> None:
    table = read_table(a_votable({"name": "char", "ra": "double"}, [['a "quoted", name', 1.5], ["two\nlines", 2.5]]))
    again = read_table(written(table.columns, table.rows))
    assert [row["name"] for row in again.rows] == ['a "quoted", name', "two lines"]
    assert [row["ra"] for row in again.rows] == ["1.5", "2.5"]


def test_an_error_is_told_in_the_words_of_the_service() -> None:
    body = (
        b'<VOTABLE><RESOURCE type="results"><INFO name="QUERY_STATUS" value="ERROR">no such\n table</INFO>'
        b"</RESOURCE></VOTABLE>"
    )
    with pytest.raises(RetryLater, match=r"it says that it failed \(no such table\)"):
        read_votable(body)


def test_a_cone_search_says_its_error_in_a_parameter() -> None:
    with pytest.raises(RetryLater, match="SR is too large"):
        read_votable(b'<VOTABLE><INFO ID="Error" name="Error" value="SR is too large"/></VOTABLE>')


def a_table(fields: str, data: str = "") -> bytes:
    return f"<VOTABLE><RESOURCE><TABLE>{fields}<DATA>{data}</DATA></TABLE></RESOURCE></VOTABLE>".encode()


NAME = '<FIELD name="name" datatype="char" arraysize="*"/>'
HARM = {
    "rows by the thousand million": a_votable(STAR, ROWS, nrows="1000000000"),
    "rows by an absurd number": a_votable(STAR, ROWS, nrows="9" * 40),
    "more rows than a cone holds": a_votable(STAR, ROWS * 300),
    "more rows than a cone holds, packed": in_another_form(a_votable({"a": "float"}, [[1.0]] * 501), "binary2"),
    "rows of no width": a_table(
        '<FIELD name="a" datatype="char" arraysize="0"/>', '<BINARY><STREAM encoding="base64">AAAA</STREAM></BINARY>'
    ),
    "rows without columns": a_table("", '<BINARY><STREAM encoding="base64">AAAA</STREAM></BINARY>'),
    "cells as long as a disk": a_table('<FIELD name="a" datatype="double" arraysize="1000000x1000"/>'),
    "many wide columns": a_table('<FIELD name="a" datatype="double" arraysize="1000"/>' * 300),
    "columns that are wide together": a_table('<FIELD name="a" datatype="char" arraysize="14000*"/>' * 400),
    "short rows in wide columns": a_table(
        '<FIELD name="a" datatype="char" arraysize="16000*"/>',
        f'<BINARY><STREAM encoding="base64">{"AAAA" * 50_000}</STREAM></BINARY>',
    ),
    "more columns than anybody has": a_table(NAME * 401),
    "an entity that grows": b'<!DOCTYPE a [<!ENTITY b "cccc">]><VOTABLE>&b;</VOTABLE>',
    "another page": b"<html><body>Maintenance</body></html>",
    "no table": b"<VOTABLE><RESOURCE/></VOTABLE>",
    "half a document": WELL[: len(WELL) // 2],
    "an unknown encoding": b'<?xml version="1.0" encoding="klingon"?><VOTABLE/>',
    "nothing but a bracket": b"<",
}


@pytest.mark.parametrize("what", HARM)
def test_harm_is_seen_before_it_is_done(what: str) -> None:
    with pytest.raises(RetryLater, match="answered nonsense"):
        read_table(HARM[what])


@pytest.mark.parametrize("form", ["BINARY", "BINARY2", "FITS"])
def test_rows_that_lie_elsewhere_are_not_fetched(tmp_path: Path, form: str) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"\0\0\0\4oops")
    body = a_table(NAME, f'<{form}><STREAM href="{secret.as_uri()}"/></{form}>')
    with pytest.raises(RetryLater, match="rows lie elsewhere"):
        read_table(body)


def test_a_document_of_many_rows_takes_no_more_room_than_itself() -> None:
    body = a_table(NAME, f"<TABLEDATA>{'<TR><TD>a</TD></TR>' * 400_000}</TABLEDATA>")
    tracemalloc.start()
    try:
        with pytest.raises(RetryLater, match="more than 500 rows"):
            read_table(body)
        assert tracemalloc.get_traced_memory()[1] < 2 * len(body)
    finally:
        tracemalloc.stop()


@given(st.integers(0, len(WELL) - 1), st.binary(max_size=6), st.integers(0, 40), st.sampled_from([WELL, BINARY]))
def test_no_damage_breaks_the_reader(at: int, new: bytes, gone: int, whole: bytes) -> None:
    try:
        table = read_table(whole[:at] + new + whole[at + gone :])
    except RetryLater:
        return
    assert len(table.rows) <= 500
