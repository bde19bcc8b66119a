"""Foreign XML, read so that nothing in it can hurt: no entity, no DTD, no network, bounded."""

import re
from typing import Any

from telescopes.description.errors import Refused

MAX_BYTES = 8 * 2**20
LONGEST_PREFACE = 1024
"""Some senders write a line of text before the XML: such a message is XML, but not well-formed."""

BEGIN = re.compile(rb"<(\?xml\b|[A-Za-z_][\w.-]*:?VOEvent\b)", re.IGNORECASE)
DOCTYPE = "it declares a document type, which is never followed"
Element = Any
"""An `lxml` element: the library comes without types."""


def looks_like_xml(body: bytes) -> bool:
    """Say whether a text is XML, or begins with a line and goes on as XML."""
    start = _plain(body[: 2 * LONGEST_PREFACE])
    return start.lstrip().startswith(b"<") or BEGIN.search(start) is not None


def read_xml(data: bytes) -> Element:
    """Read one XML text of any Unicode encoding and return its root.

    Raises
    ------
    Refused
        It is no whole XML text, is too long or nested too deep, or declares a document type: entities and remote
        definitions are never followed.
    """
    if _is_page(data):
        raise _refused("a web page, not an alert")
    if len(data) > MAX_BYTES:
        raise _refused(f"not XML: longer than {MAX_BYTES // 2**20} MiB")
    if re.search(rb"<!(DOCTYPE|ENTITY)\b", _plain(data), re.IGNORECASE):
        raise _refused(f"not XML: {DOCTYPE}")
    from lxml import etree  # not at the top: the scheduler knows messages, too, and starts without it

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data.lstrip(b" \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refused(f"not XML: {str(error).splitlines()[0][:200]}") from error
    if root.getroottree().docinfo.doctype:
        raise _refused(f"not XML: {DOCTYPE}")
    return root


def _is_page(data: bytes) -> bool:
    return re.match(rb"\s*<(!doctype\s+html|html)\b", _plain(data[:512]), re.IGNORECASE) is not None


def _plain(data: bytes) -> bytes:
    """Take byte order marks and the zeros of wide encodings away, so that ASCII can be looked for."""
    return data.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")


def _refused(what: str) -> Refused:
    return Refused(what, where="message", mend="ask the sender", reason="UNREADABLE")
