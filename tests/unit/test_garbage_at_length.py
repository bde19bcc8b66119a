"""A hundred megabytes of garbage of every kind: an answer comes, and next to no memory is taken for it."""

import tracemalloc
from collections.abc import Callable

import pytest

from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Rejected
from coordinator.alerts.registry import understand

LONG = 100_000_000
ROOM_BYTES = 16 * 2**20

GARBAGE: dict[str, Callable[[], bytes]] = {
    "zeros": lambda: bytes(LONG),
    "open braces": lambda: b"{" * LONG,
    "keys within keys": lambda: b'{"a":' * (LONG // 5),
    "open brackets": lambda: b"[" * LONG,
    "one string": lambda: b'{"x": "' + b"a" * LONG + b'"}',
    "numbers": lambda: b"[" + b"1," * (LONG // 2) + b"1]",
    "one number": lambda: b"9" * LONG,
    "open tags": lambda: b"<a>" * (LONG // 3),
    "elements": lambda: b'<?xml version="1.0"?><a>' + b"<b/>" * (LONG // 4) + b"</a>",
    "Avro": lambda: b"Obj\x01" + b"\x02" * LONG,
    "FITS without an end": lambda: b"SIMPLE  =                    T" + b" " * LONG,
    "lines of a notice": lambda: b"NOTICE_TYPE: x\n" * (LONG // 15),
    "a table": lambda: b"a,b,c\n" * (LONG // 6),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_rejected_at_once(kind: str) -> None:
    peak_bytes, meaning = read(GARBAGE[kind]())
    assert isinstance(meaning, Rejected) and len(meaning.reason) < 200
    assert peak_bytes < ROOM_BYTES


@pytest.mark.slow
def test_an_endless_circular_is_a_lead_and_no_more() -> None:
    peak_bytes, meaning = read(b"TITLE:   GCN CIRCULAR\n" + b"x y\n" * (LONG // 4))
    assert isinstance(meaning, Leads) and not meaning.positions
    assert peak_bytes < ROOM_BYTES


def read(raw: bytes) -> tuple[int, object]:
    """Read a message; return what memory was taken at most meanwhile, and its meaning."""
    tracemalloc.start()
    try:
        meaning = understand(raw, name="x")
        return tracemalloc.get_traced_memory()[1], meaning
    finally:
        tracemalloc.stop()
