"""Where a server listens: ``host:port`` read and written in one place, IPv6 in brackets."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address

from telescopes.description.errors import Refused

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?\.?")
"""A host's name or its IPv4 address; names in other letters have a form that begins with xn--."""
PORT = re.compile(r"[0-9]{1,5}")
MEND = "give host:port, such as 127.0.0.1:50051 or [::1]:50051"


@dataclass(frozen=True, slots=True)
class HostPort:
    """A host, IPv6 without brackets, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """Write it as it is read."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def is_host(text: str) -> bool:
    """Say whether a text is a host's name or its address."""
    return NAME.fullmatch(text) is not None or _is_ipv6(text)


def read_host_port(text: str) -> HostPort | None:
    """Read ``host:port`` or ``[IPv6]:port``; None: it is neither."""
    host, _, port = text.rpartition(":")
    if not PORT.fullmatch(port) or not 0 < int(port) < 65536:
        return None
    if host.startswith("[") and host.endswith("]"):
        return HostPort(host[1:-1], int(port)) if _is_ipv6(host[1:-1]) else None
    return HostPort(host, int(port)) if NAME.fullmatch(host) else None


def needed_host_port(text: str, where: str) -> HostPort:
    """Read ``host:port``; raise Refused if it is none."""
    found = read_host_port(text)
    if found is None:
        raise Refused(f"{text!r} is no address", where=where, mend=MEND)
    return found


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
