"""One field of a foreign message at a time: bounded, of the right kind, or None."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MAX_TEXT = 256
MAX_ITEMS = 64
ZONE = re.compile(r"\s*UTC?$|\s+Z$")
"""How UTC is named behind a time; what has no zone is UTC all the same."""

CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def text(value: Any, longest: int = MAX_TEXT) -> str | None:
    """Return a text without control characters and broken Unicode, cut to a length; None if it is no text."""
    if not isinstance(value, str):
        return None
    clean = CONTROL.sub(" ", value[:longest]).encode("utf-8", "replace").decode().strip()
    return clean or None


def number(value: Any) -> float | None:
    """Return a finite number; None for anything else, a truth value included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def not_negative(value: Any) -> float | None:
    """Return a rate or another number that cannot be negative; None if it is."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def web_address(value: Any) -> str | None:
    """Return a text that is the address of a page or file, None if it is none."""
    found = text(value, 2048)
    return found if found is not None and found.startswith(("https://", "http://")) else None


def numbers(value: Any) -> dict[str, float]:
    """Return the numbers of a mapping by name; what is no number is left out, for it is unknown."""
    if not isinstance(value, Mapping):
        return {}
    named = ((text(key, 64), number(entry)) for key, entry in list(value.items())[:MAX_ITEMS])
    return {key: entry for key, entry in named if key is not None and entry is not None}


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts of a list."""
    if not isinstance(value, list | tuple):
        return ()
    return tuple(entry for entry in (text(item, 64) for item in value[:MAX_ITEMS]) if entry is not None)


def instant(value: Any) -> datetime | None:
    """Return an ISO 8601 time in UTC; one without a zone is UTC, as every stream means it."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        found = datetime.fromisoformat(ZONE.sub("", value.strip()))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def flag(value: Any) -> bool | None:
    """Return a truth value, also where it is sent as text; None if it is neither."""
    if isinstance(value, bool):
        return value
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    return words.get(str(value).strip().lower()) if isinstance(value, str | int) else None
