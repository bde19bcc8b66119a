"""A TCP proxy on this machine that can delay what passes, fall silent, and cut everything."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

CHUNK = 2**20


@dataclass
class TcpProxy:
    """Passes connections on to a port; `delay_s` holds every chunk back for so long, `whole` False lets none pass.

    `port` 0 takes a free one; `rewrite` makes of each chunk what passes; `source` is the address that it comes from.
    """

    to_port: int
    port: int = 0
    delay_s: float = 0.0
    rewrite: Callable[[bytes], bytes] = bytes
    whole: bool = True
    source: str = "127.0.0.1"
    _open: list[socket.socket] = field(default_factory=list)
    _passes: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._passes.set()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break all connections, and refuse new ones until `mend`."""
        self.whole = False
        for one in self._open:
            _shut(one)
        self._open.clear()

    def mend(self) -> None:
        """Let connections pass again."""
        self.whole = True

    def fall_silent(self) -> None:
        """Pass nothing on, not even that a side hung up: nobody is told, as where packets are dropped."""
        self._passes.clear()

    def speak(self) -> None:
        """Pass on what was held back, and what comes."""
        self._passes.set()

    def close(self) -> None:
        """End for good."""
        self.cut()
        self.speak()
        _shut(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            try:
                there = socket.create_connection(("127.0.0.1", self.to_port), 5.0, (self.source, 0))
            except OSError:
                _shut(here)
                continue
            there.settimeout(None)
            if not self.whole:
                _shut(here)
                _shut(there)
                continue
            self._open += [here, there]
            for a, b in ((here, there), (there, here)):
                threading.Thread(target=self._pass_on, args=(a, b), daemon=True).start()

    def _pass_on(self, here: socket.socket, there: socket.socket) -> None:
        try:
            while data := here.recv(CHUNK):
                time.sleep(self.delay_s)
                self._passes.wait()
                there.sendall(self.rewrite(data))
        except OSError:
            pass
        self._passes.wait()
        _shut(here)
        _shut(there)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
