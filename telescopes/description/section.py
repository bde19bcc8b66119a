"""One table of a TOML file, read key by key; what is wrong is noted, and reading goes on.

A reader asks for every key it knows, and `close` reports the keys that nobody asked for. Where a value is
wrong or missing the answer is a stand-in of the right type: the caller throws the result away when problems
were noted.
"""

import difflib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from telescopes.description.problems import Problem

T = TypeVar("T")
MISSING = object()


@dataclass(frozen=True, slots=True)
class Within:
    """The numbers that make sense, and the unit to name in a mend; `positive`: above `low`, not equal to it."""

    low: float
    high: float
    unit: str
    positive: bool = False

    @property
    def mend(self) -> str:
        """What to give instead."""
        if math.isinf(self.high):
            return f"give {self.unit}, {'more than' if self.positive else 'at least'} {self.low:g}"
        if self.positive:
            return f"give {self.unit}, more than {self.low:g} and at most {self.high:g}"
        return f"give {self.unit} between {self.low:g} and {self.high:g}"

    def fault(self, value: float) -> str | None:
        """Say why a number does not make sense."""
        if not math.isfinite(value):
            return f"{value} is not a number"
        if value < self.low or (self.positive and value == self.low):
            return f"{value:g} is {'not above' if self.positive else 'below'} {self.low:g}"
        return f"{value:g} is above {self.high:g}" if value > self.high else None


class Section:
    """A table of the file."""

    def __init__(self, table: dict[str, object], path: str, file: str, problems: list[Problem]) -> None:
        self._table = table
        self._path = path
        self._file = file
        self._problems = problems
        self._known: set[str] = set()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that the file has."""
        return tuple(self._table)

    def has(self, key: str) -> bool:
        """Whether the file has the key."""
        return key in self._table

    def note(self, key: str, what: str, mend: str) -> None:
        """Note a problem with a key."""
        self._problems.append(Problem(self._file, self._name(key), what, mend))

    def at_most(self, count: int, most: int, key: str) -> None:
        """Note a list that is too long."""
        if count > most:
            self.note(key, f"{count} are too many", f"give at most {most}")

    def number(self, key: str, within: Within, default: float) -> float:
        """Read a number that may be left out."""
        value = self.optional_number(key, within)
        return default if value is None else value

    def optional_number(self, key: str, within: Within) -> float | None:
        """Read a number; None if it is left out."""
        return self._read(key, lambda value: self._number(key, value, within))

    def needed_number(self, key: str, within: Within) -> float:
        """Read a number that must be there."""
        self._need(key, within.mend)
        return self.number(key, within, math.nan)

    def whole_number(self, key: str, within: Within, default: int) -> int:
        """Read a whole number that may be left out."""
        value = self.optional_number(key, within)
        if value is not None and value != int(value):
            self.note(key, f"{value:g} is not a whole number", within.mend)
        return default if value is None else int(value)

    def range(self, key: str, within: Within) -> tuple[float, float] | None:
        """Read ``[low, high]``."""
        mend = f"give [low, high], {within.mend.removeprefix('give ')}"
        numbers = self._read(key, lambda value: self._row(key, value, within, mend))
        if numbers is not None and numbers[0] >= numbers[1]:
            self.note(key, f"{numbers[0]:g} is not below {numbers[1]:g}", mend)
        return numbers

    def rows(self, key: str, within: tuple[Within, Within], mend: str) -> tuple[tuple[float, float], ...]:
        """Read a list of pairs of numbers."""
        values = self.items(key, mend)
        pairs = [self._pair(f"{key}[{n}]", value, within, mend) for n, value in enumerate(values)]
        return tuple(pair for pair in pairs if pair is not None)

    def pair(self, key: str, value: object, within: tuple[Within, Within], mend: str) -> tuple[float, float] | None:
        """Check one pair of numbers."""
        return self._pair(key, value, within, mend)

    def flag(self, key: str, default: bool) -> bool:
        """Read true or false."""
        value = self._read(key, lambda value: self._kind(key, value, bool, "give true or false"))
        return default if value is None else value

    def text(self, key: str, default: str) -> str:
        """Read a text that may be left out."""
        value = self.optional_text(key)
        return default if value is None else value

    def optional_text(self, key: str) -> str | None:
        """Read a text; None if it is left out."""
        return self._read(key, lambda value: self._kind(key, value, str, "give a text in quotes"))

    def choice(self, key: str, choices: Sequence[T], default: T) -> T:
        """Read one of a few words that may be left out."""
        if not self.has(key):
            self._known.add(key)
            return default
        found = self.needed_choice(key, choices)
        return default if found is None else found

    def needed_choice(self, key: str, choices: Sequence[T]) -> T | None:
        """Read one of a few words that must be there; None, and a problem noted, if it is not one of them."""
        mend = f"give one of {', '.join(map(str, choices))}"
        self._need(key, mend)
        value = self.optional_text(key)
        if value is not None and value not in choices:
            self.note(key, f"{value!r} is none", mend)
        return next((choice for choice in choices if choice == value), None)

    def texts(self, key: str, default: tuple[str, ...], choices: Sequence[str] | None = None) -> tuple[str, ...]:
        """Read a list of texts, of `choices` where there are any."""
        mend = "give a list of texts" if choices is None else f"give a list out of {', '.join(choices)}"
        if key not in self._table:
            self._known.add(key)
            return default
        values = [value for value in self.items(key, mend) if self._kind(key, value, str, mend) is not None]
        texts = tuple(str(value) for value in values)
        for odd in () if choices is None else [text for text in texts if text not in choices]:
            self.note(key, f"{odd!r} is not among them", mend)
        return texts

    def periods(self, key: str) -> tuple[tuple[datetime, datetime], ...]:
        """Read a list of ``[start, end]`` in UTC or with an offset."""
        mend = 'give [["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]]'
        found = []
        for n, value in enumerate(self.items(key, mend)):
            at = f"{key}[{n}]"
            if not isinstance(value, list) or len(value) != 2:
                self.note(at, "is not a start and an end", mend)
                continue
            start, end = (self._instant(at, text, mend) for text in value)
            if start is not None and end is not None:
                found.append((start, end))
                if start >= end:
                    self.note(at, "ends before it starts", mend)
        return tuple(found)

    def items(self, key: str, mend: str) -> list[object]:
        """Read a list; empty if it is left out."""
        return self._read(key, lambda value: self._kind(key, value, list, mend)) or []

    def section(self, key: str) -> "Section":
        """Read a table inside; an empty one if it is left out."""
        table = self._read(key, lambda value: self._kind(key, value, dict, f"write it as [{self._name(key)}]"))
        return Section(table or {}, self._name(key), self._file, self._problems)

    def sections(self, key: str) -> list["Section"]:
        """Read a list of tables."""
        mend = f"write each as [[{self._name(key)}]]"
        tables = [(n, self._kind(f"{key}[{n}]", value, dict, mend)) for n, value in enumerate(self.items(key, mend))]
        return [
            Section(table, f"{self._name(key)}[{n}]", self._file, self._problems)
            for n, table in tables
            if table is not None
        ]

    def rest_of(self, keys: Iterable[str]) -> dict[str, object]:
        """Take those of some keys that are there, whatever their values."""
        taken = {key: self._table[key] for key in keys if key in self._table}
        self._known.update(keys)
        return taken

    def rest(self) -> dict[str, object]:
        """Take all keys that nobody asked for."""
        taken = {key: value for key, value in self._table.items() if key not in self._known}
        self._known.update(taken)
        return taken

    def close(self) -> None:
        """Report keys that nobody asked for."""
        for key in self._table:
            if key not in self._known:
                near = difflib.get_close_matches(key, sorted(self._known), 1, 0.5)
                self.note(key, "no such key", f"did you mean {near[0]}?" if near else "take it out")

    def _name(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _need(self, key: str, mend: str) -> None:
        if key not in self._table:
            self.note(key, "is missing", mend)

    def _read(self, key: str, check: Callable[[object], T | None]) -> T | None:
        self._known.add(key)
        value = self._table.get(key, MISSING)
        return None if value is MISSING else check(value)

    def _kind(self, key: str, value: object, kind: type[T], mend: str) -> T | None:
        if isinstance(value, kind):
            return value
        self.note(key, f"{value!r} is not {_called(kind)}", mend)
        return None

    def _number(self, key: str, value: object, within: Within) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.note(key, f"{value!r} is not a number", within.mend)
            return None
        fault = within.fault(value)
        if fault is None:
            return float(value)
        self.note(key, fault, within.mend)
        return None

    def _row(self, key: str, value: object, within: Within, mend: str) -> tuple[float, float] | None:
        return self._pair(key, value, (within, within), mend)

    def _pair(self, key: str, value: object, within: tuple[Within, Within], mend: str) -> tuple[float, float] | None:
        if not isinstance(value, list) or len(value) != 2:
            self.note(key, f"{value!r} is not a pair of numbers", mend)
            return None
        first, second = (self._number(key, number, limits) for number, limits in zip(value, within, strict=True))
        return None if first is None or second is None else (first, second)

    def _instant(self, key: str, value: object, mend: str) -> datetime | None:
        try:
            when = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            self.note(key, f"{value!r} is not an ISO time", mend)
            return None
        if when.tzinfo is None:
            self.note(key, f"{value} has no time zone", mend)
            return None
        return when.astimezone(UTC)


def _called(kind: type) -> str:
    return {bool: "true or false", str: "a text", list: "a list", dict: "a table"}[kind]
