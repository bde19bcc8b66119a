"""Device servers that say whatever a test wants."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass
class AlpacaServer:
    """Answers by ``kind/property``: a value, an (error number, message), or raw bytes with an HTTP status.

    What is asked of a sensor is answered by ``kind/property?Sensor``, where there is such an answer.
    """

    port: int = 0
    answers: dict[str, Any] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        verb, path = head.split()[:2]
        kind, _, what = path.partition("?")[0].removeprefix("/api/v1/").split("/")
        (self.puts if verb == "PUT" else self.gets).append(f"{kind}/{what}")
        sensor = re.search(r"[?&]SensorName=(\w+)", path)
        of_sensor = f"{kind}/{what}?{sensor[1]}" if sensor else ""
        status, body = self.answer(of_sensor if of_sensor in self.answers else f"{kind}/{what}")
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    def answer(self, name: str) -> tuple[int, bytes]:
        said = self.answers.get(name, True)
        if isinstance(said, bytes):
            return 200, said
        if isinstance(said, tuple) and isinstance(said[1], bytes):
            return said
        number, message, value = (*said, None) if isinstance(said, tuple) else (0, "", said)
        return 200, json.dumps({"ErrorNumber": number, "ErrorMessage": message, "Value": value}).encode()


@pytest.fixture
async def alpaca() -> AsyncIterator[AlpacaServer]:
    made = AlpacaServer()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


@dataclass
class IndiServer:
    """Defines its properties at once, and answers a client's words by `react`; `untold` is told before a question."""

    port: int = 0
    defines: str = ""
    untold: str = ""
    react: Callable[[str], str] = field(default=lambda _: "")
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        while line := (await reader.readline()).decode():
            self.asked.append(line)
            self.say(self.answer(line))

    def answer(self, line: str) -> str:
        """Define everything, or the one property that is asked for: only that one, as real devices do."""
        if "getProperties" not in line:
            return self.react(line)
        device = re.search('device="(.*?)" name="CONNECTION"', line)
        if device is None:
            return self.defines
        connected = '<defSwitch name="CONNECT">On</defSwitch>'
        untold, self.untold = self.untold, ""
        return (
            untold + f'<defSwitchVector device="{device[1]}" name="CONNECTION" state="Ok">{connected}</defSwitchVector>'
        )

    def say(self, xml: str) -> None:
        for writer in self.writers:
            writer.write(xml.encode())

    def hang_up(self) -> None:
        for writer in self.writers:
            writer.close()
        self.writers.clear()


@pytest.fixture
async def indi() -> AsyncIterator[IndiServer]:
    made = IndiServer()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    made.hang_up()
    server.close()
