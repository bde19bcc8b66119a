"""INDI's XML: one element after the other for ever, without a root; strict, and bounded in size."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

LARGEST_ELEMENT = 768 << 20
"""Bytes of one element: an image of 512 MiB in base64."""
LARGEST_VECTOR = 1 << 20
"""Bytes of anything else than an image."""
MOST_CHILDREN = 4096
DEEPEST = 3


class BadXml(ValueError):
    """The peer does not speak INDI."""


@dataclass(slots=True)
class Element:
    """One element: its tag, its attributes, its text, its children."""

    tag: str
    attributes: dict[str, str]
    pieces: list[str] = field(default_factory=list)
    children: list["Element"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text."""
        return "".join(self.pieces).strip()

    def get(self, name: str) -> str:
        """An attribute; empty where there is none."""
        return self.attributes.get(name, "")


class XmlStream:
    """Takes bytes as they come and gives whole elements.

    Document types, entities of one's own and processing instructions are refused: INDI has none, and they are how
    XML is abused.
    """

    def __init__(self) -> None:
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.buffer_size = 1 << 16
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        for forbidden in ("StartDoctypeDeclHandler", "EntityDeclHandler", "ProcessingInstructionHandler"):
            setattr(self._parser, forbidden, _refuse)
        self._open: list[Element] = []
        self._whole: list[Element] = []
        self._size = 0
        self._parser.Parse(b"<indi>", False)

    def feed(self, data: bytes) -> Iterator[Element]:
        """Take bytes; give the elements that they complete.

        Raises
        ------
        BadXml
            It is no XML, is too large or holds what INDI never has.
        """
        self._count(len(data))
        try:
            self._parser.Parse(data, False)
        except expat.ExpatError as error:
            raise BadXml(f"no XML: {error}") from error
        whole, self._whole = self._whole, []
        if whole:
            # An element that is still open began in these bytes: they end in the middle of one as a rule.
            self._size = 0
        yield from whole

    def _count(self, more: int) -> None:
        self._size += more
        is_image = len(self._open) > 1 and self._open[1].tag == "setBLOBVector"
        most = LARGEST_ELEMENT if is_image else LARGEST_VECTOR + more
        if self._size > most:
            raise BadXml(f"an element of more than {most} bytes")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) > DEEPEST:
            raise BadXml("elements inside one another")
        element = Element(tag, attributes)
        if len(self._open) > 1:
            if len(self._open[-1].children) >= MOST_CHILDREN:
                raise BadXml("too many elements")
            self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, tag: str) -> None:
        element = self._open.pop()
        if not self._open:
            raise BadXml("an end without a beginning")
        if len(self._open) == 1:
            self._whole.append(element)

    def _text(self, text: str) -> None:
        if len(self._open) > 1:
            self._open[-1].pieces.append(text)


def _refuse(*_: object) -> None:
    raise BadXml("a declaration that INDI never has")
