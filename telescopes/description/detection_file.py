"""A file of detections: JSON lines, a JSON list, or an object with a list named `detections`; all or nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from telescopes.description.detection_lines import Known, read_detection
from telescopes.description.messages import Detection
from telescopes.description.problems import Problem

NOTHING_KNOWN = Known()
A_NUMBER = "give a number, or leave it out if it is unknown"
MOST_DIGITS = 1000
"""Of a whole number: far beyond all that a detection may say, and below what Python refuses to read."""
ONE_A_LINE = "write one JSON object a line, or one JSON list of objects"


@dataclass(frozen=True, slots=True)
class _Item:
    """One value of the file, and where it begins; `fault`: why it could not be read."""

    line: int
    value: object
    fault: str = ""
    mend: str = ONE_A_LINE


class _NoNumber(ValueError):
    """Not a number that can be read; says why."""


def read_detection_file(text: str, file: str, telescope_id: str) -> tuple[list[Detection], list[Problem]]:
    """Read every detection, and note everything that is wrong, line by line."""
    detections: list[Detection] = []
    problems: list[Problem] = []
    for item in _items(text):
        key = f"line {item.line}"
        if item.fault or not isinstance(item.value, dict):
            problems.append(Problem(file, key, item.fault or "is no JSON object", item.mend))
            continue
        read = read_detection(item.value, telescope_id, NOTHING_KNOWN)
        if isinstance(read, Detection):
            detections.append(read)
        else:
            problems += [Problem(file, key, fault.what, fault.mend) for fault in read]
    if not detections and not problems:
        problems.append(Problem(file, "file", "there is no detection in it", ONE_A_LINE))
    return detections, problems


def _items(text: str) -> Iterator[_Item]:
    """Tell JSON lines from one JSON document."""
    start = _skipped(text, 0)
    if text.startswith("[", start):
        yield from _list(text, start)
        return
    whole = _whole_object(text)
    if whole is not None and isinstance(whole.get("detections"), list):
        # Where a list begins inside an object is found by its name, which the object has but once in its first place.
        yield from _list(text, text.index("[", text.index('"detections"')))
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _one(number, line)


def _whole_object(text: str) -> dict[str, object] | None:
    """Return the document if it is one object; which numbers in it are none is said item by item."""
    try:
        whole = json.JSONDecoder(parse_int=len).decode(text)
    except (ValueError, RecursionError):
        return None
    return whole if isinstance(whole, dict) else None


def _one(number: int, line: str) -> _Item:
    try:
        return _Item(number, _decoder().decode(line))
    except _NoNumber as error:
        return _Item(number, None, str(error), A_NUMBER)
    except json.JSONDecodeError as error:
        return _Item(number, None, f"is no JSON ({error.msg}, column {error.colno})")
    except RecursionError:
        return _Item(number, None, "is nested too deeply")


def _list(text: str, start: int) -> Iterator[_Item]:
    """Walk through a list, so that each item is known by its line."""
    decoder, at, line, counted = _decoder(), start + 1, 1, 0
    while True:
        at = _skipped(text, at)
        line, counted = line + text.count("\n", counted, at), at
        if text.startswith("]", at):
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except _NoNumber as error:
            yield _Item(line, None, str(error), A_NUMBER)
            return
        except RecursionError:
            yield _Item(line, None, "is nested too deeply")
            return
        except json.JSONDecodeError as error:
            yield _Item(error.lineno, None, f"is no JSON ({error.msg}, column {error.colno})")
            return
        yield _Item(line, value)
        at = _skipped(text, at)
        if text.startswith(",", at):
            at += 1
        elif not text.startswith("]", at):
            yield _Item(line + text.count("\n", counted, at), None, "is not followed by a comma or the list's end")
            return


def _skipped(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n\ufeff":
        at += 1
    return at


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_constant=_refuse, parse_int=_whole)


def _refuse(word: str) -> float:
    raise _NoNumber(f"{word} is no number in JSON")


def _whole(digits: str) -> int:
    """Read a whole number; Python itself reads none that is very long."""
    if len(digits) > MOST_DIGITS:
        raise _NoNumber(f"a number has {len(digits)} digits, which nothing measures")
    return int(digits)
