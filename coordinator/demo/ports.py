"""Ports for servers that are started some time after their ports were chosen."""

import random
import socket

from telescopes.description.errors import Broken

PORTS = range(20_000, 30_000)
"""Below those that systems give to whoever asks for any: what is free here stays so while a server starts."""


def free_ports(count: int) -> list[int]:
    """Choose ports of this machine that nobody listens on now; others that choose beside seldom choose the same.

    Raises
    ------
    Broken
        There are not so many.
    """
    drawn = random.SystemRandom().sample(PORTS, len(PORTS))  # not of a seed: two processes may have the same one
    found: list[int] = []
    while len(found) < count and drawn:
        port = drawn.pop()
        if _is_free(port):
            found.append(port)
    if len(found) < count:
        raise Broken(
            "too few ports are free", where=f"{PORTS.start} to {PORTS.stop - 1}", mend="stop what listens there"
        )
    return found


def free_port() -> int:
    """Choose one."""
    return free_ports(1)[0]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
