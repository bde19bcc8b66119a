"""A message as it came, and the answers that a reader may give to it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from coordinator.alerts.alert import Alert
from coordinator.alerts.avro import Container
from coordinator.alerts.leads import Leads
from coordinator.alerts.strict_json import Document
from coordinator.alerts.strict_xml import Element

TOPIC_IN_NAME = re.compile(r"__([A-Za-z0-9][A-Za-z0-9_.-]*?)__")


@dataclass(frozen=True, slots=True)
class Message:
    """The bytes of one message with what its transport says of it.

    Attributes
    ----------
    raw : bytes
        As they came.
    body : bytes
        The same, unpacked where a text came packed.
    document : Document or None
        The body as JSON, if it is JSON.
    name : str
        The file's name, for people.
    source : str
        Who brought it.
    topic : str
        The stream's topic; empty: unknown.
    headers : mapping
        The transport's headers, as text.
    xml : lxml element or None
        The root of the body as XML, if it is XML.
    avro : Container or None
        The records of the body, if it is Avro.
    raw_sha256 : str
        Name of the bytes as they came; made of them.
    """

    raw: bytes
    body: bytes
    document: Document | None
    name: str = ""
    source: str = "file"
    topic: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    xml: Element | None = None
    avro: Container | None = None
    raw_sha256: str = ""

    def __post_init__(self) -> None:
        """Name the bytes once: every alert of a message bears the name, and there may be a thousand."""
        if not self.raw_sha256:
            object.__setattr__(self, "raw_sha256", hashlib.sha256(self.raw).hexdigest())


@dataclass(frozen=True, slots=True)
class Alerts:
    """Understood: the alerts, and the FITS bytes of their sky maps by sha256, not yet checked."""

    alerts: tuple[Alert, ...]
    maps: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ignored:
    """Understood, and nothing to do."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Not understood: to quarantine, whole."""

    reason: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Understood: the real message lies at a URL, to be fetched from an allowed host and read in place of this one."""

    url: str


@dataclass(frozen=True, slots=True)
class Reports:
    """Understood: what several objects are reported as, in one message; each is a lead of its own."""

    leads: tuple[Leads, ...]


Understood = Alerts | Ignored | Rejected | Leads | Reports | Elsewhere


def topic_in(name: str) -> str:
    """Return the topic that a recorded message's file name holds between double underscores, or nothing."""
    found = TOPIC_IN_NAME.search(name)
    return found.group(1) if found else ""
