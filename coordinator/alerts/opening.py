"""A message opened: unpacked, and read as JSON, XML or Avro where it is such; nothing is understood yet."""

from dataclasses import dataclass

from coordinator.alerts.avro import Container, SchemaSource, looks_framed, read_beside, read_container, read_framed
from coordinator.alerts.avro import looks_like_container as looks_like_avro
from coordinator.alerts.fits_header import is_fits
from coordinator.alerts.packed import refused, unpack
from coordinator.alerts.reports.tns_table import START as TABLE
from coordinator.alerts.strict_json import Document, read_json
from coordinator.alerts.strict_xml import Element, looks_like_xml, read_xml

MAX_RAW_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class Opened:
    """The body of a message, and what it is: JSON, XML, Avro or none of them."""

    body: bytes
    document: Document | None = None
    xml: Element | None = None
    avro: Container | None = None


def open_message(raw: bytes, schemas: SchemaSource | None = None, schema: str | None = None) -> Opened:
    """Unpack a message, and read it where it is JSON, XML or Avro.

    `schemas` are those that Avro may name by id, `schema` is one that came beside the message.

    Raises
    ------
    Refused
        It is empty, too long, not whole, or by a schema that is not known.
    """
    if not raw:
        raise refused("empty")
    if len(raw) > MAX_RAW_BYTES:
        raise refused(f"longer than {MAX_RAW_BYTES // 2**20} MiB")
    if is_fits(raw):
        return Opened(raw)
    return _read(unpack(raw), schemas, schema)


def _read(body: bytes, schemas: SchemaSource | None, schema: str | None) -> Opened:
    if looks_like_avro(body):
        return Opened(body, avro=read_container(body))
    if schema is not None:
        return Opened(body, avro=read_beside(body, schema))
    if looks_framed(body):
        return Opened(body, avro=read_framed(body, schemas))
    if _looks_like_json(body):
        return Opened(body, document=read_json(body))
    if looks_like_xml(body):
        return Opened(body, xml=read_xml(body))
    return Opened(body)


def _looks_like_json(body: bytes) -> bool:
    if TABLE.match(body):
        return False
    start = body[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start[:1] in (b"{", b"[", b'"') or start[:1].isdigit()
