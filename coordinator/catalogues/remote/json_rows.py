"""Services that answer a GET with rows in JSON, as brokers do: a list of objects, whose keys the settings name."""

from typing import Any

import msgspec

from coordinator.catalogues.remote.made import PLACE, made
from coordinator.catalogues.remote.nonsense import MOST_ROWS, nonsense
from coordinator.catalogues.remote.tables import Row
from coordinator.catalogues.remote.talk import Talk, Told
from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.web_request import WebRequest


def talk(asked: Question, settings: RemoteSettings) -> Talk:
    """Ask for a place."""
    query = settings.query or ""
    for mark, value in (
        ("{ra}", f"{asked.ra_deg:.5f}"),
        ("{dec}", f"{asked.dec_deg:.5f}"),
        ("{radius}", f"{settings.radius_arcsec / 3600.0:.7f}"),
        ("{radius_arcsec}", f"{settings.radius_arcsec:g}"),
    ):
        query = query.replace(mark, value)
    listed = _listed(decoded((yield WebRequest(f"{settings.address}?{query}"))), settings.rows)
    if len(listed) > MOST_ROWS:
        raise nonsense(f"more than {MOST_ROWS} rows")
    return Told(made([_row(one, settings) for one in listed], asked, settings))


def decoded(body: bytes) -> Any:
    """Return what JSON says.

    Raises
    ------
    RetryLater
        It is none; a not-a-number makes it none too.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise nonsense("no JSON") from error


def text(value: Any) -> str:
    """Return a plain value as a cell of a table; what is none, or holds more, is empty."""
    return "" if value is None or isinstance(value, bool | list | dict) else str(value)


def _listed(said: Any, path: str) -> list[Any]:
    for key in path.split(".") if path else ():
        said = said.get(key) if isinstance(said, dict) else None
    if not isinstance(said, list):
        raise nonsense(f"JSON without a list{f' under {path!r}' if path else ''}")
    return said


def _row(one: Any, settings: RemoteSettings) -> Row:
    if not isinstance(one, dict):
        raise nonsense("a row that is no object")
    columns = dict.fromkeys(PLACE) | dict(settings.its_columns)
    row = {name: one.get(key or name) for name, key in columns.items()}
    for name in PLACE:
        if row[name] is None:
            raise nonsense(f"a row without {columns[name] or name!r}")
    return {name: text(value) for name, value in row.items()}
