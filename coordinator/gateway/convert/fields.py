"""Reading fields of a message that a stranger sent: everything wrong with it is noted, then it is refused once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from armillary.telescope.v1 import telescope_pb2 as pb
from google.protobuf.message import Message

from coordinator.gateway.convert.words import REASON_FROM_WIRE, STATE_FROM_WIRE
from telescopes.description.bounds import LONGEST_ID, LONGEST_NAME
from telescopes.description.clocks import EARLIEST, LATEST
from telescopes.description.errors import Refused
from telescopes.description.states import PointingState, Reason

MOST_TEXT = 500
MOST_URI = 2048
MOST_QUOTED = 60
LARGEST_SEQ = 2**63 - 1
"""What a database's signed integer holds."""
SESSION_ID = re.compile(r"[a-z0-9-]{1,64}:[0-9]{1,19}:[A-Za-z0-9_.-]{1,64}")
TELESCOPE_ID = re.compile(rf"[a-z0-9-]{{1,{LONGEST_ID}}}")


@dataclass(frozen=True, slots=True)
class Violation:
    """One field, and what is wrong with it."""

    field: str
    description: str


class InvalidRequest(Refused):
    """A message that is not what it should be; `violations` names every field."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        first = violations[0]
        more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
        super().__init__(
            f"{first.description}{more}", where=first.field, mend="correct the fields named and send it again"
        )
        self.violations = tuple(violations)


class Fields:
    """The fields of one message under `path`; nested ones note into the same list."""

    def __init__(self, message: Message, path: str = "", noted: list[Violation] | None = None) -> None:
        self._message: Any = message
        self._path = path
        self.noted: list[Violation] = [] if noted is None else noted

    def below(self, name: str) -> "Fields":
        """Read a nested message."""
        return Fields(getattr(self._message, name), f"{self._path}{name}.", self.noted)

    def each(self, name: str, most: int, *, least: int = 0) -> list["Fields"]:
        """Read a list of nested messages; of too many none is looked at."""
        items = self._listed(name, most, least)
        return [Fields(item, f"{self._path}{name}[{i}].", self.noted) for i, item in enumerate(items)]

    def wrong(self, name: str, description: str) -> None:
        """Note what is wrong with a field."""
        self.noted.append(Violation(f"{self._path}{name}", description))

    def refuse_if_wrong(self) -> None:
        """Raise everything that was noted."""
        if self.noted:
            raise InvalidRequest(self.noted)

    def has(self, name: str) -> bool:
        """Say whether a message, an optional field or one of a choice was given."""
        return bool(self._message.HasField(name))

    def number(self, name: str, low: float, high: float) -> float:
        """Read a number between two bounds, both allowed; NaN is between nothing."""
        value = float(getattr(self._message, name))
        if not low <= value <= high:
            self.wrong(name, f"{value!r} is not between {low:g} and {high:g}")
        return value

    def maybe_number(self, name: str, low: float, high: float) -> float | None:
        """Read a number that may be absent."""
        return self.number(name, low, high) if self.has(name) else None

    def count(self, name: str, most: int = LARGEST_SEQ) -> int:
        """Read a whole number from 0 on."""
        value = int(getattr(self._message, name))
        if not 0 <= value <= most:
            self.wrong(name, f"{value} is not between 0 and {most}")
        return value

    def flag(self, name: str) -> bool:
        """Read a boolean."""
        return bool(getattr(self._message, name))

    def word(self, name: str, most: int = LONGEST_NAME, *, required: bool = True) -> str:
        """Read an identity, a name or an address: printable, and never cut."""
        value = str(getattr(self._message, name))
        if required and not value:
            self.wrong(name, "is missing")
        return self._printable(name, value, most)

    def words(self, name: str, most_items: int, most: int = LONGEST_NAME) -> tuple[str, ...]:
        """Read a list of names."""
        items = self._listed(name, most_items)
        return tuple(self._printable(f"{name}[{i}]", str(value), most) for i, value in enumerate(items))

    def prose(self, name: str, most: int = MOST_TEXT) -> str:
        """Read text for people: control characters become spaces, and it is cut at `most` characters."""
        value = str(getattr(self._message, name))
        return "".join(c if c.isprintable() else " " for c in value[:most]).strip()

    def matching(self, name: str, pattern: re.Pattern[str], looks_like: str) -> str:
        """Read a name of a fixed form."""
        value = str(getattr(self._message, name))
        if not pattern.fullmatch(value):
            self.wrong(name, f"{value[:MOST_QUOTED]!r} is not {looks_like}")
        return value

    def telescope_id(self) -> str:
        """Read the name of a telescope."""
        return self.matching("telescope_id", TELESCOPE_ID, f"a telescope's id: 1 to {LONGEST_ID} of a-z, 0-9 and -")

    def session_id(self) -> str:
        """Read the name of a session."""
        return self.matching("session_id", SESSION_ID, "a session: use the one that OpenSession gave")

    def data(self, name: str, most: int, *, exactly: int | None = None) -> bytes:
        """Read bytes: at most so many, or none or exactly so many."""
        value = bytes(getattr(self._message, name))
        if exactly is not None and len(value) not in (0, exactly):
            self.wrong(name, f"{len(value)} bytes; must be {exactly} or none")
        elif len(value) > most:
            self.wrong(name, f"{len(value)} bytes; at most {most}")
        return value

    def instant(self, name: str) -> datetime:
        """Read an instant that must be given."""
        value = self.maybe_instant(name)
        if value is None:
            self.wrong(name, "is missing")
        return value or EARLIEST

    def maybe_instant(self, name: str) -> datetime | None:
        """Read an instant that may be absent."""
        if not self.has(name):
            return None
        stamp = getattr(self._message, name)
        inside = EARLIEST.timestamp() <= stamp.seconds < LATEST.timestamp() and 0 <= stamp.nanos < 1_000_000_000
        if not inside:
            self.wrong(name, f"{stamp.seconds} s, {stamp.nanos} ns is no instant between 1970 and 2200")
            return EARLIEST
        return datetime.fromtimestamp(stamp.seconds, UTC).replace(microsecond=stamp.nanos // 1000)

    def state(self, name: str) -> PointingState:
        """Read the state of a pointing."""
        return self._known_state(name, int(getattr(self._message, name)))

    def states(self, name: str, most: int) -> tuple[PointingState, ...]:
        """Read a list of states."""
        return tuple(self._known_state(f"{name}[{i}]", int(n)) for i, n in enumerate(self._listed(name, most)))

    def maybe_reason(self, name: str) -> Reason | None:
        """Read a reason; unspecified is None."""
        number = int(getattr(self._message, name))
        return None if number == pb.REASON_UNSPECIFIED else self._known_reason(name, number)

    def reasons(self, name: str, most: int) -> tuple[Reason, ...]:
        """Read a list of reasons."""
        return tuple(self._known_reason(f"{name}[{i}]", int(n)) for i, n in enumerate(self._listed(name, most)))

    def _known_state(self, name: str, number: int) -> PointingState:
        if number not in STATE_FROM_WIRE:
            self.wrong(name, f"{number} is no PointingState that this coordinator knows")
        return STATE_FROM_WIRE.get(number, PointingState.OFFERED)

    def _known_reason(self, name: str, number: int) -> Reason:
        if number not in REASON_FROM_WIRE:
            self.wrong(name, f"{number} is no Reason that this coordinator knows")
        return REASON_FROM_WIRE.get(number, Reason.INTERNAL)

    def _printable(self, name: str, value: str, most: int) -> str:
        if len(value) > most:
            self.wrong(name, f"{len(value)} characters; at most {most}")
        elif not value.isprintable():
            self.wrong(name, "holds characters that cannot be printed")
        return value

    def _listed(self, name: str, most: int, least: int = 0) -> Sequence[Any]:
        items: Sequence[Any] = getattr(self._message, name)
        if least <= len(items) <= most:
            return items
        self.wrong(name, f"{len(items)} items; at most {most}" if len(items) > most else "is missing")
        return ()


def telescope_of(session_id: str) -> str:
    """Say which telescope a session belongs to: sessions are named ``<telescope>:<epoch>:<random>``."""
    return session_id.partition(":")[0]
