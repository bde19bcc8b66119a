"""Astro-COLIBRI over Kafka in JSON: events of other streams, told again.

No message of it was at hand: the names of fields are those of its public interface, and each may be missing.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from coordinator.alerts.alert import Alert, Link, Localization, Phase
from coordinator.alerts.canonical import digest, key_part
from coordinator.alerts.event_names import event_named
from coordinator.alerts.fields import instant, number, numbers, text, web_address
from coordinator.alerts.message import Alerts, Message, Rejected, Understood
from coordinator.alerts.place import circle
from coordinator.alerts.purpose import markers_of_document, markers_of_transport, said_twice, strictest

FORMAT = "json astrocolibri"
STREAM = "astrocolibri"
TOPIC = "astrocolibri."
KEYS = frozenset({"trigger_id", "transient_flavour", "observatory", "classification", "timestamp", "event_id"})
PHASES = {
    "new": Phase.INITIAL,
    "create": Phase.INITIAL,
    "created": Phase.INITIAL,
    "update": Phase.UPDATE,
    "updated": Phase.UPDATE,
    "retract": Phase.RETRACTION,
    "retracted": Phase.RETRACTION,
    "retraction": Phase.RETRACTION,
}
MILLISECONDS_FROM = 1e11
"""Larger numbers of a time stamp count milliseconds, smaller ones seconds."""

SECONDS_FROM = 946_684_800
"""The year 2000; still smaller ones count neither: they may be days."""


def recognises(message: Message) -> bool:
    """Say whether it is one of its events: by topic, by its key of duplicates, else by its fields."""
    value = message.document.value if message.document else None
    if not isinstance(value, Mapping):
        return False
    told = _event(value)
    by_name = "source_name" in told and len(KEYS & told.keys()) > 1
    return by_name or message.topic.startswith(TOPIC) or _said(message, value, "dedupe_key") is not None


def read(message: Message) -> Understood:
    """Turn an event into an alert under a key of its own: what another stream says of the same one stays apart."""
    assert message.document is not None
    value: Mapping[str, Any] = message.document.value
    told = _event(value)
    clash = said_twice(message.document)
    if clash is not None:
        return Rejected(f"Astro-COLIBRI event says {clash!r} twice, differently")
    identity = _said(message, value, "event_id") or _word(told.get("trigger_id")) or _word(told.get("source_name"))
    if identity is None:
        return Rejected("Astro-COLIBRI event without an id")
    duplicates = _said(message, value, "dedupe_key") or digest(told)
    kind = _said(message, value, "update_type") or ""
    version = _said(message, value, "event_version")
    alert = Alert(
        source=message.source,
        format=FORMAT,
        stream=STREAM,
        notice_id=f"astrocolibri:{duplicates}",
        event_key=f"astrocolibri:{key_part(identity)}",
        name=text(told.get("source_name"), 64) or identity,
        messenger=_messenger(told),
        phase=PHASES.get(kind.lower()),
        stage=kind or None,
        # It tells events of others and does not say what for: a person, or the stream itself, has to.
        purpose=strictest([None, *markers_of_transport(message), *markers_of_document(message)]),
        t0=_time(told.get("time")) or _time(told.get("timestamp")) or _time(told.get("discovery_date")),
        t_issued=_time(value.get("last_updated")) or _time(told.get("last_updated")),
        raw_sha256=message.raw_sha256,
        native_ids=(f"astrocolibri:{identity}",),
        file=message.name or None,
        revision_number=int(version) if version and version.isdigit() and len(version) < 10 else None,
        classification=_classification(told.get("classification")),
        instruments=tuple(filter(None, [text(told.get("observatory"), 64)])),
        localization=_where(told),
        links=_links(told),
    )
    return Alerts((alert,))


def _event(value: Mapping[str, Any]) -> Mapping[str, Any]:
    inside = next((value[key] for key in ("event", "body", "data") if isinstance(value.get(key), Mapping)), None)
    return value if inside is None else inside


def _said(message: Message, value: Mapping[str, Any], key: str) -> str | None:
    """Return what the headers say, else the message round the event, else the event."""
    header = next((word for name, word in message.headers.items() if name.lower() == key), None)
    return _word(header) or _word(value.get(key)) or _word(_event(value).get(key))


def _word(value: Any) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**30
    return text(str(value) if whole else value, 96)


def _time(value: Any) -> datetime | None:
    stamp = number(value)
    if stamp is None:
        return instant(value)
    seconds = stamp / 1000.0 if abs(stamp) > MILLISECONDS_FROM else stamp
    if seconds < SECONDS_FROM:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _where(told: Mapping[str, Any]) -> Localization:
    """Its radius is in degrees, and of no stated containment."""
    return circle(number(told.get("ra")), number(told.get("dec")), number(told.get("err")), containment=None)


def _messenger(told: Mapping[str, Any]) -> str | None:
    kind = f"{text(told.get('type'), 32)} {text(told.get('transient_flavour'), 32)}".lower()
    if "gw" in kind or "gravitational" in kind:
        return "GW"
    return "NU" if "nu_" in kind or "neutrino" in kind else "EM"


def _classification(value: Any) -> dict[str, float]:
    """A class by name alone carries no probability, and none is made up."""
    return numbers(value)


def _links(told: Mapping[str, Any]) -> tuple[Link, ...]:
    page = web_address(told.get("url"))
    pages = () if page is None else (Link("page", page),)
    names = " ".join(filter(None, [text(told.get("source_name")), _word(told.get("trigger_id"))]))
    known = event_named(names)
    return pages if known is None or known.key is None else (*pages, Link("same_as", known.key))
