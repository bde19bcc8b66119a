"""Entries as rows and back; rows of every version stay readable."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from coordinator.services.journal import Entry, Only, Stored, Tail
from coordinator.store.tables import journal

_decode = msgspec.json.Decoder(dict[str, Any]).decode
Row = dict[str, Any]
_HEAD = sa.select(sa.func.coalesce(sa.func.max(journal.c.seq), 0))


def iso(at: datetime) -> str:
    """Write an aware instant as UTC text that sorts."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def row_of(stored: Stored, body: bytes) -> Row:
    """Return the columns of an entry whose body is encoded already."""
    entry = stored.entry
    return {
        "seq": stored.seq,
        "recorded_at": iso(stored.recorded_at),
        "sky_time": iso(entry.sky_time),
        "writer": stored.writer,
        "epoch": stored.epoch,
        "kind": entry.kind,
        "version": entry.version,
        "event": entry.event,
        "telescope": entry.telescope,
        "subject": entry.subject,
        "cause": entry.cause,
        "body": body.decode(),
    }


def stored_of(row: Sequence[Any]) -> Stored:
    """Read an entry back, columns in the table's order."""
    seq, recorded_at, sky_time, writer, epoch, kind, version, event, telescope, subject, cause, body = row
    entry = Entry(kind, _decode(body), datetime.fromisoformat(sky_time), version, event, telescope, subject, cause)
    return Stored(seq, datetime.fromisoformat(recorded_at), writer, epoch, entry)


def head_of(connection: sa.Connection) -> int:
    """Return the last sequence number, 0 in an empty journal."""
    return int(connection.execute(_HEAD).scalar_one())


def tail_of(connection: sa.Connection, after_seq: int, only: Only, limit: int) -> Tail:
    """Read what comes after a sequence number, oldest first."""
    query = sa.select(journal).where(journal.c.seq > after_seq).order_by(journal.c.seq).limit(limit)
    if only.kinds is not None:
        query = query.where(journal.c.kind.in_(sorted(only.kinds)))
    if only.telescope is not None:
        query = query.where(journal.c.telescope == only.telescope)
    found = tuple(stored_of(row) for row in connection.execute(query))
    return Tail(found, found[-1].seq if len(found) == limit else head_of(connection))
