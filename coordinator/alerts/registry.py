"""All formats that are understood, one line each; a message is known by its content, never by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from coordinator.alerts import colibri, lvk, no_alert, records, skymap_file, snews
from coordinator.alerts.fields import text
from coordinator.alerts.gcn_json import core as gcn_json
from coordinator.alerts.gcn_text import notice as gcn_text
from coordinator.alerts.message import Message, Rejected, Understood, topic_in
from coordinator.alerts.opening import open_message
from coordinator.alerts.reports import circular, hermes, tns
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
    Format(lvk.FORMAT, lvk.recognises, lvk.read),
    Format(voevent.FORMAT, voevent.recognises, voevent.read),
    Format(circular.FORMAT, circular.recognises, circular.read),
    Format(snews.FORMAT, snews.recognises, snews.read),
    Format(hermes.FORMAT, hermes.recognises, hermes.read),
    Format(tns.FORMAT, tns.recognises, tns.read),
    Format(colibri.FORMAT, colibri.recognises, colibri.read),
    Format(records.FORMAT, records.recognises, records.read),
    Format(gcn_text.FORMAT, gcn_text.recognises, gcn_text.read),
    Format(gcn_json.FORMAT, gcn_json.recognises, gcn_json.read),
)
"""The first that recognises a message reads it."""


def understand(
    raw: bytes,
    *,
    name: str,
    source: str = "file",
    topic: str = "",
    headers: Mapping[str, str] | None = None,
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

    Returns
    -------
    Alerts, Ignored, Rejected or Leads
        Sky maps are decoded but not read: whoever may know the sky checks them.
    """
    name = text(name) or ""
    try:
        opened = open_message(raw)
    except Refused as refusal:
        return Rejected(refusal.what)
    message = Message(
        raw, opened.body, opened.document, name, source, topic or topic_in(name), headers or {}, xml=opened.xml
    )
    for format_ in FORMATS:
        if format_.recognises(message):
            return format_.read(message)
    return Rejected(_what_it_is(message))


def _what_it_is(message: Message) -> str:
    if message.document is not None:
        return "JSON, but no known alert"
    if message.xml is not None:
        return "XML, but no known alert"
    return "no known format"
