"""What the journal says of messages that nobody understood, and of reading them again."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlertQuarantined:
    """A message was kept whole, because it could not be understood.

    What its transport and a person said of it is kept with it, so that a test is a test when it is read again.
    `headers` None: not known, in entries of before that was kept. `waits`: a part of it lies elsewhere and could not be
    had then; it is tried again by itself.
    """

    raw_sha256: str
    file: str | None = None
    reason: str | None = None
    source: str = ""
    topic: str = ""
    headers: dict[str, str] | None = None
    purpose: str | None = None
    event_key: str | None = None
    waits: bool = False

    @property
    def key(self) -> str:
        """Name of the delivery: the same bytes under another mark are another one."""
        return delivery_key(self.raw_sha256, self.topic, self.headers, self.purpose, self.event_key)


@dataclass(frozen=True, slots=True)
class QuarantineRead:
    """A message in quarantine was read again and understood; `key` is that of its delivery."""

    key: str
    raw_sha256: str
    outcome: str  # "alert" | "ignored"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What became of one message; rejected: it stays."""

    file: str
    raw_sha256: str
    outcome: str
    event_key: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages that were read again; `next` is where the following page begins, empty: there is none."""

    messages: tuple[ReadAgain, ...]
    next: str = ""


def delivery_key(
    raw_sha256: str,
    topic: str = "",
    headers: dict[str, str] | None = None,
    purpose: str | None = None,
    event_key: str | None = None,
) -> str:
    """Name one delivery of a message by its bytes, and by what was said of it."""
    if headers is None:
        return f"{raw_sha256}:unknown"
    said = [topic, sorted(headers.items()), purpose, event_key]
    if not any(said):
        return raw_sha256
    return f"{raw_sha256}:{hashlib.sha256(repr(said).encode()).hexdigest()[:16]}"
