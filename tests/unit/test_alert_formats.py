"""Recognition by content, bare sky maps, foreign JSON, and what asks for nothing."""

import gzip
import json
from datetime import UTC, datetime

import pytest

from coordinator.alerts.alert import Purpose
from coordinator.alerts.fits_header import read_headers
from coordinator.alerts.message import Alerts, Ignored, Rejected, Understood
from coordinator.alerts.registry import FORMATS, understand
from coordinator.alerts.strict_json import MAX_BYTES, read_json
from telescopes.description.errors import Refused


def cards(*pairs: str) -> bytes:
    block = "".join(card.ljust(80) for card in (*pairs, "END")).encode()
    return block.ljust(-(-len(block) // 2880) * 2880)


def a_map(*more: str, primary: tuple[str, ...] = ("NAXIS   = 0",)) -> bytes:
    first = cards("SIMPLE  =                    T", "BITPIX  = 8", *primary)
    table = cards("XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 8", "NAXIS2  = 1", *more)
    return first + table + b"\0" * 2880


def meaning(raw: bytes, name: str = "x") -> Understood:
    return understand(raw, name=name)


def test_a_bare_map_is_of_unknown_purpose() -> None:
    found = meaning(a_map("ORDERING= 'NUNIQ'", "DATE-OBS= '2019-08-14T21:10:39.012255' / UTC", "OBJECT  = 'G347305 '"))
    assert isinstance(found, Alerts)
    alert = found.alerts[0]
    assert alert.purpose is None and alert.phase is None
    assert alert.t0 == datetime(2019, 8, 14, 21, 10, 39, 12255, UTC)
    assert alert.event_key == f"skymap:{alert.raw_sha256[:12]}" and alert.name == "G347305"
    assert alert.localization.kind == "multiorder" and alert.localization.skymap_sha256 == alert.raw_sha256


@pytest.mark.parametrize(
    ("name", "key", "purpose"),
    [
        ("S190814bv", "lvk:S190814bv", None),
        ("MS190814bv", "lvk:MS190814bv", Purpose.MOCK),
        ("TS190814bv", "lvk:TS190814bv", Purpose.TEST),
    ],
)
def test_a_map_that_names_its_superevent_belongs_to_it(name: str, key: str, purpose: Purpose | None) -> None:
    found = meaning(a_map(f"OBJECT  = '{name}'"))
    assert isinstance(found, Alerts)
    assert (found.alerts[0].event_key, found.alerts[0].purpose) == (key, purpose)


def test_axes_of_astronomical_length_are_only_further_than_we_look() -> None:
    axes = [f"NAXIS{n}  = {'9' * 69}" for n in range(1, 6)]
    headers = read_headers(cards("SIMPLE  =                    T", "BITPIX  = 8", "NAXIS   = 5", *axes))
    assert headers.table is None
    assert not headers.complete


def test_a_packed_map_is_known_by_its_content_whatever_its_name() -> None:
    raw = gzip.compress(a_map("ORDERING= 'RING'", "MJD-OBS = 57982.5"), mtime=0)
    found = meaning(raw, "alert.json")
    assert isinstance(found, Alerts)
    assert found.alerts[0].localization.kind == "flat"
    assert found.alerts[0].t0 == datetime(2017, 8, 17, 12, tzinfo=UTC)
    assert found.maps == {found.alerts[0].raw_sha256: raw}


def test_a_time_in_the_first_header_counts_where_the_table_has_none() -> None:
    found = meaning(a_map(primary=("NAXIS   = 0", "DATE-OBS= '2026-01-01'")))
    assert isinstance(found, Alerts)
    assert found.alerts[0].t0 == datetime(2026, 1, 1, tzinfo=UTC)


def test_headers_are_found_behind_data() -> None:
    image = cards("SIMPLE  =                    T", "BITPIX  = -32", "NAXIS   = 2", "NAXIS1  = 10", "NAXIS2  = 100")
    table = a_map("OBJECT  = 'O''Brien / x'")[2880:]
    headers = read_headers(image + b"\0" * 5760 + table)
    assert headers.get("OBJECT") == "O'Brien / x"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"\x00\x01", "no known format"),
        (b"<!DOCTYPE html><html></html>", "a web page, not an alert"),
        (b"[1, 2]", "JSON, but no known alert"),
        (b'"text"', "JSON, but no known alert"),
        (b"{}", "JSON, but no known alert"),
        (b'{"a": 1} x', "not JSON: Extra data at character 9"),
        (b'{"superevent_id": "S', "not JSON: Unterminated string starting at character 18"),
        (b"[" * 100_000, "not JSON: nested too deep"),
        (b'{"a":' * 100_000, "not JSON: nested too deep"),
        (b'{"superevent_id": "S261122qx", "x": ' + b"[" * 800 + b"]" * 800 + b"}", "not JSON: nested too deep"),
        (b"[" + b"9" * 5000 + b"]", "not JSON: a number of absurd length"),
        (b'{"a": "\xe9"}', "not JSON: no Unicode text at byte 7"),
        (b'{"a": "' + b"x" * MAX_BYTES + b'"}', "not JSON: longer than 8 MiB"),
        (gzip.compress(b"[" + b"0," * (16 * 2**20) + b"0]", mtime=0), "gzip that unpacks to more than 16 MiB"),
        (gzip.compress(b'{"a": 1}', mtime=0)[:-9], "gzip that ends early"),
        (gzip.compress(b'{"a": 1}', mtime=0) * 2, "gzip with something behind its end"),
        (b"\x1f\x8b" + b"\xff" * 50, "gzip that cannot be unpacked"),
        (a_map()[:2880], "sky map: a FITS file without a table"),
        (a_map()[:200], "sky map: FITS header has no end"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_one_reason(raw: bytes, reason: str) -> None:
    assert meaning(raw) == Rejected(reason)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_of_any_unicode_encoding_is_read(encoding: str) -> None:
    text = json.dumps({"superevent_id": "S261122qx", "time_created": "2026-11-22T21:18:31Z", "alert_type": "INITIAL"})
    assert isinstance(meaning(text.encode(encoding)), Alerts)
    assert isinstance(meaning(gzip.compress(text.encode(encoding), mtime=0)), Alerts)


def test_numbers_that_are_none_are_unknown() -> None:
    assert read_json(b"[NaN, Infinity, -Infinity, 1e999, 1.5]").value == [None, None, None, None, 1.5]


def test_whole_numbers_keep_all_their_digits() -> None:
    assert read_json(b"[9007199254740993]").value == [9007199254740993]


def test_a_key_that_stands_twice_is_noticed_only_if_it_differs() -> None:
    assert read_json(b'{"a": 1, "a": 1}').repeated == ()
    assert read_json(b'{"b": {"a": 1, "a": 2}}').repeated == (("a", 1),)


def test_json_that_is_too_long_is_refused() -> None:
    with pytest.raises(Refused, match="longer than"):
        read_json(b" " * (MAX_BYTES + 1))


@pytest.mark.parametrize(
    "document",
    [
        {"$schema": "https://gcn.nasa.gov/schema/v4.1.0/gcn/heartbeat.schema.json", "alert_datetime": "x"},
        {"topic": "igwn.gwalert", "partition": 0, "offset": 1, "key": "S1", "value": None},
        {"_id": "x", "_sender": "y", "_format": "json"},
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"},
        {"uid": "S180616h", "alert_type": "new", "object": {}},
    ],
)
def test_what_asks_for_nothing_is_ignored_with_a_reason(document: dict[str, object]) -> None:
    found = meaning(json.dumps(document).encode())
    assert isinstance(found, Ignored) and found.reason


def test_a_notice_that_has_a_uid_is_no_internal_message() -> None:
    schema = "https://gcn.nasa.gov/schema/main/gcn/notices/swift/x/alert.schema.json"
    notice = {"$schema": schema, "uid": "x", "alert_type": "initial", "id": "7"}
    assert isinstance(meaning(json.dumps(notice).encode()), Alerts)


def test_no_two_formats_have_one_name() -> None:
    assert len({entry.name for entry in FORMATS}) == len(FORMATS)
