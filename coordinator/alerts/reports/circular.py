"""GCN circulars, as JSON records of the archive and as e-mails: leads, never facts."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from coordinator.alerts.alert import Purpose
from coordinator.alerts.fields import number, text
from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Message, Rejected, Understood
from coordinator.alerts.purpose import markers_of_document, markers_of_transport
from coordinator.alerts.reports.words import MAX_WORDS, said_in

FORMAT = "gcn circular"
STREAM = "gcn.circulars"
REASON = "a circular: leads only, never facts"
FIRST_VERSION = 1
HEAD = re.compile(rb"^\s{0,16}TITLE:\s{1,16}GCN\s{1,4}(GRB OBSERVATION REPORT|CIRCULAR)\b", re.MULTILINE)
HEAD_WITHIN = 8192
"""An e-mail has lines of the post office before the circular."""

LINE = re.compile(r"(?P<key>TITLE|NUMBER|SUBJECT|DATE|FROM):\s*(?P<value>.*)")
DATE = re.compile(r"(?P<y>\d{2,4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})\s+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}))?")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Circular:
    """One circular; None: it does not say."""

    number: int | None
    version: int
    title: str
    event: str
    body: str
    issued: datetime | None


def recognises(message: Message) -> bool:
    """Say whether it is a circular, as JSON or as text."""
    value = message.document.value if message.document else None
    if isinstance(value, Mapping):
        return "circularId" in value or ({"subject", "body", "submitter"} <= value.keys())
    return message.document is None and message.xml is None and HEAD.search(message.body[:HEAD_WITHIN]) is not None


def read(message: Message) -> Understood:
    """Return the leads of a circular; one version of one circular is the same whatever form it came in."""
    if message.document is None:
        circular: Circular | None = _of_mail(message.body)
    else:
        circular = _of_record(message.document.value)
    if circular is None:
        return Rejected("circular without subject and body")
    said = said_in(circular.title, circular.body, circular.event)
    named = said.event.name if said.event else (text(circular.event, 96) or None)
    native = f"gcn.circular:{circular.number}" if circular.number is not None else None
    return Leads(
        source=message.source,
        format=FORMAT,
        stream=STREAM,
        notice_id=notice_id(circular),
        reason=REASON,
        title=text(circular.title),
        name=named,
        event_key=said.event.key if said.event else None,
        raw_sha256=message.raw_sha256,
        t_issued=circular.issued,
        version=circular.version,
        native_ids=(native,) if native else (),
        names=said.names,
        retraction=said.retraction,
        positions=said.positions,
        magnitudes=said.magnitudes,
        redshift=said.redshift,
        test=Purpose.TEST in [*markers_of_transport(message), *markers_of_document(message)],
        file=message.name or None,
    )


def notice_id(circular: Circular) -> str:
    """Return the identity: number and version; of a circular without number what it says."""
    if circular.number is not None:
        return f"circular:{circular.number}:v{circular.version}"
    digest = hashlib.sha256(f"{circular.title}\n{circular.body}".encode("utf-8", "replace")).hexdigest()[:16]
    return f"circular:{digest}:v{circular.version}"


def _of_record(value: Mapping[str, Any]) -> Circular | None:
    body, title = value.get("body"), value.get("subject")
    if not isinstance(body, str) and not isinstance(title, str):
        return None
    return Circular(
        number=_whole(value.get("circularId")),
        version=_whole(value.get("version")) or FIRST_VERSION,
        title=text(title) or "",
        event=text(value.get("eventId"), 96) or "",
        body=body.replace("\\n", "\n") if isinstance(body, str) else "",
        issued=_milliseconds(value.get("createdOn")),
    )


def _of_mail(body: bytes) -> Circular:
    """Read an e-mail; bytes that are no UTF-8 show as replacement signs."""
    start = HEAD.search(body[:HEAD_WITHIN])
    lines = body[start.start() if start else 0 :][: 2 * MAX_WORDS].decode("utf-8", "replace").splitlines()
    head: dict[str, str] = {}
    ends = 0
    for line in lines:
        found = LINE.match(line.strip())
        if not found and head and line.strip():
            break
        if found:
            head.setdefault(found["key"], found["value"].strip())
        ends += 1
    return Circular(
        number=_whole(head.get("NUMBER")),
        version=FIRST_VERSION,
        title=text(head.get("SUBJECT")) or "",
        event="",
        body="\n".join(lines[ends:]),
        issued=_date(head.get("DATE", "")),
    )


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value.strip()):
        return int(value)
    found = number(value)
    return int(found) if found is not None and found.is_integer() and 0 <= found < 10**9 else None


def _milliseconds(value: Any) -> datetime | None:
    found = number(value)
    try:
        return None if found is None else EPOCH + timedelta(milliseconds=found)
    except OverflowError:
        return None


def _date(words: str) -> datetime | None:
    found = DATE.search(words)
    if found is None:
        return None
    year = int(found["y"])
    try:
        return datetime(
            year + (2000 if year < 70 else 1900) if year < 100 else year,
            int(found["m"]),
            int(found["d"]),
            int(found["H"]),
            int(found["M"]),
            int(found["S"] or 0),
            tzinfo=UTC,
        )
    except ValueError:
        return None
