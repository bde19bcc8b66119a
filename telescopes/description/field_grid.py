"""A survey's own fields, read from a table (CSV, ECSV, or columns of text); every bad row is named in one go.

A column may be spelt as catalogues do (``RA``, ``RAJ2000``, ``DE``, ``field_id``, ``pa`` …); columns that nobody
knows are left alone. All angles are degrees ICRS.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, radians

from telescopes.description.problems import Problem

MOST_FIELDS = 200_000
MOST_TOLD = 20
"""Bad rows that are told one by one; the others are counted."""

SPELLINGS = {
    "id": ("id", "field_id", "fieldid", "field", "name", "tile", "tile_id", "fieldno"),
    "ra_deg": ("ra_deg", "ra", "raj2000", "ra_j2000", "_raj2000", "ra_icrs", "right_ascension"),
    "dec_deg": (
        "dec_deg",
        "dec",
        "de",
        "decl",
        "dej2000",
        "decj2000",
        "dec_j2000",
        "_dej2000",
        "de_icrs",
        "declination",
    ),
    "position_angle_deg": ("position_angle_deg", "position_angle", "pos_angle", "pa_deg", "pa"),
}
BOUNDS = {"ra_deg": (-180.0, 360.0), "dec_deg": (-90.0, 90.0), "position_angle_deg": (-360.0, 360.0)}
NEEDED = ("ra_deg", "dec_deg")
SAME_DEG = 1e-5
"""Ten times what a plan rounds centres to."""
COLUMNS_MEND = "give a first line such as id,ra_deg,dec_deg,position_angle_deg; id and angle may be left out"


@dataclass(frozen=True, slots=True)
class GridField:
    """One field of a survey; position angle None: that of the camera."""

    id: str
    ra_deg: float
    dec_deg: float
    position_angle_deg: float | None = None


def field_at(
    grid: Sequence[GridField], ra_deg: float, dec_deg: float, position_angle_deg: float, camera_angle_deg: float
) -> GridField | None:
    """Return the field of a survey that somebody is sent to; None: it is none of them.

    Parameters
    ----------
    position_angle_deg : float
        How it is turned there: where several fields have that centre, the one that is turned most like it is meant.
    camera_angle_deg : float
        How a field is turned that does not say it.
    """

    def off_deg(one: GridField) -> float:
        angle_deg = camera_angle_deg if one.position_angle_deg is None else one.position_angle_deg
        return abs(_signed(angle_deg - position_angle_deg))

    level = [one for one in grid if -SAME_DEG < one.dec_deg - dec_deg < SAME_DEG]
    narrow = cos(radians(dec_deg))
    there = [one for one in level if abs(_signed(one.ra_deg - ra_deg)) * narrow < SAME_DEG]
    return min(there, key=off_deg, default=None)


def _signed(angle_deg: float) -> float:
    """Return an angle between -180 and 180."""
    return (angle_deg + 180.0) % 360.0 - 180.0


Row = tuple[int, list[str]]
"""Number of the line, and its cells."""


def read_grid(text: str, file: str) -> tuple[tuple[GridField, ...], list[Problem]]:
    """Read the fields of a grid.

    Parameters
    ----------
    text : str
        What the file holds.
    file : str
        Its name, for the problems.

    Returns
    -------
    fields : tuple of GridField
        In the order of the file; without a column for it, the id is the number of the field, from 1.
    problems : list of Problem
        Empty, or what keeps the grid from being used.
    """
    names, rows = _table(text)
    columns = {key: _column(names, spellings) for key, spellings in SPELLINGS.items()}
    problems = [
        Problem(file, key, "there is no such column", COLUMNS_MEND) for key in NEEDED if columns[key] is None
    ] + [
        Problem(file, names[column], f"is in {unit}", "give degrees")
        for column, unit in _units(text, names)
        if column in columns.values()
    ]
    if problems:
        return (), problems
    return _checked(rows, {key: at for key, at in columns.items() if at is not None}, file)


def _checked(rows: Sequence[Row], columns: dict[str, int], file: str) -> tuple[tuple[GridField, ...], list[Problem]]:
    if not 0 < len(rows) <= MOST_FIELDS:
        what = f"{len(rows)} are too many" if rows else "there is none"
        return (), [Problem(file, "fields", what, f"give 1 to {MOST_FIELDS} fields, a line each")]
    fields, problems, first = [], [], dict[str, int]()
    for number, (line, cells) in enumerate(rows, 1):
        wrong = list(_faults(cells, columns))
        name = _cell(cells, columns.get("id")) or str(number)
        if first.setdefault(name, line) != line:
            wrong.append(("id", f"{name!r} is that of line {first[name]} too", "give each field an id of its own"))
        problems += [Problem(file, f"line {line}: {key}", what, mend) for key, what, mend in wrong]
        if not wrong:
            ra, dec = (float(cells[columns[key]]) for key in NEEDED)
            angle = _cell(cells, columns.get("position_angle_deg"))
            fields.append(GridField(name, ra % 360.0, dec, float(angle) if angle else None))
    more = len(problems) - MOST_TOLD
    told = problems[:MOST_TOLD]
    return tuple(fields), told + ([Problem(file, "lines", f"{more} more problems", "mend these first")] * (more > 0))


def _faults(cells: list[str], columns: dict[str, int]) -> Iterator[tuple[str, str, str]]:
    for key, (low, high) in BOUNDS.items():
        said = _cell(cells, columns.get(key))
        mend = f"give degrees between {low:g} and {high:g}"
        if not said:
            if key in NEEDED:
                yield key, "is missing", mend
            continue
        try:
            inside = low <= float(said) <= high
        except ValueError:
            yield key, f"{said!r} is not a number", mend
            continue
        if not inside:
            yield key, f"{said} is not between {low:g} and {high:g}", mend


def _cell(cells: list[str], column: int | None) -> str:
    """Text of a cell; empty where there is none."""
    return cells[column].strip() if column is not None and column < len(cells) else ""


def _table(text: str) -> tuple[list[str], list[Row]]:
    """Split into the names of the columns and the rows; the names may stand behind a # of their own."""
    lines = [(n, line.strip()) for n, line in enumerate(text.lstrip("\ufeff").splitlines(), 1) if line.strip()]
    comments = [line.lstrip("#").strip() for _, line in lines if line.startswith("#")]
    said = [(n, line) for n, line in lines if not line.startswith("#")]
    if not said:
        return [], []
    delimiter = _delimiter(said[0][1])
    table = [(n, _cells(line, delimiter)) for n, line in said]
    if _is_number(table[0][1][-1]) and comments:
        return _plain(_cells(comments[-1], _delimiter(comments[-1]))), table
    return _plain(table[0][1]), table[1:]


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return [line]  # no row of numbers: it is named as such


def _delimiter(line: str) -> str:
    return next((mark for mark in ",;\t|" if mark in line), " ")


def _plain(names: Sequence[str]) -> list[str]:
    """Lower case, without a unit in brackets."""
    return [re.sub(r"\s*[(\[].*[)\]]$", "", name.strip()).lower() for name in names]


def _column(names: Sequence[str], spellings: Sequence[str]) -> int | None:
    return next((names.index(one) for one in spellings if one in names), None)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _units(text: str, names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the columns for which the header of an ECSV names another unit than degrees."""
    for name, unit in re.findall(r"^# - \{name: ['\"]?([^,'\"}]+)['\"]?, unit: ['\"]?([^,'\"}]+)", text, re.MULTILINE):
        if unit.strip() != "deg" and name.strip().lower() in names:
            yield names.index(name.strip().lower()), unit.strip()
