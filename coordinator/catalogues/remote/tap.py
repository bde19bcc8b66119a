"""Tables asked by TAP (IVOA Table Access Protocol 1.1): synchronous ADQL queries, answered as VOTable or CSV.

The query names its columns as they are read here: `name`, `ra`, `dec` (degrees, ICRS), and where there are such `mag`,
`redshift`, `redshift_err`, `type`, `radius_arcsec`, `first_seen`.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from coordinator.catalogues.remote.made import PLACE, made, within
from coordinator.catalogues.remote.nonsense import MOST_ROWS
from coordinator.catalogues.remote.tables import read_table, written
from coordinator.catalogues.remote.talk import Talk, Told
from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import CONES, TAP_QUERIES, RemoteSettings
from coordinator.services.web_request import WebRequest

NARROWER = (1.0, 0.25, 0.0625)
"""Parts of the radius that are tried in turn where the sky is so crowded that rows are left off."""

_CONE = "1=CONTAINS(POINT('ICRS', {0}, {1}), CIRCLE('ICRS', {2:.5f}, {3:.5f}, {4:.7f}))"


def talk(asked: Question, settings: RemoteSettings) -> Talk:
    """Ask for a place, and for less of it while there is more than is sent."""
    for part in NARROWER:
        table = read_table((yield one_request(asked, settings, part))).wanted(PLACE)
        found, whole = made(table.rows, asked, settings), not (table.cut_off or len(table.rows) >= MOST_ROWS)
        if whole:
            break
    return Told(found, whole and part == 1.0)


def one_request(asked: Question, settings: RemoteSettings, part: float = 1.0) -> WebRequest:
    """Ask for one place; it is rounded to 0.04 arcsec, so that the answer is found again."""
    return WebRequest(f"{settings.address}?{urlencode(_said([asked], settings, part))}")


def together(settings: RemoteSettings) -> bool:
    """Say whether its query can ask for many places in one go."""
    return CONES.search(_query(settings)) is not None


def request(places: Sequence[Question], settings: RemoteSettings) -> WebRequest:
    """Ask for several places in one go, as a form: its query is long."""
    return WebRequest(settings.address, tuple(_said(places, settings, 1.0).items()))


def answers(body: bytes, places: Sequence[Question], settings: RemoteSettings) -> list[bytes]:
    """Part the answer about several places into what each would have been answered alone; none: rows were left off.

    Raises
    ------
    RetryLater
        It is no answer.
    """
    table = read_table(body).wanted(PLACE)
    if table.cut_off or len(table.rows) >= MOST_ROWS:
        return []
    return [written(table.columns, [row for row, _ in within(table.rows, one, settings)]) for one in places]


def _query(settings: RemoteSettings) -> str:
    return settings.query or TAP_QUERIES.get(settings.topic, "")


def _said(places: Sequence[Question], settings: RemoteSettings, part: float) -> dict[str, str]:
    radius_deg = part * settings.radius_arcsec / 3600.0

    def cones(marks: re.Match[str]) -> str:
        ra, dec = marks["ra"].strip(), marks["dec"].strip()
        return f"({' OR '.join(_CONE.format(ra, dec, p.ra_deg, p.dec_deg, radius_deg) for p in places)})"

    query = CONES.sub(cones, _query(settings))
    for mark, value in (
        ("{ra}", f"{places[0].ra_deg:.5f}"),
        ("{dec}", f"{places[0].dec_deg:.5f}"),
        ("{radius}", f"{radius_deg:.7f}"),
    ):
        query = query.replace(mark, value)
    said = {"REQUEST": "doQuery", "LANG": "ADQL", "FORMAT": settings.format, "MAXREC": str(MOST_ROWS)}
    return said | {"QUERY": query}
