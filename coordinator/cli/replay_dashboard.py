"""`armillary replay --dashboard`: a kept night of a simulation on the dashboard's screens, for this machine alone."""

import socket
import time
from typing import TYPE_CHECKING

from rich.console import Console

from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.settings import Settings

HOST, PORT = "127.0.0.1", 8020
MOST_PORT = 65535
GRACE_S = 1
"""Link time that open streams have when it ends."""


def show_night(settings: "Settings", until: int | None, port: int) -> None:
    """Serve a night until Ctrl-C.

    Parameters
    ----------
    until : int, optional
        It is shown first as of this entry; None: all of it.

    Raises
    ------
    Refused
        The state folder holds no kept night, there is no such entry, or the port is taken.
    """
    import uvicorn

    from coordinator.dashboard.projector import Projector
    from coordinator.dashboard.recording import Recording
    from coordinator.factory import blobs

    recording = Recording.opened(settings.state)
    last = len(recording.entries)
    if until is not None and not 1 <= until <= last:
        raise Refused(f"there is no entry {until}", where="--until", mend=f"give 1 to {last}")
    at = recording.end if until is None else recording.entries[until - 1].recorded_at
    door = _door(port)
    console = Console(stderr=True, highlight=False)
    console.print(f"recorded simulation, {recording.record.says}", markup=False, soft_wrap=True)
    address = f"http://{HOST}:{door.getsockname()[1]}/"
    console.print(f"dashboard {address} (read only, this machine alone); Ctrl-C ends it", soft_wrap=True)
    projector = Projector(recording, blobs(settings), time.monotonic, at)
    config = uvicorn.Config(projector, log_config=None, ws="none", timeout_graceful_shutdown=GRACE_S)
    server = uvicorn.Server(config)
    with door:
        server.run([door])
    if server.started:
        # Only Ctrl-C ends it so. The server hands that on, but the loop of uvloop now and then keeps it to itself.
        raise KeyboardInterrupt


def _door(port: int) -> socket.socket:
    """Take the port before anything is said."""
    if not 0 <= port <= MOST_PORT:
        raise Refused(f"{port} is no port", where="--port", mend=f"give 1 to {MOST_PORT}, or 0 for a free one")
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        what = f"port {port} cannot be used ({error.strerror})"
        raise Refused(what, where="--port", mend="give another, or 0 for a free one") from error
