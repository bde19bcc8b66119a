"""Foreign data spelt in one way, so that copies of a message that differ in spelling alone have one digest."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from coordinator.alerts.fields import number

EXACT = 2**53
"""From here on a double no longer holds every whole number."""


def digest(value: Any) -> str:
    """Return a short hash of what plain data says: order of keys, nulls and `1` against `1.0` make no difference."""
    return hashlib.sha256(json.dumps(_spelt(value), sort_keys=True).encode()).hexdigest()[:16]


def stamp(when: datetime) -> str:
    """Write a time as the key of an event that has no other: seconds with two decimals, more where they are stated."""
    when = when.astimezone(UTC)
    decimals = f"{when.microsecond:06d}"
    return f"{when:%Y-%m-%dT%H:%M:%S}.{decimals[:2] if decimals.endswith('0000') else decimals}Z"


def key_part(name: str) -> str:
    """Keep of a name what an event's key may hold; names differ in more than blanks and brackets."""
    return re.sub(r"[^A-Za-z0-9_.+:-]+", "_", name).strip("_") or "unnamed"


def _spelt(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(key): _spelt(entry) for key, entry in value.items() if entry is not None}
        case list() | tuple():
            return [_spelt(entry) for entry in value]
        case int() if not isinstance(value, bool) and abs(value) >= EXACT:
            return value
        case int() | float() if not isinstance(value, bool):
            return number(value)
        case _:
            return value
