"""A recorded stream, handed over again in its own rhythm, or faster.

A recording is a file of JSON lines, each `{"topic", "headers", "value_base64", "time"}`, or a folder of messages as
they lie in the inbox's `done`: in the order of their names, each with its headers beside it, without a rhythm.
"""

import asyncio
import base64
import binascii
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from coordinator.alerts.fields import instant
from coordinator.alerts.strict_json import read_json
from coordinator.sources.hand_over import Sleep, Taker, hand_over_at_last
from coordinator.sources.pulse import Pulse
from coordinator.sources.sidecar import SUFFIX, read_headers_beside
from telescopes.description.clocks import LinkClock
from telescopes.description.errors import Refused

log = logging.getLogger(__name__)

LONGEST_LINE = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Recorded:
    """One message of a recording; `why_not`: it cannot be read, and `value` is what stands there."""

    name: str
    value: bytes | None
    topic: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    time: datetime | None = None
    why_not: str | None = None


@dataclass
class ReplaySource:
    """Hands a recording over once; what the journal knows already adds nothing to it.

    Attributes
    ----------
    recording : Path
        A file of JSON lines, or a folder of messages.
    speed : float
        How many times faster than it came; 0: without a pause.
    link : LinkClock
        By whose seconds the pauses are kept; `sleep` waits on the same clock.
    """

    recording: Path
    intake: Taker
    pulse: Pulse
    link: LinkClock
    speed: float = 1.0
    sleep: Sleep = asyncio.sleep

    async def run(self) -> None:
        """Hand everything over, then rest."""
        began, first = self.link.now(), None
        messages = recorded(self.recording)
        while (message := await asyncio.to_thread(next, messages, None)) is not None:
            if message.time is not None and self.speed > 0:
                first = first or message.time
                due = began + (message.time - first).total_seconds() / self.speed
                await self.sleep(max(0.0, due - self.link.now()))
            await self._take(message)
        self.pulse.ended = True

    async def _take(self, message: Recorded) -> None:
        if message.why_not is not None:
            self.pulse.message("rejected")
            await self.intake.quarantine(message.value or b"", name=message.name, reason=message.why_not)
        elif message.value is None:
            self.pulse.sign("tombstones")
        else:
            await hand_over_at_last(
                self.intake,
                self.pulse,
                message.value,
                name=message.name,
                topic=message.topic,
                headers=message.headers,
            )


def recorded(recording: Path) -> Iterator[Recorded]:
    """Yield the messages of a recording.

    Raises
    ------
    Refused
        There is none, or it cannot be read.
    """
    try:
        yield from _folder(recording) if recording.is_dir() else _lines(recording)
    except OSError as error:
        raise Refused(
            f"cannot be read ({error.strerror})", where=str(recording), mend="give a recording: a file or a folder"
        ) from error


def _folder(folder: Path) -> Iterator[Recorded]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.endswith(SUFFIX) and not path.name.startswith("."):
            try:
                headers = read_headers_beside(path)
            except Refused as refusal:
                yield Recorded(path.name, path.read_bytes(), why_not=refusal.what)
                continue
            yield Recorded(path.name, path.read_bytes(), headers=headers)


def _lines(file: Path) -> Iterator[Recorded]:
    with file.open("rb") as lines:
        number = 0
        while line := lines.readline(LONGEST_LINE):
            number += 1
            if line.strip():
                yield _line(line, f"{file.name}:{number}")


def _line(line: bytes, name: str) -> Recorded:
    try:
        said = read_json(line).value
        return _message(said, name)
    except (Refused, binascii.Error, ValueError, TypeError) as error:
        what = error.what if isinstance(error, Refused) else str(error)
        return Recorded(name, line, why_not=f"no line of a recording: {what}")


def _message(said: object, name: str) -> Recorded:
    if not isinstance(said, Mapping):
        raise TypeError("no object")
    headers = said.get("headers") or {}
    if not isinstance(headers, Mapping):
        raise TypeError("headers that are no object")
    if "value_base64" not in said:
        raise ValueError("without value_base64")
    value = said["value_base64"]
    return Recorded(
        name,
        None if value is None else base64.b64decode(value, validate=True),
        str(said.get("topic") or ""),
        {str(key): str(one) for key, one in headers.items() if one is not None},
        instant(said.get("time")),
    )
