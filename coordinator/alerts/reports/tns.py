"""Objects of the Transient Name Server, as its interface answers: an optical lead with a place and a brightness."""

from collections.abc import Mapping
from typing import Any

from coordinator.alerts.canonical import digest
from coordinator.alerts.fields import instant, number, text
from coordinator.alerts.leads import Leads, ReportedPosition
from coordinator.alerts.message import Ignored, Message, Rejected, Reports, Understood
from coordinator.alerts.reports.brightness import magnitude
from coordinator.alerts.reports.positions import declination, placed, right_ascension

FORMAT = "json tns"
STREAM = "tns"
REASON = "an object of the name server: leads only, never facts"
MOST = 1000
"""Objects of one answer."""


def recognises(message: Message) -> bool:
    """Say whether it is an answer of the name server, or one of its objects by itself."""
    value = message.document.value if message.document else None
    if not isinstance(value, Mapping):
        return False
    return {"id_code", "id_message"} <= value.keys() or {"objname", "name_prefix"} <= value.keys()


def read(message: Message) -> Understood:
    """Return the object as a lead, or those of a list; an answer of any other kind asks for nothing."""
    assert message.document is not None
    found = _objects(message.document.value)
    if len(found) > MOST:
        return Rejected(f"an answer of the name server with {len(found)} objects, more than {MOST}")
    if not found:
        return Ignored("an answer of the name server that holds no object")
    leads = [lead_of(message, one, FORMAT) if isinstance(one, Mapping) else None for one in found]
    known = tuple(lead for lead in leads if lead is not None)
    if len(known) < len(leads):
        return Rejected("object of the name server without a name")
    return known[0] if len(known) == 1 else Reports(known)


def lead_of(message: Message, found: Mapping[str, Any], format_: str) -> Leads | None:
    """Return what is said of one object; None: it has no name."""
    name = text(found.get("objname"), 32)
    if name is None:
        return None
    prefix = text(found.get("name_prefix"), 8) or text(found.get("prefix"), 8) or "AT"
    number_of = found.get("objid")
    whole = isinstance(number_of, int) and not isinstance(number_of, bool) and 0 < number_of < 10**12
    inner = text(found.get("internal_names")) or ""
    band = found.get("discmagfilter")
    mag = number(found.get("discoverymag"))
    made = None
    if mag is not None:
        named = text(band.get("name"), 32) if isinstance(band, Mapping) else None
        made = magnitude(mag, error=None, band=named, upper_limit=False)
    place = _place(found)
    return Leads(
        source=message.source,
        format=format_,
        stream=STREAM,
        notice_id=f"tns:{name}:{digest(found)}",
        reason=REASON,
        title=f"{prefix} {name}",
        name=f"{prefix} {name}",
        event_key=f"tns:{name}",
        raw_sha256=message.raw_sha256,
        t_issued=instant(found.get("lastmodified")),
        native_ids=(f"tns.objid:{number_of}",) if whole else (),
        names=tuple(filter(None, (text(one, 64) for one in inner.split(",")[:16]))),
        positions=(place,) if place else (),
        magnitudes=(made,) if made else (),
        redshift=number(found.get("redshift")),
        file=message.name or None,
    )


def _objects(value: Mapping[str, Any]) -> list[Any]:
    """Return what an answer lists, in either layout of the interface: one object, or all that a search finds.

    What a list holds that is no object stays in it: the whole answer is then in doubt.
    """
    data = value.get("data", value)
    reply = data.get("reply", data) if isinstance(data, Mapping) else data
    if isinstance(reply, list):
        return reply
    return [reply] if isinstance(reply, Mapping) and "objname" in reply else []


def _place(found: Mapping[str, Any]) -> ReportedPosition | None:
    ra_deg, dec_deg = number(found.get("radeg")), number(found.get("decdeg"))
    if ra_deg is None or dec_deg is None:
        ra, dec = text(found.get("ra"), 32), text(found.get("dec"), 32)
        ra_deg, dec_deg = right_ascension(ra or ""), declination(dec or "")
    place = placed(ra_deg, dec_deg)
    return None if place is None else ReportedPosition(*place, error_deg=number(found.get("radeg_err")))
