"""All formats that are understood, one line each; a message is known by its content, never by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from coordinator.alerts import (
    annuli,
    avro_other,
    candidates,
    colibri,
    hopskotch,
    lvk,
    lvk_avro,
    no_alert,
    plain_text,
    records,
    rubin,
    skymap_file,
    snews,
)
from coordinator.alerts.avro import SchemaSource, stated_schema
from coordinator.alerts.fields import text
from coordinator.alerts.gcn_json import core as gcn_json
from coordinator.alerts.gcn_text import notice as gcn_text
from coordinator.alerts.message import Message, Rejected, Understood, topic_in
from coordinator.alerts.opening import Opened, open_message
from coordinator.alerts.reports import brokers, circular, hermes, tns, tns_table
from coordinator.alerts.sayable_key import with_sayable_keys
from coordinator.alerts.voevent import reader as voevent
from telescopes.description.errors import Refused


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is known, and read."""

    name: str
    recognises: Callable[[Message], bool]
    read: Callable[[Message], Understood]


FORMATS = (
    Format(skymap_file.FORMAT, skymap_file.recognises, skymap_file.read),
    Format(no_alert.FORMAT, no_alert.recognises, no_alert.read),
    Format(hopskotch.FORMAT, hopskotch.recognises_pointer, hopskotch.read_pointer),
    Format(annuli.FORMAT, annuli.recognises, annuli.read),
    Format(lvk.FORMAT, lvk.recognises, lvk.read),
    Format(voevent.FORMAT, voevent.recognises, voevent.read),
    Format(lvk_avro.FORMAT, lvk_avro.recognises, lvk_avro.read),
    Format(rubin.FORMAT, rubin.recognises, rubin.read),
    Format("json lsst.alert", rubin.recognises_json, rubin.read_json),
    Format(candidates.FORMAT, candidates.recognises, candidates.read),
    Format(brokers.AMPEL, brokers.recognises_ampel, brokers.read_ampel),
    Format(avro_other.FORMAT, avro_other.recognises, avro_other.read),
    Format(circular.FORMAT, circular.recognises, circular.read),
    Format(snews.FORMAT, snews.recognises, snews.read),
    Format(hermes.FORMAT, hermes.recognises, hermes.read),
    Format(tns.FORMAT, tns.recognises, tns.read),
    Format(tns_table.FORMAT, tns_table.recognises, tns_table.read),
    Format(colibri.FORMAT, colibri.recognises, colibri.read),
    Format(brokers.FORMAT, brokers.recognises, brokers.read),
    Format(records.FORMAT, records.recognises, records.read),
    Format(gcn_text.FORMAT, gcn_text.recognises, gcn_text.read),
    Format(gcn_json.FORMAT, gcn_json.recognises, gcn_json.read),
    Format(plain_text.FORMAT, plain_text.recognises, plain_text.read),
)
"""The first that recognises a message reads it."""


def understand(
    raw: bytes,
    *,
    name: str,
    source: str = "file",
    topic: str = "",
    headers: Mapping[str, str] | None = None,
    schemas: SchemaSource | None = None,
) -> Understood:
    """Say what a message means.

    Parameters
    ----------
    raw : bytes
        The message as it came.
    name : str
        Its file's name, for people; a topic in it between double underscores counts.
    source : str
        Who brought it.
    topic : str
        The stream's topic, if known.
    headers : mapping, optional
        The transport's headers.
    schemas : mapping or callable, optional
        From the id of an Avro schema to the schema, for messages that name theirs by its id.

    Returns
    -------
    Alerts, Ignored, Rejected, Leads, Reports or Elsewhere
        Sky maps are decoded but not read: whoever may know the sky checks them.
    """
    name = text(name) or ""
    try:
        opened = _open(raw, schemas, stated_schema(headers or {}))
    except Refused as refusal:
        return Rejected(refusal.what)
    topic = topic or topic_in(name)
    message = Message(
        raw, opened.body, opened.document, name, source, topic, headers or {}, xml=opened.xml, avro=opened.avro
    )
    for format_ in FORMATS:
        if format_.recognises(message):
            return with_sayable_keys(format_.read(message))
    return Rejected(_what_it_is(message))


def _open(raw: bytes, schemas: SchemaSource | None, schema: str | None) -> Opened:
    """Open a message, and the envelope that it may be in; one envelope, not one in another."""
    opened = open_message(raw, schemas, schema)
    if opened.document is None:
        return opened
    payload = hopskotch.payload_of(opened.document.value)
    if payload is None:
        return opened
    inner = open_message(payload, schemas)
    if inner.document is None:
        return inner
    # What the envelope's JSON says twice is no longer to be seen in the payload.
    repeated = (*inner.document.repeated, *opened.document.repeated)
    return replace(inner, document=replace(inner.document, repeated=repeated))


def _what_it_is(message: Message) -> str:
    if message.document is not None:
        return "JSON, but no known alert"
    if message.xml is not None:
        return "XML, but no known alert"
    return "no known format"
