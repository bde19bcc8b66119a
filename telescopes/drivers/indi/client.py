"""The connection to an indiserver: one reader, kept open, opened again when it was lost."""

import asyncio
import contextlib
from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

from telescopes.description.host_port import HostPort
from telescopes.drivers.driver import DriverFault
from telescopes.drivers.indi.properties import Image, Known, Vector
from telescopes.drivers.indi.xml_stream import BadXml, XmlStream

AT_ONCE = 1 << 16
MEND = "start indiserver with the drivers of the site, and compare driver.server"


class IndiClient:
    """Knows what the server said, and tells it what to do; `losses` counts connections that ended."""

    def __init__(self, server: HostPort, answer_within_s: float) -> None:
        self.where = f"indiserver {server}"
        self.known = Known()
        self._server = server
        self._within_s = answer_within_s
        self._news = asyncio.Condition()
        self._opening = asyncio.Lock()
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._lost_because = "the connection was lost"
        self.images_of: set[str] = set()
        self.losses = 0

    async def open(self, fault: type[DriverFault]) -> None:
        """Connect where there is no connection, and ask for everything."""
        async with self._opening:
            if self._reading is not None and not self._reading.done():
                return
            await self.close()
            try:
                async with asyncio.timeout(self._within_s):
                    reader, self._writer = await asyncio.open_connection(self._server.host, self._server.port)
            except (OSError, TimeoutError) as error:
                why = f"does not answer ({error or 'no connection in time'})"
                raise fault(why, where=self.where, mend=MEND) from error
            self.known = Known()
            self._reading = asyncio.create_task(self._read(reader))
            self._send('<getProperties version="1.7"/>')
            for device in sorted(self.images_of):
                self._send(f"<enableBLOB device={quoteattr(device)}>Also</enableBLOB>")

    async def close(self) -> None:
        """End the connection."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            self._reading = None
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):  # it may have broken before, and is gone either way
                await self._writer.wait_closed()
            self._writer = None

    async def set(self, device: str, name: str, kind: str, values: dict[str, str], fault: type[DriverFault]) -> None:
        """Ask for new values; the answer comes as a word about the property."""
        await self.open(fault)
        ones = "".join(f"<one{kind} name={quoteattr(n)}>{escape(v)}</one{kind}>" for n, v in values.items())
        self._send(f"<new{kind}Vector device={quoteattr(device)} name={quoteattr(name)}>{ones}</new{kind}Vector>")

    async def ask_again(self, device: str, name: str, fault: type[DriverFault]) -> None:
        """Have a device define a property once more."""
        await self.open(fault)
        self._send(f'<getProperties version="1.7" device={quoteattr(device)} name={quoteattr(name)}/>')

    def vector(self, device: str, name: str) -> Vector | None:
        """What is known of a property; None: the device has none of that name."""
        return self.known.vectors.get((device, name))

    def pop_image(self, device: str) -> Image | None:
        """Take the image that came; None: none did."""
        return self.known.images.pop(device, None)

    async def saw(self, done: Callable[[], bool], within_s: float) -> bool:
        """Wait for news until they are as wished; False: they were not in time, or the connection was lost.

        What a new connection tells answers nothing that was asked over the old one.
        """
        known = self.known
        try:
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(lambda: self.known is not known or done() or self._is_lost)
        except TimeoutError:
            return False
        return self.known is known and done()

    async def until(self, done: Callable[[], bool], within_s: float, fault: type[DriverFault], why: str) -> None:
        """Wait for news until they are as wished; `why` is the fault's word when they are not in time."""
        known = self.known
        if await self.saw(done, within_s):
            return
        if self._is_lost or self.known is not known:
            raise fault(self._lost_because, where=self.where, mend=MEND)
        raise fault(why, where=self.where, mend="look at the device, and at its driver in the server's log")

    @property
    def _is_lost(self) -> bool:
        return self._reading is None or self._reading.done()

    def _send(self, xml: str) -> None:
        if self._writer is not None:
            self._writer.write(xml.encode() + b"\n")

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Learn what comes, until the connection ends."""
        stream, clock = XmlStream(), asyncio.get_running_loop()
        try:
            while data := await reader.read(AT_ONCE):
                elements = list(stream.feed(data))
                for element in elements:
                    self.known.take(element, clock.time())
                if elements:
                    async with self._news:
                        self._news.notify_all()
            self._lost_because = "the server ended the connection"
        except (BadXml, OSError) as error:
            self._lost_because = f"the connection was lost ({error})"
        finally:
            self.losses += 1
            self._reading = None
            async with self._news:
                self._news.notify_all()
