"""Rows of a CSV of osculating elements as JPL Horizons gives them (astroquery's names of columns)."""

import csv
from collections.abc import Callable, Sequence

import numpy as np

from coordinator.catalogues.minor_planets.elements import Elements
from coordinator.catalogues.minor_planets.observer import JD_OF_MJD_0
from telescopes.description.errors import Refused

FIRST_COLUMN = b"targetname,"

_COLUMNS = {
    "datetime_jd": "epoch_mjd",
    "q": "q_au",
    "e": "e",
    "incl": "incl_deg",
    "Omega": "node_deg",
    "w": "peri_deg",
    "Tp_jd": "tp_mjd",
    "H": "h_mag",
    "G": "slope",
}
_OPTIONAL = ("H", "G")
_DATES = ("datetime_jd", "Tp_jd")


def reader_of(header: bytes, where: str) -> Callable[[list[bytes]], tuple[Elements, dict[int, str]]]:
    """Return what reads rows under this header.

    Raises
    ------
    Refused
        A column is missing.
    """
    columns = next(csv.reader([header.decode(errors="replace")]))
    missing = [name for name in _COLUMNS if name not in columns and name not in _OPTIONAL]
    if missing:
        raise Refused(
            f"no column is {', '.join(missing)}",
            where=where,
            mend=f"give the columns {', '.join(_COLUMNS)} of Horizons",
        )

    def read(lines: list[bytes]) -> tuple[Elements, dict[int, str]]:
        return _read(columns, lines)

    return read


def _read(columns: Sequence[str], lines: list[bytes]) -> tuple[Elements, dict[int, str]]:
    names: list[str] = []
    rows: list[list[float]] = []
    wrong: dict[int, str] = {}
    for i, cells in enumerate(csv.reader([line.decode(errors="replace") for line in lines])):
        row = dict(zip(columns, cells, strict=False))
        try:
            values = [_number(row, name) for name in _COLUMNS]
        except ValueError as error:
            wrong[i] = str(error)
            continue
        names.append(row["targetname"])
        rows.append(values)
    table = np.array(rows, np.float64).reshape(-1, len(_COLUMNS))
    return Elements.of(names, **{ours: table[:, i] for i, ours in enumerate(_COLUMNS.values())}), wrong


def _number(row: dict[str, str], name: str) -> float:
    text = row.get(name, "")
    if not text.strip() and name in _OPTIONAL:
        return float("nan")
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"{name} is {text[:24]!r}, no number") from error
    return value - JD_OF_MJD_0 if name in _DATES else value
