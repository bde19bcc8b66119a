"""Magnitudes, upper limits and redshifts in the words of a report."""

import re
from collections.abc import Iterator

from coordinator.alerts.leads import ReportedMagnitude
from coordinator.alerts.reports.tables import tables

MAX_MAGNITUDES = 48
BAND = r"(?:sdss|ztf|ps1|atlas)?[ -]?[ugrizywcoUBVRIJHKGLC](?:_?[sc12])?'?|white|clear|unfiltered|uvw1|uvm2|uvw2"
MAG = r"\d{1,2}(?:\.\d{1,3})?"
NAMED = rf"(?P<band>{BAND})(?:[ -]?(?:band|filter))?(?:[ -]?mag(?:nitude)?)?"
SIZE = r"\d(?:\.\d{1,3})?"
MEASURED = re.compile(
    rf"(?<![A-Za-z0-9]){NAMED}\s{{0,3}}(?:=|~|:|of|is)\s{{0,3}}"
    rf"(?P<mag>{MAG})\s{{0,3}}(?:\+/-|\+-|±)\s{{0,3}}(?P<error>{SIZE})"
)
AFTER = re.compile(
    rf"(?P<mag>{MAG})\s{{0,3}}(?:\+/-|\+-|±)\s{{0,3}}(?P<error>{SIZE})\s{{0,3}}(?:\(?AB\)?|\(?Vega\)?)?\s{{0,3}}"
    rf"mag(?:nitudes?)?(?:\s\(?(?:AB|Vega)\)?)?(?:,?\s(?:in|with)\s(?:the\s)?(?P<band>{BAND})\b)?"
)
LIMIT = re.compile(
    rf"(?<![A-Za-z0-9])(?:{NAMED}\s{{0,3}})?>\s{{0,3}}(?P<mag>{MAG})"
    r"\s{0,3}(?=mag|\(|AB|Vega|,|;|\.(?!\d)|\n|$)"
)
LIMITING = re.compile(
    rf"(?:limiting magnitude|upper limit|magnitude limit)s?[^.\d\n]{{0,60}}?(?:\b(?P<band>{BAND})\b[^.\d\n]{{0,12}})?"
    rf"(?P<mag>\d{{2}}(?:\.\d{{1,3}})?)(?!\d|\s?(?:sec|s\b|%|deg|kev|days?|h\b))",
    re.IGNORECASE,
)
BRIGHTEST, FAINTEST = 0.0, 32.0
REDSHIFT = re.compile(
    r"(?:\bredshift(?:\s(?:of|is|at))?(?:\s\(?z\)?)?|\bz)\s{0,3}(?:=|~|of|is|:)?\s{0,3}(?P<z>\d{1,2}\.\d{1,6})(?![\d.])",
    re.IGNORECASE,
)
CELL = re.compile(rf"(?P<above>[>≥])?\s?(?P<mag>{MAG})(?:\s?(?:\+/-|\+-|±)\s?(?P<error>{SIZE}))?(?!\d)")


def magnitudes_in(words: str) -> tuple[ReportedMagnitude, ...]:
    """Return what was measured or not seen, each once; what no source of the sky has is left out."""
    found = dict.fromkeys((*_in_tables(words), *_in_sentences(words)))
    bare = {(one.mag, one.error_mag) for one in found if one.band is not None}
    told = [one for one in found if one.band is not None or (one.mag, one.error_mag) not in bare]
    return tuple(told[:MAX_MAGNITUDES])


def redshift_in(words: str) -> float | None:
    """Return the first redshift that is stated."""
    found = REDSHIFT.search(words)
    value = float(found["z"]) if found else None
    return value if value is not None and 0 < value < 20 else None


def magnitude(
    mag: float, *, error: float | None, band: str | None, upper_limit: bool, system: str | None = None
) -> ReportedMagnitude | None:
    """Return a magnitude, or None for a number that is none."""
    if not BRIGHTEST < mag < FAINTEST:
        return None
    spelt = re.sub(r"\s+", "", band) if band else None
    return ReportedMagnitude(mag, error_mag=error, band=spelt or None, upper_limit=upper_limit, system=system)


def _in_sentences(words: str) -> Iterator[ReportedMagnitude]:
    for pattern, upper_limit in ((MEASURED, False), (AFTER, False), (LIMIT, True), (LIMITING, True)):
        for found in pattern.finditer(words):
            error = found.groupdict().get("error")
            made = magnitude(
                float(found["mag"]),
                error=float(error) if error else None,
                band=found["band"],
                upper_limit=upper_limit,
                system=_system(words[found.end() : found.end() + 12]),
            )
            if made is not None and made.mag > 5:
                yield made


def _in_tables(words: str) -> Iterator[ReportedMagnitude]:
    for header, rows in tables(words):
        band_at = next((at for at, name in enumerate(header) if name.startswith(("filter", "band"))), None)
        columns = [at for at, name in enumerate(header) if "mag" in name or "lim" in name]
        if band_at is None:
            continue
        for row in rows:
            yield from (made for at in columns if (made := _of_cell(row[at], header[at], row[band_at])) is not None)


def _of_cell(cell: str, heading: str, band: str) -> ReportedMagnitude | None:
    found = CELL.match(cell)
    if found is None:
        return None
    error = float(found["error"]) if found["error"] else None
    limit = bool(found["above"]) or "lim" in heading
    system = _system(cell[found.end() :]) or _system(heading)
    return magnitude(float(found["mag"]), error=error, band=band, upper_limit=limit, system=system)


def _system(words: str) -> str | None:
    found = re.search(r"\b(ab|vega)\b", words.lower())
    return None if found is None else {"ab": "AB", "vega": "Vega"}[found[1]]
