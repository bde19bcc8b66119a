"""The way between a broker and whoever reads it: bytes take a while, as they do to every broker there is.

The emulator answers an empty fetch at once instead of waiting as a broker should, and a client beside it then asks ten
thousand times a second: most of a core for nothing, in both processes. With a few milliseconds between them it
asks a hundred times.
"""

import asyncio
import contextlib
import struct
import threading
from dataclasses import dataclass, field

CHUNK = 2**20
HOST = b"127.0.0.1"


@dataclass
class Distance:
    """A relay from one port to another on this machine, in a thread of its own, that is `lag_s` long each way.

    Brokers tell their clients where they are: where that is `far_port`, clients read `near_port` instead.
    """

    near_port: int
    far_port: int
    lag_s: float
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None
    _server: asyncio.Server | None = None

    def start(self) -> None:
        """Listen."""
        self._thread = threading.Thread(target=self._loop.run_forever, name="distance", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10.0)

    def stop(self) -> None:
        """Cut every connection, and listen no more."""
        assert self._thread is not None
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10.0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10.0)
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._relay, HOST.decode(), self.near_port)

    async def _cut(self) -> None:
        assert self._server is not None
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for one in others:
            one.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            there, back = await asyncio.open_connection(HOST.decode(), self.far_port)
            ways = [asyncio.ensure_future(self._carry(reader, back)), asyncio.ensure_future(self._carry(there, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in ways:
                    one.cancel()
                back.close()
        writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far, near = (HOST + struct.pack(">i", port) for port in (self.far_port, self.near_port))
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await asyncio.sleep(self.lag_s)
                writer.write(data.replace(far, near))
                await writer.drain()
