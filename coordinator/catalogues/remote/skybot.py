"""SkyBoT (Berthier et al. 2006): bodies of the solar system near a place at a time, as lines of text.

Text is asked for because its flag parts a failure from a sky without bodies; as a VOTable both are errors.
"""

import math
from urllib.parse import urlencode

from coordinator.catalogues.remote import rows
from coordinator.catalogues.remote.nonsense import MOST_ROWS, nonsense, printable
from coordinator.catalogues.remote.tables import text_of
from coordinator.catalogues.remote.talk import Talk, Told
from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.web_request import WebRequest
from coordinator.vetting.neighbours import MinorPlanet
from telescopes.description.errors import Refused

PARALLAX_ARCSEC_AU = 8.794
UNNUMBERED = ("", "-", "\u2013")
"""What stands for the number of a body that has none: older answers write a dash of printers."""

_COLUMNS = 10
"""Num | Name | RA(h) | DE(deg) | Class | Mv | Err(arcsec) | d(arcsec) | dRA(arcsec/h) | dDEC(arcsec/h) | ..."""


def talk(asked: Question, settings: RemoteSettings) -> Talk:
    """Ask for a place at the time when something was seen there."""
    return Told(read((yield request(asked, settings)), asked, settings))


def request(asked: Question, settings: RemoteSettings) -> WebRequest:
    """Make one search, seen from the Earth's centre: parallax is part of its radius.

    Raises
    ------
    Refused
        Nobody knows when the candidate was seen.
    """
    if asked.seen_at is None:
        raise Refused("nobody says when it was seen", where=asked.candidate, mend="give detections a time")
    said = {
        "-ep": asked.seen_at.strftime("%Y-%m-%dT%H:%M:%S"),
        "-ra": f"{asked.ra_deg:.5f}",
        "-dec": f"{asked.dec_deg:.5f}",
        "-rs": f"{settings.radius_arcsec:g}",
        "-mime": "text",
        "-output": "basic",
        "-loc": "500",
        "-filter": "120",
        "-objFilter": "111",
        "-refsys": "EQJ2000",
        "-from": "armillary",
    }
    return WebRequest(f"{settings.address}?{urlencode(said)}")


def read(body: bytes, asked: Question, settings: RemoteSettings) -> tuple[MinorPlanet, ...]:
    """Read the bodies within the radius, nearest first; flag 0 says that there is none, another that it failed."""
    lines = text_of(body).splitlines()
    flag = lines[0].removeprefix("# Flag:").split() if lines and lines[0].startswith("# Flag:") else []
    if not flag or flag[0] not in ("0", "1"):
        raise nonsense(f"flag {printable(flag[0], 16)}" if flag else "no flag in its first line")
    told = [line for line in lines if line.strip() and not line.startswith("#")]
    if len(told) > MOST_ROWS:
        raise nonsense(f"more than {MOST_ROWS} rows")
    found = [] if flag[0] == "0" else [_body(line.split("|"), asked) for line in told]
    near = [one for one in found if one.separation_arcsec <= settings.radius_arcsec]
    return tuple(sorted(near, key=lambda f: (f.separation_arcsec, f.name))[: rows.MOST_KEPT])


def _body(cells: list[str], asked: Question) -> MinorPlanet:
    if len(cells) < _COLUMNS:
        raise nonsense(f"a row of {len(cells)} cells")
    hours, dec_deg = sexagesimal(cells[2]), sexagesimal(cells[3])
    if hours is None or dec_deg is None or not 0 <= hours <= 24 or abs(dec_deg) > 90:
        raise nonsense("a row without a place")
    rates = [rows.number(cell, -1e6, 1e6) for cell in cells[8:10]]
    rate = None if rates[0] is None or rates[1] is None else math.hypot(rates[0], rates[1])
    label = cells[1] if cells[0].strip() in UNNUMBERED else f"({cells[0].strip()}) {cells[1].strip()}"
    off = rows.separation_arcsec(asked, hours * 15.0, dec_deg)
    return MinorPlanet(rows.name(label), off, rate, rows.mag(cells[5]), _error_arcsec(cells))


def _error_arcsec(cells: list[str]) -> float | None:
    """Add to the error of the orbit what another place on the Earth may see: 8.8 arcsec at 1 au."""
    orbit = rows.number(cells[6], 0.0, 1e6)
    distance_au = rows.number(cells[10], 1e-4, 1e4) if len(cells) > _COLUMNS else None
    if orbit is None:
        return None
    return math.hypot(orbit, PARALLAX_ARCSEC_AU / (distance_au or 1.0))


def sexagesimal(text: str) -> float | None:
    """Return the value of three numbers with blanks between them; None: they are none."""
    parts = text.split()
    numbers = [rows.number(part.lstrip("+-"), 0.0, 360.0) for part in parts]
    if len(parts) != 3 or None in numbers:
        return None
    whole, minutes, seconds = (n or 0.0 for n in numbers)
    value = whole + minutes / 60.0 + seconds / 3600.0
    return -value if parts[0].startswith("-") else value
