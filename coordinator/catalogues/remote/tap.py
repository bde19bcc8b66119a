"""Tables asked by TAP (IVOA Table Access Protocol 1.1): one synchronous ADQL query, answered as CSV.

The query names its columns as this file reads them: `name`, `ra`, `dec` (degrees, ICRS), and where there are such
`mag`, `redshift`, `redshift_err`, `type`, `radius_arcsec`.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from coordinator.catalogues.remote import rows
from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import TAP_QUERIES, RemoteSettings, Topic
from coordinator.vetting.neighbours import Galaxy, Nucleus, Star, Variable

MOST = 50


def url_of(asked: Question, settings: RemoteSettings) -> str:
    """Address of one query; the place is rounded to 0.04 arcsec, so that a cache finds it again."""
    query = settings.query or TAP_QUERIES[settings.topic]
    for mark, value in (
        ("{ra}", f"{asked.ra_deg:.5f}"),
        ("{dec}", f"{asked.dec_deg:.5f}"),
        ("{radius}", f"{settings.radius_arcsec / 3600.0:.7f}"),
    ):
        query = query.replace(mark, value)
    said = {"REQUEST": "doQuery", "LANG": "ADQL", "FORMAT": "csv", "MAXREC": str(MOST), "QUERY": query}
    return f"{settings.address}?{urlencode(said)}"


def read(body: bytes, asked: Question, settings: RemoteSettings) -> tuple[Any, ...]:
    """Read the rows within the radius, nearest first."""
    found = []
    for row in rows.csv_rows(body, ("name", "ra", "dec")):
        off = rows.separation_arcsec(asked, rows.number(row["ra"], -360, 360), rows.number(row["dec"], -90, 90))
        if off <= settings.radius_arcsec:
            found.append(_MADE[settings.topic](row, off))
    return tuple(sorted(found, key=lambda f: (f.separation_arcsec, f.name))[: rows.MOST_KEPT])


def _galaxy(row: rows.Row, off: float) -> Galaxy:
    kind = row.get("type", "")
    return Galaxy(
        rows.name(row["name"]),
        off,
        rows.mag(row.get("mag")),
        rows.redshift(row.get("redshift")),
        rows.number(row.get("redshift_err"), 0.0, 10.0),
        kind if kind in ("spec", "photo") else "",
        rows.number(row.get("radius_arcsec"), 0.0, 36000.0),
    )


def _star(row: rows.Row, off: float) -> Star:
    return Star(rows.name(row["name"]), off, rows.mag(row.get("mag")))


def _nucleus(row: rows.Row, off: float) -> Nucleus:
    return Nucleus(rows.name(row["name"]), off, rows.redshift(row.get("redshift")))


def _variable(row: rows.Row, off: float) -> Variable:
    kind = row.get("type", "").strip()
    return Variable(rows.name(row["name"]), off, rows.name(kind) if kind else "")


_MADE: dict[Topic, Callable[[rows.Row, float], Any]] = {
    "galaxies": _galaxy,
    "stars": _star,
    "nuclei": _nucleus,
    "variables": _variable,
}
