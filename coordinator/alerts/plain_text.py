"""Text in which nothing is told in a form: prose, and recordings of what a server answered."""

import re

from coordinator.alerts.event_names import event_named
from coordinator.alerts.message import Ignored, Message, Rejected, Understood

FORMAT = "plain text"
LONGEST = 256 * 1024
FEWEST_WORDS = 5
"""Fewer are no prose: they may be what is left of a message."""

FIELD = re.compile(r"^[A-Za-z][\w /.()-]{0,40}[:=]", re.MULTILINE)
"""A line that begins with a name: such a text may be a notice of a form that nobody knows here, and is kept."""

RECORDING = re.compile(r"^interactions:\s*\n-\s", re.MULTILINE)
"""How a recording of HTTP requests and replies begins (the cassettes of vcr.py)."""


def recognises(message: Message) -> bool:
    """Say whether it is one of these."""
    return _why(message) is not None


def read(message: Message) -> Understood:
    """Say which it is; what names an event of somebody's is kept, for it may be a report in a form of its own."""
    reason = _why(message)
    if reason is None:
        return Rejected("no known format")
    named = event_named((_text(message) or "")[:LONGEST]) if message.topic else None
    return Ignored(reason) if named is None else Rejected(f"text without any form that names {named.name}")


def _why(message: Message) -> str | None:
    text = _text(message)
    if text is None:
        return None
    if RECORDING.search(text[:4096]):
        return "a recording of what a server answered, not a message"
    return None if FIELD.search(text) or len(text.split()) < FEWEST_WORDS else "text without any form"


def _text(message: Message) -> str | None:
    """Return the text of a message; None where it is none, or something else, too."""
    if message.document or message.xml is not None or message.avro or len(message.body) > LONGEST:
        return None
    try:
        text = message.body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    printable = all(sign.isprintable() or sign in "\t\r\n" for sign in text)
    return text if printable and any(sign.isalpha() for sign in text) else None
