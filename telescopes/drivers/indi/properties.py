"""What an INDI server has said: its property vectors, and the images that came."""

import base64
import binascii
import math
from dataclasses import dataclass, field

from telescopes.drivers.indi.xml_stream import Element

LONGEST_MESSAGE = 200
KINDS = ("Number", "Switch", "Text", "Light", "BLOB")


@dataclass(slots=True)
class Vector:
    """One property: several values and one state (Idle, Ok, Busy, Alert).

    `heard` counts the server's words about it, so that an answer can be told from what was known before; `at` is
    when the last one came, by the loop's clock.
    """

    kind: str
    state: str
    values: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    message: str = ""
    heard: int = 0
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Image:
    """An image as it came, and its format, such as ``.fits``."""

    format: str
    content: bytes


@dataclass(slots=True)
class Known:
    """Everything that was said so far, by (device, property); the last messages, by device.

    `disconnections` counts how often a device was heard to have lost its hardware, or its driver.
    """

    vectors: dict[tuple[str, str], Vector] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    disconnections: dict[str, int] = field(default_factory=dict)

    def take(self, element: Element, at: float) -> None:
        """Learn from one element; tags that are not known are nobody's business."""
        device, message = element.get("device"), _printable(element.get("message"))
        if message:
            self.messages[device] = message
        was_connected = self._is_connected(device)
        if element.tag == "delProperty":
            self._forget(device, element.get("name"))
        elif element.tag == "setBLOBVector":
            self._take_image(element)
        elif element.tag.startswith(("def", "set")) and element.tag.endswith("Vector"):
            self._take_vector(element, message, at)
        if was_connected and not self._is_connected(device):
            self.disconnections[device] = self.disconnections.get(device, 0) + 1

    def _is_connected(self, device: str) -> bool:
        vector = self.vectors.get((device, "CONNECTION"))
        return vector is not None and vector.values.get("CONNECT") == "On"

    def _take_vector(self, element: Element, message: str, at: float) -> None:
        kind, key = element.tag[3:-6], (element.get("device"), element.get("name"))
        if kind not in KINDS or (element.tag.startswith("set") and key not in self.vectors):
            return
        vector = self.vectors.setdefault(key, Vector(kind, "Idle"))
        vector.state = element.get("state") or vector.state
        vector.message = message
        vector.heard += 1
        vector.at = at
        for child in element.children:
            vector.values[child.get("name")] = child.text
            if child.get("label"):
                vector.labels[child.get("name")] = child.get("label")

    def _take_image(self, element: Element) -> None:
        for child in element.children:
            try:
                content = base64.b64decode(child.text)
            except binascii.Error:
                content = b""
            self.images[element.get("device")] = Image(child.get("format"), content)

    def _forget(self, device: str, name: str) -> None:
        for key in [key for key in self.vectors if key[0] == device and name in ("", key[1])]:
            del self.vectors[key]


def number(text: str) -> float | None:
    """Read an INDI number: decimal or sexagesimal; None: it is none."""
    parts = text.replace(":", " ").replace(";", " ").split()
    try:
        values = [float(part) for part in parts[:3]]
    except ValueError:
        return None
    if not values or not all(map(math.isfinite, values)):
        return None
    size: float = sum(abs(value) / 60.0**power for power, value in enumerate(values))
    return -size if text.lstrip().startswith("-") else size


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:LONGEST_MESSAGE]
