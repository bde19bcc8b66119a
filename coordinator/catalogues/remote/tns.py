"""The Transient Name Server's API: a search gives names at a place, and each name is asked for what is known of it.

Forms carry the question as JSON in `data`; the key of the bot goes with them, and who sends them adds it.
"""

from typing import Any

import msgspec

from coordinator.catalogues.remote import rows
from coordinator.catalogues.remote.json_rows import decoded, text
from coordinator.catalogues.remote.nonsense import nonsense
from coordinator.catalogues.remote.talk import Talk, Told
from coordinator.services.enrichment import Question
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.web_request import WebRequest
from coordinator.vetting.neighbours import Reported

MOST_OBJECTS = 5
"""So many of the objects at one place are asked for, the last discovered first."""


def talk(asked: Question, settings: RemoteSettings) -> Talk:
    """Search a place, then ask for each object there."""
    where = {
        "ra": f"{asked.ra_deg:.5f}",
        "dec": f"{asked.dec_deg:.5f}",
        "radius": f"{settings.radius_arcsec:g}",
        "units": "arcsec",
    }
    listed = _reply((yield _form(settings, "search", where)))
    if not isinstance(listed, list):
        raise nonsense("a search without a list")
    names = sorted({_name(one) for one in listed}, key=lambda n: (n[:4], len(n), n), reverse=True)
    found = []
    for name in names[:MOST_OBJECTS]:
        report = _reported(_reply((yield _form(settings, "object", {"objname": name}))), name, asked)
        if report.separation_arcsec <= settings.radius_arcsec:
            found.append(report)
    found.sort(key=lambda one: (one.separation_arcsec, one.name))
    return Told(tuple(found), len(names) <= MOST_OBJECTS)


def _form(settings: RemoteSettings, what: str, data: dict[str, str]) -> WebRequest:
    return WebRequest(f"{settings.address}/{what}", (("data", msgspec.json.encode(data).decode()),))


def _reply(body: bytes) -> Any:
    """Return what is in the envelope: under `data`, and there under `reply` as long as it has one."""
    said = decoded(body)
    code = said.get("id_code") if isinstance(said, dict) else None
    if code != 200:
        raise nonsense(f"code {code}" if isinstance(code, int) else "no code in its answer")
    data = said.get("data")
    return data.get("reply", data) if isinstance(data, dict) else data


def _name(one: Any) -> str:
    name = one.get("objname") if isinstance(one, dict) else None
    if not isinstance(name, str) or not name.isalnum() or not name.isascii() or len(name) > rows.LONGEST_NAME:
        raise nonsense("an object without a name")
    return name


def _reported(one: Any, name: str, asked: Question) -> Reported:
    if not isinstance(one, dict) or one.get("objname") != name:
        raise nonsense("not the object that was asked for")
    ra_deg = rows.number(text(one.get("radeg")), 0.0, 360.0)
    dec_deg = rows.number(text(one.get("decdeg")), -90.0, 90.0)
    kind = one.get("object_type")
    return Reported(
        rows.name(f"{text(one.get('name_prefix'))} {name}"),
        rows.separation_arcsec(asked, ra_deg, dec_deg),
        rows.kind(text(kind.get("name")) if isinstance(kind, dict) else text(kind)),
        rows.redshift(text(one.get("redshift"))),
        rows.when(text(one.get("discoverydate"))),
    )
