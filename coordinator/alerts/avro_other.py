"""Avro of which no alert is known: understood as far as it says what it is."""

from coordinator.alerts.fields import text
from coordinator.alerts.message import Ignored, Message, Rejected, Understood

FORMAT = "avro"


def recognises(message: Message) -> bool:
    """Say whether the message is Avro."""
    return message.avro is not None


def read(message: Message) -> Understood:
    """Say what it holds; on a stream it is kept, for it may be an alert in a form that nobody knows here yet."""
    assert message.avro is not None
    count = len(message.avro.records)
    records = "1 record" if count == 1 else f"{count} records"
    what = f"an Avro container with {records} of {text(message.avro.schema_name) or 'no name'}, no known alert"
    return Rejected(what) if message.topic else Ignored(what)
