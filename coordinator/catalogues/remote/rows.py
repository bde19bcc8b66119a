"""Tables of text that come from elsewhere: bounded, checked, and nonsense said to be nonsense."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from coordinator.services.enrichment import Question
from telescopes.description.durations import separation_deg
from telescopes.description.errors import RetryLater

MOST_ROWS = 500
"""More is not what was asked for: a cone of seconds of arc holds a handful."""

MOST_KEPT = 20
LONGEST_NAME = 64

Row = Mapping[str, str]


def nonsense(what: str) -> RetryLater:
    """An answer that cannot be meant: the source may mend itself, nothing in it is used."""
    return RetryLater(f"answered nonsense: {what}", where="answer", mend="ask again later", after_s=60.0)


def text_of(body: bytes) -> str:
    """Decode an answer; what is no text is nonsense."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise nonsense("it is no text") from error


def csv_rows(body: bytes, wanted: Sequence[str]) -> Iterator[Row]:
    """Read rows of a table with a header line that names at least the wanted columns.

    Raises
    ------
    RetryLater
        It is no such table, or longer than anybody asked for.
    """
    lines = text_of(body).splitlines()
    try:
        reader = csv.reader(lines, strict=True)
        header = next(reader, [])
        missing = [name for name in wanted if name not in header]
        if missing:
            raise nonsense(f"a table without the column {missing[0]!r}")
        for number, cells in enumerate(row for row in reader if row):
            if number >= MOST_ROWS:
                raise nonsense(f"more than {MOST_ROWS} rows")
            if len(cells) != len(header):
                raise nonsense(f"row {number + 1} has {len(cells)} cells, the header {len(header)}")
            yield dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise nonsense(f"no table ({error})") from error


def number(text: str | None, least: float, most: float) -> float | None:
    """Return a number inside its bounds; what is empty, not finite or absurd is unknown."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and least <= value <= most else None


def redshift(text: str | None) -> float | None:
    """Return a redshift; fillers such as -99 are unknown."""
    return number(text, -0.02, 20.0)


def mag(text: str | None) -> float | None:
    """Return a magnitude; fillers such as 99 are unknown."""
    return number(text, -5.0, 40.0)


def name(text: str) -> str:
    """Return a name that can be shown: printable and not long."""
    plain = "".join(c for c in text.strip() if c.isprintable())[:LONGEST_NAME]
    return plain or "without a name"


def when(text: str) -> datetime | None:
    """Return a date of UTC; what is none is unknown."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def separation_arcsec(asked: Question, ra_deg: float | None, dec_deg: float | None) -> float:
    """Measure how far off a row lies; a row that lies nowhere is nonsense."""
    if ra_deg is None or dec_deg is None:
        raise nonsense("a row without a place")
    return separation_deg(asked.ra_deg, asked.dec_deg, ra_deg, dec_deg) * 3600.0
