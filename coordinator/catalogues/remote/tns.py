"""The Transient Name Server: what others have reported at a place, from its search page as CSV."""

from urllib.parse import urlencode

from coordinator.catalogues.remote import rows
from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import RemoteSettings
from coordinator.vetting.neighbours import Reported

_COLUMNS = ("Name", "RA", "DEC", "Obj. Type", "Redshift", "Discovery Date (UT)")


def url_of(asked: Question, settings: RemoteSettings) -> str:
    """Address of one search."""
    said = {
        "ra": f"{asked.ra_deg:.5f}",
        "decl": f"{asked.dec_deg:.5f}",
        "radius": f"{settings.radius_arcsec:g}",
        "coords_unit": "arcsec",
        "num_page": "50",
        "format": "csv",
    }
    return f"{settings.address}?{urlencode(said)}"


def read(body: bytes, asked: Question, settings: RemoteSettings) -> tuple[Reported, ...]:
    """Read the reports within the radius, nearest first."""
    found = []
    for row in rows.csv_rows(body, _COLUMNS):
        off = rows.separation_arcsec(asked, _hours(row["RA"]), _degrees(row["DEC"]))
        if off <= settings.radius_arcsec:
            kind = row["Obj. Type"].strip()
            found.append(
                Reported(
                    rows.name(row["Name"]),
                    off,
                    rows.name(kind) if kind else "",
                    rows.redshift(row["Redshift"]),
                    rows.when(row["Discovery Date (UT)"]),
                )
            )
    return tuple(sorted(found, key=lambda f: (f.separation_arcsec, f.name))[: rows.MOST_KEPT])


def _hours(text: str) -> float | None:
    """Return degrees of a right ascension such as 13:09:48.09."""
    turned = sexagesimal(text.replace(":", " "))
    return None if turned is None or not 0 <= turned < 24 else turned * 15.0


def _degrees(text: str) -> float | None:
    turned = sexagesimal(text.replace(":", " "))
    return None if turned is None or abs(turned) > 90 else turned


def sexagesimal(text: str) -> float | None:
    """Return the value of three numbers with blanks between them; None: they are none."""
    parts = text.split()
    numbers = [rows.number(part.lstrip("+-"), 0.0, 360.0) for part in parts]
    if len(parts) != 3 or None in numbers:
        return None
    whole, minutes, seconds = (n or 0.0 for n in numbers)
    value = whole + minutes / 60.0 + seconds / 3600.0
    return -value if parts[0].startswith("-") else value
