"""A VOEvent packet of version 1.1, 2.0 or 2.1: what it says, before anybody asks what it means."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from coordinator.alerts.alert import Link
from coordinator.alerts.fields import flag, instant, text
from coordinator.alerts.strict_xml import Element
from coordinator.alerts.voevent.elements import attribute, child, children, name_of, text_of, within
from coordinator.alerts.voevent.time_scale import utc
from telescopes.description.errors import Refused

LONGEST_IVORN = 512
LONGEST_ID = 64
LONGEST_VALUE = 2048
NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,4})?", re.ASCII)
WHOLE_NUMBER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
MAX_PARAMS = 2000
MAX_LINKS = 64
MAX_NAMES = 8


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of What, with the innermost group that it stands in; empty: none."""

    group: str
    name: str
    value: str | None
    unit: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """A position with its error radius, as numbers in the stated unit; None: missing, or no finite number."""

    first: float | None
    second: float | None
    radius: float | None
    unit: str = "deg"
    names: tuple[str, str] = ("RA", "Dec")


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet.

    Attributes
    ----------
    ivorn : str
        Its name: an opaque text.
    role : str
        observation, prediction, utility, test or whatever it says; empty: nothing.
    issued : datetime or None
        Date of Who.
    params : tuple of Param
        All of What, in order.
    position : Position or None
        Of the observation, never of the observatory.
    system : str
        Coordinate system of position and time, as in `UTC-FK5-GEO`.
    time_text : str or None
        Time of the observation, as stated.
    links : tuple of Link
        Citations, with the cite word as `rel`.
    names : tuple of str
        Names that Why gives the thing.
    """

    ivorn: str
    role: str
    issued: datetime | None
    params: tuple[Param, ...]
    position: Position | None
    system: str
    time_text: str | None
    links: tuple[Link, ...]
    names: tuple[str, ...]

    @property
    def place(self) -> str:
        """Authority and path of the ivorn, in small letters: who sends it."""
        return self.ivorn.partition("://")[2].partition("#")[0].lower()

    @property
    def local(self) -> str:
        """What stands behind the `#` of the ivorn; all of it where there is none."""
        head, mark, tail = self.ivorn.partition("#")
        return tail if mark else head

    @property
    def t0(self) -> datetime | None:
        """Time of the observation in UTC."""
        return utc(self.time_text, self.system)

    @property
    def packet_type(self) -> int | None:
        """The GCN notice type."""
        return self.integer("Packet_Type")

    def all(self, *names: str) -> Iterator[Param]:
        """Go through the parameters of these names, in whatever group; capitals don't count."""
        wanted = {name.lower() for name in names}
        return (param for param in self.params if param.name.lower() in wanted)

    def value(self, *names: str) -> str | None:
        """Return the first value under any of these names that is not empty."""
        return next((param.value for param in self.all(*names) if param.value is not None), None)

    def one(self, *names: str) -> str | None:
        """Return the one value under these names.

        Raises
        ------
        Refused
            There are two that differ, which would make an identity ambiguous, or it is longer than any id.
        """
        found = {param.value for param in self.all(*names) if param.value is not None}
        if len(found) > 1:
            raise refused(f"VOEvent says {names[0]} twice, differently")
        value = next(iter(found), None)
        if value is not None and len(value) > LONGEST_ID:
            raise refused(f"VOEvent with a {names[0]} of more than {LONGEST_ID} characters")
        return value

    def number(self, *names: str) -> float | None:
        """Return the first value under these names that is a finite number."""
        return next((found for param in self.all(*names) if (found := number_in(param.value)) is not None), None)

    def integer(self, *names: str) -> int | None:
        """Return the one value under these names as a whole number; None if it is none."""
        return whole_number_in(self.one(*names))

    def numbers_in(self, group: str) -> dict[str, float]:
        """Return the numbers of a group by name."""
        inside = (param for param in self.params if param.group.lower() == group.lower() and param.name)
        return {param.name: found for param in inside if (found := number_in(param.value)) is not None}

    def says(self, *names: str) -> bool:
        """Say whether any parameter of these names is true."""
        return any(flag(param.value) is True for param in self.all(*names))

    def denies(self, name: str) -> bool:
        """Say whether parameters of this name are there, and all are false."""
        found = [flag(param.value) for param in self.all(name)]
        return bool(found) and all(value is False for value in found)


def is_packet(root: Element) -> bool:
    """Say whether an XML text is a VOEvent."""
    return name_of(root) == "VOEvent"


def read_packet(root: Element) -> Packet:
    """Read a packet.

    Raises
    ------
    Refused
        It has no usable ivorn, or more parameters than any stream sends.
    """
    ivorn = attribute(root, "ivorn", LONGEST_IVORN + 1)
    if ivorn is None:
        raise refused("VOEvent without an ivorn")
    if len(ivorn) > LONGEST_IVORN:
        raise refused(f"VOEvent with an ivorn of more than {LONGEST_IVORN} characters")
    where = child(root, "WhereWhen")
    place = within(where, "ObservationLocation")
    if place is None:
        place = where
    why = child(root, "Why")
    named = (text_of(element) for element in (why.iter() if why is not None else ()) if name_of(element) == "Name")
    return Packet(
        ivorn=ivorn,
        role=(attribute(root, "role") or "").lower(),
        issued=instant(text_of(child(root, "Who", "Date"))),
        params=_params(child(root, "What")),
        position=_position(place),
        system=_system(place),
        time_text=text_of(within(place, "ISOTime")),
        links=_links(child(root, "Citations")),
        names=tuple(filter(None, named))[:MAX_NAMES],
    )


def number_in(value: str | None) -> float | None:
    """Return a finite number out of a text; None if it is none."""
    found = float(value) if value is not None and NUMBER.fullmatch(value) else math.nan
    return found if math.isfinite(found) else None


def whole_number_in(value: str | None) -> int | None:
    """Return a whole number out of a text of ordinary length; None if it is none."""
    return int(value) if value is not None and WHOLE_NUMBER.fullmatch(value) else None


def refused(what: str) -> Refused:
    """Say that a packet cannot be understood."""
    return Refused(what, where="message", mend="ask the sender", reason="UNREADABLE")


def _params(what: Element | None) -> tuple[Param, ...]:
    if what is None:
        return ()
    found: list[Param] = []
    for element in what.iter():
        if name_of(element) != "Param":
            continue
        if len(found) == MAX_PARAMS:
            raise refused(f"VOEvent with more than {MAX_PARAMS} parameters")
        found.append(_param(element))
    return tuple(found)


def _param(element: Element) -> Param:
    parent = element.getparent()
    group = attribute(parent, "name", 64) or attribute(parent, "type", 64) if name_of(parent) == "Group" else None
    value = attribute(element, "value", LONGEST_VALUE) or text_of(child(element, "Value"), LONGEST_VALUE)
    return Param(
        group=group or "",
        name=attribute(element, "name", 64) or "",
        value=value,
        unit=attribute(element, "unit", 32) or "",
        description=text_of(child(element, "Description"), LONGEST_VALUE) or "",
    )


def _position(place: Element | None) -> Position | None:
    position = within(place, "Position2D")
    if position is None:
        return None
    return Position(
        first=number_in(text_of(within(position, "C1"))),
        second=number_in(text_of(within(position, "C2"))),
        radius=number_in(text_of(within(position, "Error2Radius"))),
        unit=(attribute(position, "unit", 32) or "deg").lower(),
        names=(text_of(within(position, "Name1"), 16) or "RA", text_of(within(position, "Name2"), 16) or "Dec"),
    )


def _system(place: Element | None) -> str:
    coordinates = attribute(within(place, "AstroCoords"), "coord_system_id", 64)
    return coordinates or attribute(within(place, "AstroCoordSystem"), "id", 64) or ""


def _links(citations: Element | None) -> tuple[Link, ...]:
    found: list[Link] = []
    for element in children(citations, "EventIVORN"):
        to = text_of(element, LONGEST_IVORN)
        rel = text(attribute(element, "cite", 32)) or "followup"
        if to is not None and len(found) < MAX_LINKS:
            found.append(Link(rel.lower(), to))
    return tuple(found)
