"""The layout of a classic text notice: its lines as fields, and the ways in which it writes places and times."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from telescopes.description.errors import Refused

HEAD = re.compile(rb"^\s{0,8}TITLE:\s{1,24}GCN/[^\n]{1,48}NOTICE", re.MULTILINE)
HEAD_WITHIN = 8192
"""An e-mail has lines of the post office before the notice."""

MAX_TEXT = 256 * 1024
MAX_NOTICES = 16
LINE = re.compile(r"([A-Za-z][A-Za-z0-9_]{1,31}):(?:\s+(.*))?$")
NUMBER = re.compile(r"\s*([+-]?\d{1,12}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,3})?)")
SOD = re.compile(r"(\d{1,5}(?:\.\d{1,9})?) SOD")
CLOCK = re.compile(r"\{?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d{1,9})?)\}?")
DAY = re.compile(r"(?<!\d)(\d{2}|\d{4})/(\d{1,2})/(\d{1,2})(?!\d)")
NOTICE_DATE = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2}) (\d{2,4}) (\d{1,2}):(\d{2}):(\d{2})")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PER_DEGREE = (("arcmin", 60.0), ("arcsec", 3600.0), ("deg", 1.0))


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one notice by key, each with its lines, and the lines of its comments."""

    lines: dict[str, tuple[str, ...]]
    comments: tuple[str, ...]

    def get(self, key: str) -> str:
        """Return the first line of a field; empty: the notice has no such field."""
        return next(iter(self.lines.get(key, ())), "")

    def number(self, key: str) -> float | None:
        """Return the number with which a field begins."""
        return number_in(self.get(key))

    def first(self, *keys: str) -> str:
        """Return the first of these keys that the notice has, or nothing."""
        return next((key for key in keys if key in self.lines), "")


def notices(body: bytes) -> tuple[Fields, ...]:
    """Return each notice of a text; bytes that are no UTF-8 show as replacement signs.

    Raises
    ------
    Refused
        It is longer, or holds more notices, than anybody sends; none of them is dropped.
    """
    if len(body) > MAX_TEXT:
        raise _refused(f"longer than {MAX_TEXT // 1024} KiB")
    words = body.decode("utf-8", "replace").replace("\\'", "'")
    starts = [found.start() for found in re.finditer(r"^\s{0,8}TITLE:\s{1,24}GCN/", words, re.MULTILINE)]
    if len(starts) > MAX_NOTICES:
        raise _refused(f"more than {MAX_NOTICES} notices")
    ends = [*starts[1:], len(words)]
    return tuple(_fields(words[start:end]) for start, end in zip(starts, ends, strict=True))


def number_in(words: str) -> float | None:
    """Return the number with which some words begin, if it is finite."""
    found = NUMBER.match(words)
    value = float(found[1]) if found else math.nan
    return value if math.isfinite(value) else None


def angle_deg(fields: Fields, key: str) -> float | None:
    """Return an angle of a field, at the equinox J2000 where several are given; undefined is None."""
    lines = fields.lines.get(key, ())
    chosen = next((line for line in lines if "J2000" in line), next(iter(lines), ""))
    found = re.match(r"\s*([+-]?\d{1,4}(?:\.\d{1,9})?)\s?(?:d\b|d?\s*\{|\[?deg|$)", chosen)
    return float(found[1]) if found else None


def radius_deg(words: str) -> float | None:
    """Return a radius in degrees, whatever its unit; None: no number, or a unit that is not known."""
    size = number_in(words)
    per_degree = next((factor for unit, factor in PER_DEGREE if unit in words.lower()), None)
    return None if size is None or per_degree is None else size / per_degree


def instant_of(fields: Fields, prefix: str) -> datetime | None:
    """Return a time from its fields `<prefix>_DATE` and `<prefix>_TIME`, to the decimals that are given."""
    day = DAY.search(fields.get(f"{prefix}_DATE"))
    after_s = _seconds_of_day(fields.get(f"{prefix}_TIME"))
    if day is None or after_s is None:
        return None
    year = int(day[1])
    year += 0 if year > 99 else 2000 if year < 70 else 1900
    try:
        return datetime(year, int(day[2]), int(day[3]), tzinfo=UTC) + timedelta(microseconds=round(after_s * 1e6))
    except (ValueError, OverflowError):
        return None


def _seconds_of_day(words: str) -> float | None:
    """Return the time of a day by the clock in braces: some missions cut the decimals of the seconds of day."""
    clock, seconds = CLOCK.search(words), SOD.search(words)
    if clock is not None:
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
    return float(seconds[1]) if seconds else None


def issued(words: str) -> datetime | None:
    """Return the time of the field NOTICE_DATE (`Fri 12 Apr 24 05:34:35 UT`)."""
    found = NOTICE_DATE.search(words)
    if found is None or found[2] not in MONTHS:
        return None
    day, year, hour, minute, second = (int(found[at]) for at in (1, 3, 4, 5, 6))
    year += 0 if year > 99 else 2000 if year < 70 else 1900
    try:
        return datetime(year, MONTHS.index(found[2]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _refused(what: str) -> Refused:
    return Refused(f"GCN text notice: {what}", where="message", mend="ask the sender", reason="UNREADABLE")


def _fields(words: str) -> Fields:
    lines: dict[str, tuple[str, ...]] = {}
    comments: list[str] = []
    for key, value in _pairs(words):
        if key == "COMMENTS":
            comments.append(value[0])
        else:
            lines.setdefault(key, value)
    return Fields(lines, tuple(comments[:64]))


def _pairs(words: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield keys with their lines; a line without a key goes on with the field before it."""
    key, value = "", [""]
    for line in words.splitlines():
        found = LINE.match(line.strip())
        if (found and found[1] == found[1].upper()) or (found and found[1].startswith("PROB_")):
            if key:
                yield key, tuple(value)
            key, value = found[1], [(found[2] or "").strip()]
        elif key and line.strip() and len(value) < 8:
            value.append(line.strip())
    if key:
        yield key, tuple(value)
