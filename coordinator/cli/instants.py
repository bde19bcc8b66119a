"""Instants as people write them on a command line."""

from datetime import UTC, datetime

from telescopes.description.errors import Refused


def instant(text: str, where: str) -> datetime:
    """Read an instant in ISO 8601; without a zone it is UTC.

    Raises
    ------
    Refused
        It is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no instant", where=where, mend="give one such as 2026-12-01T22:00:00Z") from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
