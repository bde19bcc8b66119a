"""Tables from files: CSV, ECSV and JSON lines as rows of text."""

import csv
import json
from pathlib import Path
from typing import Any

from telescopes.description.errors import Refused

Row = dict[str, str]


def read_table_file(path: Path) -> list[Row]:
    """Read a file's rows, whatever of the three it is.

    Raises
    ------
    Refused
        It cannot be read or is none of them.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=str(path), mend="give an existing file") from error
    except UnicodeDecodeError as error:
        raise Refused("is not text", where=str(path), mend="give a table as CSV, ECSV or JSON lines") from error
    start = text.lstrip()[:10]
    if start.startswith("# %ECSV"):
        return _ecsv(text, str(path))
    if start[:1] in ("{", "["):
        return _json(text, str(path))
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return [{k: v or "" for k, v in row.items() if k is not None} for row in csv.DictReader(lines)]


def _ecsv(text: str, where: str) -> list[Row]:
    from astropy.table import Table

    try:
        table = Table.read(text.splitlines(), format="ascii.ecsv")
    except (ValueError, KeyError) as error:
        raise Refused("is no valid ECSV", where=where, mend=str(error).partition("\n")[0]) from error
    return [{name: str(row[name]) for name in table.colnames} for row in table]


def _json(text: str, where: str) -> list[Row]:
    if text.lstrip().startswith("["):
        items = _value(text, where, 1)
    else:
        items = [_value(line, where, number) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not all(isinstance(item, dict) for item in items):
        raise Refused("holds something else than objects", where=where, mend="give one object for each detection")
    names = list(dict.fromkeys(name for item in items for name in item))
    return [{name: _text(item.get(name)) for name in names} for item in items]


def _value(text: str, where: str, first_line: int) -> Any:
    """Read a piece of a file that begins at a line."""
    try:
        return json.loads(text)
    except ValueError as error:
        line = first_line + (error.lineno - 1 if isinstance(error, json.JSONDecodeError) else 0)
        said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise Refused(f"is no valid JSON: {said}", where=f"{where}: line {line}", mend="mend it") from error


def _text(value: object) -> str:
    return "" if value is None else str(value)
