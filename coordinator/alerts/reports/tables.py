"""Tables drawn with bars, as reports hold them: a line of headings, then lines of as many cells."""

import re
from collections.abc import Iterator

MAX_TABLES, MAX_ROWS = 8, 64
RULE = re.compile(r"^[\s|+=:-]*$")
Table = tuple[list[str], list[list[str]]]


def tables(words: str) -> Iterator[Table]:
    """Yield headings in lower case and rows of each table; a row of another length ends it."""
    header: list[str] = []
    rows: list[list[str]] = []
    told = 0
    for line in [*words.splitlines(), ""]:
        cells = _cells(line)
        if cells and len(cells) == len(header):
            rows.append(cells)
        elif not RULE.match(line) or not line.strip():
            if rows and told < MAX_TABLES:
                told += 1
                yield header, rows[:MAX_ROWS]
            header, rows = [cell.lower() for cell in cells], []


def _cells(line: str) -> list[str]:
    """Return the cells of a line; none: it is no line of a table, or only draws one."""
    if line.count("|") < 2 or RULE.match(line) or len(line) > 1024:
        return []
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [re.sub(r"\s+", " ", cell).strip()[:64] for cell in inner.split("|")]
