"""The name server's tables of public objects (CSV, one a day or an hour): each object is a lead.

A line with the time that the table covers, a line of headings, then a line for each object; it comes as a zip.
"""

import csv
import re
from collections.abc import Mapping
from io import StringIO
from typing import Any

from coordinator.alerts.message import Message, Rejected, Reports, Understood
from coordinator.alerts.reports import tns

FORMAT = "csv tns"
START = re.compile(rb'\s{0,16}(?:"?\d{4}-\d\d-\d\d[^\n]{0,64}\n)?"?objid"?,')
MOST = 4000
"""Objects of one table: a day has some hundreds. The whole catalogue is no news."""

HEADINGS = ("objid", "name_prefix", "name", "ra", "declination")


def recognises(message: Message) -> bool:
    """Say whether it is such a table."""
    return message.document is None and message.xml is None and START.match(message.body) is not None


def read(message: Message) -> Understood:
    """Return a lead for each object; one that cannot be read rejects the table whole, so that none is lost."""
    words = message.body.decode("utf-8", "replace")
    at = words.index("objid")
    table = words[at - 1 if words[max(0, at - 1)] == '"' else at :]
    try:
        rows = list(csv.DictReader(StringIO(table)))
    except csv.Error as error:
        return Rejected(f"table of the name server: {error}")
    if not rows or not {*HEADINGS} <= rows[0].keys():
        return Rejected(f"table of the name server without objects, or without one of {', '.join(HEADINGS)}")
    if len(rows) > MOST:
        return Rejected(f"table of the name server of {len(rows)} objects, more than {MOST}: give that of a day")
    leads = [tns.lead_of(message, _object(row), FORMAT) for row in rows]
    wrong = next((at for at, lead in enumerate(leads) if lead is None), None)
    if wrong is not None:
        return Rejected(f"table of the name server: object {wrong + 1} has no name")
    return Reports(tuple(lead for lead in leads if lead is not None))


def _object(row: Mapping[str, Any]) -> dict[str, Any]:
    """Spell a line as the interface spells an object."""
    number = str(row.get("objid") or "")
    return {
        "objname": row.get("name"),
        "name_prefix": row.get("name_prefix"),
        "objid": int(number) if number.isascii() and number.isdigit() and len(number) < 13 else None,
        "radeg": _number(row.get("ra")),
        "decdeg": _number(row.get("declination")),
        "redshift": _number(row.get("redshift")),
        "discoverymag": _number(row.get("discoverymag")),
        "discmagfilter": {"name": row.get("filter")},
        "internal_names": row.get("internal_names"),
        "lastmodified": row.get("lastmodified") or row.get("creationdate"),
    }


def _number(words: Any) -> float | None:
    try:
        return float(words)
    except (TypeError, ValueError):
        return None
