"""Foreign JSON, read so that nothing in it can hurt: bounded, finite, with repeated keys noticed."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telescopes.description.errors import Refused

MAX_BYTES = 8 * 2**20
"""Twice what the largest known transport of JSON alerts carries."""

MAX_DEPTH = 64
"""Real messages are nested some 10 deep; whoever walks through a message may do so level by level, without care."""


CONTAINERS = (dict, list)


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON text.

    Attributes
    ----------
    value : object
        What it says; of a repeated key the last value.
    repeated : tuple of (str, object)
        Keys that stand twice in one object with different values, with the values that `value` does not hold.
    """

    value: Any
    repeated: tuple[tuple[str, Any], ...] = ()


def read_json(data: bytes) -> Document:
    """Read a JSON text of any Unicode encoding, with or without byte order mark.

    NaN, infinities and numbers beyond a double become None: unknown.

    Raises
    ------
    Refused
        It is not one JSON text, too long or nested too deep.
    """
    if len(data) > MAX_BYTES:
        raise _refused(f"longer than {MAX_BYTES // 2**20} MiB")
    repeated: list[tuple[str, Any]] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found and found[key] != value:
                repeated.append((key, found[key]))
            found[key] = value
        return found

    value = _loads(data, collect)
    if not _is_shallow(value):
        raise _refused("nested too deep")
    return Document(value, tuple(repeated))


def _loads(data: bytes, collect: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> Any:
    try:
        text = data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
        return json.loads(text, object_pairs_hook=collect, parse_float=_finite, parse_constant=_unknown)
    except UnicodeDecodeError as error:
        raise _refused(f"no Unicode text at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise _refused(f"{error.msg.removesuffix(' at')} at character {error.pos}") from error
    except RecursionError as error:
        raise _refused("nested too deep") from error
    except ValueError as error:
        raise _refused("a number of absurd length") from error


def _is_shallow(value: Any) -> bool:
    level = [value] if type(value) in CONTAINERS else []
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for one in level
            for inner in (one.values() if type(one) is dict else one)
            if type(inner) in CONTAINERS
        ]
        if not level:
            return True
    return False


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _unknown(_: str) -> None:
    return None


def _refused(what: str) -> Refused:
    return Refused(f"not JSON: {what}", where="message", mend="ask the sender", reason="UNREADABLE")
