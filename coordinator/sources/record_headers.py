"""The headers of a Kafka record as text: bytes that are no text come as hex, and none is lost."""

from collections.abc import Sequence

MAX_HEADERS = 64
MAX_VALUE_BYTES = 4096

Raw = Sequence[tuple[str, bytes | str | None]]


def read_headers(raw: Raw | None) -> dict[str, str]:
    """Return headers by name; the values of one that stands twice are joined, so that no marker hides another."""
    found: dict[str, str] = {}
    for name, value in list(raw or ())[:MAX_HEADERS]:
        said = as_text(value)
        found[name] = said if name not in found or found[name] == said else f"{found[name]}, {said}"
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
