"""Elements of a foreign XML tree by their local names, whatever the namespace."""

from collections.abc import Iterator
from typing import Any

from coordinator.alerts.fields import MAX_TEXT, text
from coordinator.alerts.strict_xml import Element


def name_of(element: Element) -> str:
    """Return the name of an element without its namespace; nothing for what is no element (an entity)."""
    tag: Any = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element | None, name: str) -> Iterator[Element]:
    """Go through the children of this name."""
    if element is not None:
        yield from (child for child in element if name_of(child) == name)


def child(element: Element | None, *names: str) -> Element | None:
    """Return the first child of the first name, its first child of the second, and so on; None where it ends."""
    for name in names:
        element = next(children(element, name), None)
    return element


def within(element: Element | None, name: str) -> Element | None:
    """Return the first element of this name at any depth."""
    if element is None:
        return None
    return next((found for found in element.iter() if name_of(found) == name), None)


def text_of(element: Element | None, longest: int = MAX_TEXT) -> str | None:
    """Return the text of an element, without that of its children."""
    return None if element is None else text(element.text, longest)


def attribute(element: Element | None, name: str, longest: int = MAX_TEXT) -> str | None:
    """Return an attribute of an element, whether or not it stands in a namespace."""
    if element is None:
        return None
    found = element.get(name)
    if found is None:
        found = next((value for key, value in element.items() if key.rpartition("}")[2] == name), None)
    return text(found, longest)
