"""What `armillary plan --forecast` is told of the weather: how likely each telescope's sky is clear, and when."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from coordinator.planning.reported import Wrong, number_of, time_of
from coordinator.planning.request import Forecast, PlanRequest
from telescopes.description.errors import Refused

MEND = 'give a list of {"telescope", "start", "end", "probability_clear", "source", "issued"}, the last two if known'


def with_forecasts(request: PlanRequest, file: Path) -> PlanRequest:
    """Give each telescope of a request the forecasts that a JSON file has for it.

    Raises
    ------
    Refused
        The file cannot be read, or rows of it not understood: all of these are named.
    """
    found: dict[str, list[Forecast]] = {t.telescope.id: [] for t in request.telescopes}
    wrong: list[str] = []
    for number, row in enumerate(_rows(file)):
        try:
            found[_telescope(row, found)].append(_forecast(row))
        except Wrong as error:
            wrong.append(f"row {number}: {error}")
    if wrong:
        raise Refused("; ".join(wrong), where=str(file), mend=MEND)
    telescopes = (replace(t, clear=(*t.clear, *found[t.telescope.id])) for t in request.telescopes)
    return replace(request, telescopes=tuple(telescopes))


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
