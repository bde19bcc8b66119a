"""Tables asked by a simple cone search (IVOA, 1.03): RA, DEC and SR in degrees, answered as VOTable."""

from collections.abc import Iterator
from urllib.parse import urlencode

from coordinator.catalogues.remote.made import PLACE, made
from coordinator.catalogues.remote.nonsense import MOST_ROWS
from coordinator.catalogues.remote.tables import Row, Table, read_votable
from coordinator.catalogues.remote.talk import Talk, Told
from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.web_request import WebRequest

UCDS = {
    "name": ("meta.id;meta.main", "id_main"),
    "ra": ("pos.eq.ra;meta.main", "pos_eq_ra_main"),
    "dec": ("pos.eq.dec;meta.main", "pos_eq_dec_main"),
}
"""How a table says which columns are its names and places (§2.3 of the standard: the old words; today's the new)."""


def talk(asked: Question, settings: RemoteSettings) -> Talk:
    """Ask for a place; the settings or the table itself say which column is what."""
    said = {"RA": f"{asked.ra_deg:.5f}", "DEC": f"{asked.dec_deg:.5f}"}
    said |= {"SR": f"{settings.radius_arcsec / 3600.0:.7f}", "VERB": "2"}
    table = read_votable((yield WebRequest(f"{settings.address}?{urlencode(said)}")))
    return Told(made(_named(table, settings), asked, settings), not (table.cut_off or len(table.rows) >= MOST_ROWS))


def _named(table: Table, settings: RemoteSettings) -> Iterator[Row]:
    columns = _by_ucd(table) | dict(settings.its_columns)
    table.wanted(columns.get(one, one) for one in PLACE)
    named = {one: columns.get(one, one) for one in (*PLACE, *columns)}
    return ({one: row.get(column, "") for one, column in named.items()} for row in table.rows)


def _by_ucd(table: Table) -> dict[str, str]:
    known = {ucd: column for column, ucd in reversed(list(table.ucds.items()))}
    found = {one: next((known[ucd] for ucd in ucds if ucd in known), None) for one, ucds in UCDS.items()}
    return {one: column for one, column in found.items() if column is not None}
