"""A file of weather forecasts: how likely each telescope's sky is clear, and when."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from coordinator.planning.reported import Wrong, number_of, time_of
from coordinator.planning.request import Forecast
from telescopes.description.errors import Refused

log = structlog.get_logger("forecasts")

MEND = 'give a list of {"telescope", "start", "end", "probability_clear", "source", "issued"}, the last two if known'

Forecasts = Mapping[str, tuple[Forecast, ...]]
"""By telescope."""


def read_forecasts(file: Path, known: Collection[str]) -> Forecasts:
    """Read the forecasts for some telescopes from a JSON file.

    Raises
    ------
    Refused
        The file cannot be read, or rows of it not understood: all of these are named.
    """
    found: dict[str, list[Forecast]] = {name: [] for name in known}
    wrong: list[str] = []
    for number, row in enumerate(_rows(file)):
        try:
            found[_telescope(row, found)].append(_forecast(row))
        except Wrong as error:
            wrong.append(f"row {number}: {error}")
    if wrong:
        raise Refused("; ".join(wrong), where=str(file), mend=MEND)
    return {name: tuple(some) for name, some in found.items()}


@dataclass
class ForecastFile:
    """A file that somebody keeps writing anew: read again when it has changed; while it is wrong the last one holds."""

    file: Path
    known: Collection[str]
    _seen: tuple[int, int] | None = None
    _last: Forecasts = field(default_factory=dict)

    def now(self) -> Forecasts:
        """Return the forecasts that hold."""
        seen = self._state()
        if seen != self._seen:
            self._seen = seen
            try:
                self._last = read_forecasts(self.file, self.known)
            except Refused as error:
                log.error("the forecasts from before hold on", because=str(error))
        return self._last

    def _state(self) -> tuple[int, int]:
        try:
            found = self.file.stat()
        except OSError:
            return 0, -1
        return found.st_mtime_ns, found.st_size


def _rows(file: Path) -> list[Any]:
    try:
        rows = json.loads(file.read_bytes())
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=str(file), mend="give a readable file") from error
    except ValueError as error:
        raise Refused("is no JSON", where=str(file), mend=MEND) from error
    if not isinstance(rows, list):
        raise Refused("is no list of forecasts", where=str(file), mend=MEND)
    return rows


def _telescope(row: object, known: Mapping[str, object]) -> str:
    if not isinstance(row, dict):
        raise Wrong("is no object")
    name = row.get("telescope")
    if not isinstance(name, str) or name not in known:
        raise Wrong(f"unknown telescope {name!r}")
    return name


def _forecast(row: Mapping[str, Any]) -> Forecast:
    start, end, chance = time_of(row, "start"), time_of(row, "end"), number_of(row, "probability_clear")
    if end <= start:
        raise Wrong("ends before it begins")
    if chance is not None and not 0.0 <= chance <= 1.0:
        raise Wrong(f"probability_clear {chance:g} is not within 0 and 1")
    issued = time_of(row, "issued") if row.get("issued") else None
    return Forecast(start, end, chance, str(row.get("source") or ""), issued)
