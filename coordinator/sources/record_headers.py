"""The headers of a Kafka record as text: bytes that are no text come as hex, and none is lost."""

from collections.abc import Sequence

MAX_HEADERS = 64
MAX_VALUE_BYTES = 4096
MARKERS = ("_test", "is_test")
"""They are looked for behind however many others."""

Raw = Sequence[tuple[str, bytes | str | None]]


def read_headers(raw: Raw | None) -> dict[str, str]:
    """Return headers by name; the values of one that stands twice are joined, so that no marker hides another."""
    found: dict[str, str] = {}
    for place, (name, value) in enumerate(raw or ()):
        if place >= MAX_HEADERS and name.lower() not in MARKERS:
            continue
        said = as_text(value)
        before = found.get(name, said)
        found[name] = said if before == said else f"{before}, {said}"[:MAX_VALUE_BYTES]
    return found


def as_text(value: bytes | str | None) -> str:
    """Return a header's value as text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:MAX_VALUE_BYTES]
    cut = value[:MAX_VALUE_BYTES]
    try:
        return cut.decode()
    except UnicodeDecodeError:
        return cut.hex()
