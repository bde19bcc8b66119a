"""GCN notices in JSON: which they are, and their common core as alerts."""

from collections.abc import Mapping
from typing import Any

from coordinator.alerts.alert import Alert, Link, Localization, Phase, Purpose
from coordinator.alerts.canonical import digest
from coordinator.alerts.fields import instant, not_negative, number, numbers, text, web_address
from coordinator.alerts.gcn_json import special
from coordinator.alerts.gcn_json.families import Family, by_content, by_schema, namespace_of, schema_path
from coordinator.alerts.gcn_json.identity import event_key, name_of, names_of, words_of
from coordinator.alerts.gcn_json.where import where
from coordinator.alerts.message import Alerts, Ignored, Message, Rejected, Understood
from coordinator.alerts.purpose import (
    markers_of_document,
    markers_of_fields,
    markers_of_transport,
    purpose_of_id,
    said_twice,
    strictest,
)

FORMAT = "json gcn.notices"
PHASES = {
    "initial": Phase.INITIAL,
    "subsequent": Phase.UPDATE,
    "update": Phase.UPDATE,
    "retraction": Phase.RETRACTION,
}
MESSENGERS = {"EM": "EM", "GW": "GW", "NEUTRINO": "NU"}
WHEN = frozenset({"trigger_time", "alert_datetime"})
WHO = frozenset({"mission", "instrument", "id", "event_name", "ra", "alert_type", "alert_tense", "ref_ID"})
MOST_READ = 256 * 2**20
"""Bytes: each object of a notice is read with all that they share."""

NUMBERS = ("p_astro", "importance", "association_probability", "snr", "rate_snr", "image_snr", "nu_energy", "p_value")
"""Single numbers that are kept as properties of the event."""


def recognises(message: Message) -> bool:
    """Say whether a message follows the unified schema: by its `$schema`, else by the fields of the core."""
    notice = message.document.value if message.document else None
    if not isinstance(notice, Mapping) or "superevent_id" in notice:
        return False
    if schema_path(notice) is not None or special.by_keys(notice) is not None:
        return True
    return bool(WHEN & notice.keys()) and len(WHO & notice.keys()) > 1


def read(message: Message) -> Understood:
    """Turn a notice into alerts: one, but where it lists several objects."""
    assert message.document is not None
    notice: Mapping[str, Any] = message.document.value
    path = schema_path(notice)
    if path is not None and path.startswith("core/"):
        return Ignored("one part of the core schema by itself, no alert")
    family = by_schema(path)
    wrong = _what_is_wrong(message, path, family)
    if wrong:
        return Rejected(wrong)
    if path is None:
        family = special.by_keys(notice) or next(
            iter(by_content(notice.get("mission"), notice.get("instrument"))), None
        )
    maps: dict[str, bytes] = {}
    parts = special.parts(notice, family)
    if len(parts) > special.MAX_PARTS or len(parts) * len(message.body) > MOST_READ:
        return Rejected(f"GCN notice of more than {special.MAX_PARTS} objects, or of many and very long")
    alerts = [_alert(message, part, family, path, maps) for part in parts]
    found = tuple(alert for alert in alerts if alert is not None)
    # One that cannot be read rejects the notice whole, so that none is lost.
    return Alerts(found, maps) if len(found) == len(parts) else Rejected("GCN notice without id, name and time")


def _what_is_wrong(message: Message, path: str | None, family: Family | None) -> str | None:
    assert message.document is not None
    clash = said_twice(message.document)
    if clash is not None:
        return f"GCN notice says {clash!r} twice, differently"
    notice = message.document.value
    spoken_of = by_content(notice.get("mission"), notice.get("instrument"))
    if family is not None and spoken_of and family not in spoken_of and family.namespace != "heasarc":
        said = text(notice.get("instrument"), 64) or text(notice.get("mission"), 64)
        return f"GCN notice contradicts itself: $schema {path}, but it is from {said}"
    return None


def _alert(
    message: Message, notice: Mapping[str, Any], family: Family | None, path: str | None, maps: dict[str, bytes]
) -> Alert | None:
    mission = notice.get("mission")
    namespace = family.namespace if family else namespace_of(mission)
    t0, issued = special.t0(notice), instant(notice.get("alert_datetime"))
    key = event_key(namespace, notice, t0, issued)
    if key is None:
        return None
    kind = text(notice.get("alert_type"), 32)
    place = where(notice, maps)
    return Alert(
        source=message.source,
        format=FORMAT,
        stream=family.stream if family else f"gcn:{text(mission, 64) or 'unknown'}",
        notice_id=notice_id(key, path, notice, place),
        event_key=key,
        name=name_of(notice) or key.partition(":")[2],
        messenger=_messenger(notice, family),
        phase=PHASES.get((kind or "").lower()),
        stage=special.stage(notice, family) or kind,
        purpose=_purpose(message, notice, path),
        t0=t0,
        t_issued=issued,
        raw_sha256=message.raw_sha256,
        native_ids=names_of(namespace, notice),
        file=message.name or None,
        revision_number=_count(notice.get("record_number")),
        far_hz=not_negative(notice.get("far")),
        classification=numbers(notice.get("classification")),
        properties=numbers(notice.get("properties")) | numbers({key: notice.get(key) for key in NUMBERS}),
        instruments=tuple(filter(None, [text(notice.get("instrument"), 64)])),
        localization=place,
        links=_links(notice),
        no_event=special.no_event(notice, family),
        external_coincidence=special.coincidence(notice),
    )


def notice_id(key: str, path: str | None, notice: Mapping[str, Any], place: Localization) -> str:
    """Return the identity of a notice, equal for its copies over every transport.

    The native key (schema, id, kind, record, issue time) is not unique: the examples of MAXI share one. So a digest of
    what is said is added, without the text of the map, whose encoding may differ, and without the schema's version.
    """
    said = {name: value for name, value in notice.items() if name not in ("$schema", "healpix_file")}
    parts = [notice.get("alert_type"), notice.get("record_number"), notice.get("alert_datetime")]
    words = [text(str(part), 40) if part is not None else "" for part in parts]
    return ":".join(["gcn", key, (path or "").lower(), *map(str, words), digest([said, place.skymap_sha256])])


def _purpose(message: Message, notice: Mapping[str, Any], path: str | None) -> Purpose | None:
    """A notice is an observation unless anything marks it: tense, flags, topic, the schema's name, a mock's id."""
    tests = [Purpose.TEST for word in (path or "").lower().split("/") if word == "test"]
    own = special.waves_in([*words_of(notice.get("event_name")), *words_of(notice.get("id"))])
    named = [purpose_of_id(wave) for wave in (*own, *special.followed(notice))]
    rehearsals = [purpose for purpose in named if purpose is not None]
    marks = [*markers_of_transport(message), *markers_of_document(message), *markers_of_fields(notice.items())]
    return strictest([Purpose.OBSERVATION, *tests, *rehearsals, *marks])


def _messenger(notice: Mapping[str, Any], family: Family | None) -> str | None:
    stated = MESSENGERS.get((text(notice.get("messenger"), 16) or "").upper())
    return stated or (family.messenger if family else None)


def _links(notice: Mapping[str, Any]) -> tuple[Link, ...]:
    pages = [web_address(notice.get(key)) for key in ("data_archive_page", "mission_page", "light_curve_url")]
    return tuple(Link("page", page) for page in pages if page is not None) + special.links(notice)


def _count(value: Any) -> int | None:
    found = number(value)
    return int(found) if found is not None and found.is_integer() and abs(found) < 2**31 else None
