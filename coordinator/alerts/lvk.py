"""LVK gravitational-wave alerts in JSON (`igwn.gwalert`, schema 1.x), as they come over GCN and SCiMMA."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coordinator.alerts.alert import Alert, Link, Localization, Phase, Purpose, StatedCoincidence
from coordinator.alerts.canonical import digest
from coordinator.alerts.embedded_map import localize
from coordinator.alerts.fields import flag, instant, not_negative, number, numbers, text, texts, web_address
from coordinator.alerts.message import Alerts, Message, Rejected, Understood
from coordinator.alerts.purpose import (
    markers_of_document,
    markers_of_transport,
    purpose_of_id,
    said_twice,
    strictest,
)

FORMAT = "json igwn.alerts.Alert"
PHASES = {
    "EARLYWARNING": Phase.EARLY_WARNING,
    "PRELIMINARY": Phase.PRELIMINARY,
    "INITIAL": Phase.INITIAL,
    "UPDATE": Phase.UPDATE,
    "RETRACTION": Phase.RETRACTION,
}
NATIVE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
COINCIDENCE_KEYS = (
    "gcn_notice_id",
    "ivorn",
    "time_difference",
    "time_coincidence_far",
    "time_sky_position_coincidence_far",
)
MAPS = frozenset({"skymap", "combined_skymap"})


def recognises(message: Message) -> bool:
    """Say whether the message is one of these, judged by its keys."""
    value = message.document.value if message.document else None
    if not isinstance(value, Mapping):
        return False
    return "superevent_id" in value or {"alert_type", "time_created", "event"} <= value.keys()


def read(message: Message) -> Understood:
    """Turn one notice into an alert, with its map and that of an external coincidence."""
    assert message.document is not None
    wrong = _what_is_wrong(message)
    if wrong:
        return Rejected(wrong)
    notice: Mapping[str, Any] = message.document.value
    event = _mapping(notice.get("event"))
    maps: dict[str, bytes] = {}
    superevent = str(notice["superevent_id"])
    issued = instant(notice["time_created"])
    stage = text(notice.get("alert_type"), 32)
    phase = PHASES.get((stage or "").upper().replace("_", ""))
    where = localize(event.get("skymap"), maps)
    outside = _mapping(notice.get("external_coinc"))
    combined = localize(outside.get("combined_skymap"), maps)
    alert = Alert(
        source=message.source,
        format=FORMAT,
        stream="lvk",
        notice_id=notice_id(superevent, stage, issued, notice),
        event_key=f"lvk:{superevent}",
        name=superevent,
        messenger="GW",
        phase=phase,
        stage=stage,
        purpose=_purpose(message, superevent, event),
        t0=instant(event.get("time")),
        t_issued=issued,
        raw_sha256=message.raw_sha256,
        native_ids=(f"lvk:{superevent}",),
        file=message.name or None,
        significant=flag(event.get("significant")),
        far_hz=not_negative(event.get("far")),
        classification=numbers(event.get("classification")),
        properties=numbers(event.get("properties")),
        instruments=texts(event.get("instruments")),
        localization=where,
        links=_links(notice.get("urls")),
        external_coincidence=_coincidence(outside, combined),
        stated_coincidence=_stated(outside, combined, where),
        group=text(event.get("group"), 32),
    )
    return Alerts((alert,), maps)


def notice_id(superevent: str, stage: str | None, issued: datetime | None, notice: Mapping[str, Any]) -> str:
    """Return the identity of a notice, equal for its copies over every transport.

    Time alone is not unique: initial, update and coincidence update may carry the same second. What is hashed is the
    event and the coincidence without their maps, whose encoding differs between transports.
    """
    said = digest(_without_maps({"event": notice.get("event"), "external": notice.get("external_coinc")}))
    return f"lvk:{superevent}:{(stage or '').upper()}:{issued.isoformat() if issued else None}:{said}"


def _what_is_wrong(message: Message) -> str | None:
    assert message.document is not None
    notice = message.document.value
    clash = said_twice(message.document)
    if clash is not None:
        return f"LVK notice says {clash!r} twice, differently"
    if not isinstance(notice.get("superevent_id"), str):
        return "LVK notice without superevent_id"
    if not NATIVE_ID.fullmatch(notice["superevent_id"]):
        return "LVK notice with a malformed superevent_id"
    if instant(notice.get("time_created")) is None:
        return "LVK notice without a readable time_created"
    return None


def _purpose(message: Message, superevent: str, event: Mapping[str, Any]) -> Purpose | None:
    """Three independent gates (id, search, group), and whatever else marks a rehearsal."""
    assert message.document is not None
    shadowed = message.document.repeated
    searches = [event.get("search"), *(value for key, value in shadowed if key == "search")]
    groups = [event.get("group"), *(value for key, value in shadowed if key == "group")]
    return strictest(
        [
            purpose_of_id(superevent),
            *(found for search in searches for found in _marker(search, "mdc", Purpose.MOCK)),
            *(found for group in groups for found in _marker(group, "test", Purpose.TEST)),
            *markers_of_transport(message),
            *markers_of_document(message),
        ]
    )


def _marker(value: Any, word: str, meaning: Purpose) -> list[Purpose | None]:
    """The whole word is a marker, a part of one is not (`O2VirgoTest` was GW170817); no text at all is unknown."""
    if value is None:
        return []
    if not isinstance(value, str):
        return [None]
    return [meaning] if value.strip().lower() == word else []


def _coincidence(outside: Mapping[str, Any], combined: Localization) -> str | None:
    """Say in one line with what the event coincides; a combined map is named by its sha256."""
    if not outside:
        return None
    parts = [" ".join(filter(None, (text(outside.get("observatory")), text(outside.get("search")))))]
    for key in COINCIDENCE_KEYS:
        stated = outside.get(key)
        if isinstance(stated, str | int | float):
            parts.append(f"{key}={text(str(stated))}")
    if combined.skymap_sha256 or combined.refused:
        parts.append(f"combined_skymap={combined.skymap_sha256 or combined.refused}")
    return ", ".join(filter(None, parts)) or None


def _stated(outside: Mapping[str, Any], combined: Localization, own: Localization) -> StatedCoincidence | None:
    if not outside:
        return None
    notice = outside.get("gcn_notice_id")
    return StatedCoincidence(
        observatory=text(outside.get("observatory"), 64),
        search=text(outside.get("search"), 64),
        notice=text(str(notice), 64) if isinstance(notice, str | int) else None,
        ivorn=text(outside.get("ivorn")),
        dt_s=number(outside.get("time_difference")),
        far_temporal_hz=not_negative(outside.get("time_coincidence_far")),
        far_spacetime_hz=not_negative(outside.get("time_sky_position_coincidence_far")),
        combined_skymap_sha256=combined.skymap_sha256,
        own_skymap_sha256=own.skymap_sha256,
    )


def _links(urls: Any) -> tuple[Link, ...]:
    found = map(web_address, list(_mapping(urls).values())[:8])
    return tuple(Link("page", url) for url in found if url is not None)


def _without_maps(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _without_maps(entry) for key, entry in value.items() if key not in MAPS}
        case list() | tuple():
            return [_without_maps(entry) for entry in value]
        case _:
            return value


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
