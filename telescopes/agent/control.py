"""How people at the site reach a running agent: one line of JSON each way, over loopback.

A loopback port instead of a Unix socket, so that it is the same on Windows. The port and a secret token lie in the
agent's state folder: who may read that folder may speak.
"""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from telescopes.agent.people import Word
from telescopes.agent.site_desk import SiteDesk
from telescopes.credentials.private_file import write_private
from telescopes.description.errors import ArmillaryError, Refused, RetryLater

CONTROL_FILE = "control.json"
LOOPBACK = "127.0.0.1"
ANSWER_WITHIN_S = 10.0
MOST_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Door:
    """Where a running agent listens, and what it wants to hear first."""

    port: int
    token: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked; `word` None: how everything stands."""

    token: str
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it, or what is wrong with it."""

    said: str = ""
    status: dict[str, Any] | None = None
    wrong: tuple[str, str, str] | None = None


class NoAgent(RetryLater):
    """No agent listens there."""


@asynccontextmanager
async def open_door(desk: SiteDesk, folder: Path) -> AsyncIterator[None]:
    """Listen as long as the context lasts."""
    token = secrets.token_hex(32)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                line = await reader.readline()
                writer.write(msgspec.json.encode(_answer(desk, token, line)) + b"\n")
                await writer.drain()
        except (TimeoutError, ValueError, ConnectionError):
            pass  # Whoever called went away, or said nothing that is a line: there is nobody to answer.
        finally:
            writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0, limit=MOST_BYTES)
    door = Door(server.sockets[0].getsockname()[1], token)
    write_private(folder / CONTROL_FILE, msgspec.json.encode(door))
    try:
        yield
    finally:
        server.close()
        with contextlib.suppress(OSError):
            (folder / CONTROL_FILE).unlink()


def _answer(desk: SiteDesk, token: str, line: bytes) -> Answer:
    try:
        asked = msgspec.json.decode(line, type=Asked)
        if not secrets.compare_digest(asked.token.encode(), token.encode()):
            return Answer(wrong=("wrong token", CONTROL_FILE, "ask as the user who runs the agent"))
        said = "" if asked.word is None else desk.take(asked.word)
        return Answer(said=said, status=desk.status())
    except msgspec.DecodeError as error:
        return Answer(wrong=(f"cannot be read ({error})", "control", "use `armillary agent`"))
    except ArmillaryError as error:
        return Answer(wrong=(error.what, error.where, error.mend))


def ask(folder: Path, word: Word | None = None, within_s: float = ANSWER_WITHIN_S) -> Answer:
    """Ask the agent that runs on a state folder.

    Raises
    ------
    NoAgent
        None runs there.
    RetryLater
        It does not answer in time; it may have heard the word.
    Refused
        It will not do that.
    """
    try:
        door = msgspec.json.decode((folder / CONTROL_FILE).read_bytes(), type=Door)
        line = msgspec.json.encode(Asked(door.token, word)) + b"\n"
        answer = msgspec.json.decode(_exchange(door.port, line, within_s), type=Answer)
    except TimeoutError as error:
        mend = "look at `armillary agent status`; if it stays silent, start the agent anew"
        raise RetryLater(f"the agent does not answer within {within_s:g} s", where=str(folder), mend=mend) from error
    except (OSError, msgspec.DecodeError) as error:
        # No file, nobody at the port, or somebody else: the agent was killed and the port is another's now.
        raise NoAgent("no agent runs here", where=str(folder), mend="start it with `armillary agent run`") from error
    if answer.wrong is not None:
        what, where, mend = answer.wrong
        raise Refused(what, where=where, mend=mend)
    return answer


def _exchange(port: int, line: bytes, within_s: float) -> bytes:
    with socket.create_connection((LOOPBACK, port), timeout=within_s) as connection:
        connection.sendall(line)
        with connection.makefile("rb") as file:
            return file.readline(1 << 24)
