"""Positions in the words of a report: decimal or sexagesimal, in sentences or in tables."""

import re
from collections.abc import Iterable, Iterator

from coordinator.alerts.leads import ReportedPosition
from coordinator.alerts.place import wrong_with
from coordinator.alerts.reports.tables import tables

MAX_POSITIONS = 24
NEARBY = 240
"""How many characters after a position its error may stand."""

DECIMAL = r"[+-]?\d{1,3}(?:\.\d+)?"
HOURS = r"\d{1,2}(?:h|:| )\s?\d{1,2}(?:m|:| )\s?\d{1,2}(?:\.\d+)?s?"
DEGREES = r"[+-]?\d{1,2}(?:d|deg|:|°| )\s?\d{1,2}(?:m|'|\u2032|:| )\s?\d{1,2}(?:\.\d+)?(?:s|''|\"|″)?"
EQUINOX = r"(?:\s{0,4}\(?\s?(?:J\s?2000(?:\.0)?|ICRS|deg)\s?\)?)?"
LINK = r"\s{0,8}(?:=|:|of|is|~)?\s{0,8}"
BETWEEN = r"[^\d+-]{0,40}"
LABELLED = re.compile(
    rf"\b(?:R\.?A\.?|RA\(J2000\)|right ascension){EQUINOX}{LINK}(?P<ra>{HOURS}|{DECIMAL})(?P<middle>.{{0,90}}?)"
    rf"\b(?:Dec\.?|Decl\.?|DE|declination){EQUINOX}{LINK}(?P<dec>{DEGREES}|{DECIMAL})",
    re.IGNORECASE | re.DOTALL,
)
PAIRED = re.compile(
    rf"\bR\.?A\.?,?\s{{0,4}}(?:/|and)?\s{{0,4}}Dec\.?{EQUINOX}{LINK}\(?(?P<ra>{HOURS}|{DECIMAL})\s{{0,4}},?\s{{0,4}}"
    rf"(?P<dec>{DEGREES}|{DECIMAL})",
    re.IGNORECASE,
)
BARE = re.compile(
    r"(?<![\d:.])(?P<ra>\d{1,2}:\d{2}:\d{2}(?:\.\d+)?)\s{0,4},?\s{0,4}(?P<dec>[+-]\d{1,2}:\d{2}:\d{2}(?:\.\d+)?)"
)
ERROR = re.compile(
    r"(?:uncertainty|error|radius|accuracy|\+/-|±)[^.\d]{0,60}(?:(?P<percent>\d{2}(?:\.\d+)?)\s?%[^.\d]{0,30})?"
    r"(?P<size>\d{1,4}(?:\.\d+)?)\s{0,3}(?P<unit>deg(?:rees?)?|d\b|arc-?min(?:utes?|s)?|arc-?sec(?:onds?|s)?)",
    re.IGNORECASE,
)
UNEQUAL = re.compile(
    r"\(\s?\+?(?P<up>\d{1,3}(?:\.\d+)?)\s?,\s?-?(?P<down>\d{1,3}(?:\.\d+)?)\s{0,3}(?P<unit>deg|arcmin|arcsec)",
    re.IGNORECASE,
)
CONTAINED = re.compile(r"(?P<percent>\d{2}(?:\.\d+)?)\s?%")
PER_DEGREE = {"d": 1.0, "m": 60.0, "s": 3600.0}


def positions_in(words: str) -> tuple[ReportedPosition, ...]:
    """Return what the words report, each place once; what is no place on the sky is left out."""
    return distinct((*_in_tables(words), *_in_sentences(words)))


def distinct(positions: Iterable[ReportedPosition]) -> tuple[ReportedPosition, ...]:
    """Return each place once, as it was told first."""
    found: list[ReportedPosition] = []
    for position in positions:
        if not any(_same(position, other) for other in found):
            found.append(position)
    return tuple(found[:MAX_POSITIONS])


def right_ascension(words: str) -> float | None:
    """Return a right ascension in degrees from hours, minutes and seconds, or from decimal degrees."""
    parts = _parts(words)
    if len(parts) == 3:
        return _sexagesimal(parts, 24, factor=15.0)
    return parts[0] if len(parts) == 1 else None


def declination(words: str) -> float | None:
    """Return a declination in degrees from degrees, minutes and seconds, or from decimal degrees."""
    parts = _parts(words)
    sign = -1.0 if words.strip().startswith("-") else 1.0
    if len(parts) == 3:
        size = _sexagesimal(parts, 91, factor=1.0)
        return None if size is None else sign * size
    return sign * parts[0] if len(parts) == 1 else None


def placed(ra_deg: float | None, dec_deg: float | None) -> tuple[float, float] | None:
    """Return two numbers that are a place on the sky, else None."""
    if ra_deg is None or dec_deg is None or wrong_with(ra_deg, dec_deg) is not None:
        return None
    return ra_deg, dec_deg


def _in_sentences(words: str) -> Iterator[ReportedPosition]:
    for pattern in (LABELLED, PAIRED, BARE):
        for found in pattern.finditer(words):
            place = placed(right_ascension(found["ra"]), declination(found["dec"]))
            if place is not None:
                size, contained = _error(found[0][found.end("ra") - found.start() :] + _after(words, found.end()))
                yield ReportedPosition(*place, error_deg=size, containment=contained)


def _in_tables(words: str) -> Iterator[ReportedPosition]:
    for header, rows in tables(words):
        ra_at = next((at for at, name in enumerate(header) if re.match(r"ra\b|r\.a", name)), None)
        dec_at = next((at for at, name in enumerate(header) if name.startswith("dec")), None)
        if ra_at is None or dec_at is None:
            continue
        for row in rows:
            place = placed(right_ascension(row[ra_at]), declination(row[dec_at]))
            if place is not None:
                yield ReportedPosition(*place, name=row[0] if 0 not in (ra_at, dec_at) else None)


def _after(words: str, end: int) -> str:
    """Return what may say the error of a position: no further than the next position or empty line."""
    rest = words[end : end + NEARBY]
    cuts = [at.start() for at in (re.search(r"\n\s*\n|\bR\.?A\.?\b", rest),) if at]
    return rest[: min(cuts, default=len(rest))]


def _error(words: str) -> tuple[float | None, float | None]:
    found = UNEQUAL.search(words) or ERROR.search(words)
    if found is None:
        return None, None
    sizes = [float(found[name]) for name in ("up", "down", "size") if name in found.groupdict()]
    unit = found["unit"].lower().replace("-", "")
    per_degree = PER_DEGREE["m" if unit.startswith("arcm") else "s" if unit.startswith("arcs") else "d"]
    contained = found if found.groupdict().get("percent") else CONTAINED.search(words, max(0, found.start() - 20))
    share = float(contained["percent"]) / 100.0 if contained else None
    size = max(sizes) / per_degree
    return (size if 0 < size < 180 else None), (share if share is not None and 0 < share < 1 else None)


def _parts(words: str) -> list[float]:
    return [float(part) for part in re.findall(r"\d{1,4}(?:\.\d{1,12})?", words)[:4]]


def _sexagesimal(parts: list[float], below: int, *, factor: float) -> float | None:
    whole, minutes, seconds = parts
    if not whole.is_integer() or not minutes.is_integer() or whole >= below or minutes >= 60 or seconds >= 60:
        return None
    return factor * (whole + minutes / 60.0 + seconds / 3600.0)


def _same(one: ReportedPosition, other: ReportedPosition) -> bool:
    return abs(one.ra_deg - other.ra_deg) < 1e-4 and abs(one.dec_deg - other.dec_deg) < 1e-4
