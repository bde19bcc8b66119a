"""From where files may be fetched to which alerts link, and how much of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

MAP_HOSTS = (
    "gracedb.ligo.org",
    "emfollow.docs.ligo.org",
    "dcc.ligo.org",
    "gcn.nasa.gov",
    "gcn.gsfc.nasa.gov",
    "heasarc.gsfc.nasa.gov",
    "roc.icecube.wisc.edu",
)
"""Where today's streams keep their maps."""


@dataclass(frozen=True, slots=True)
class FetchRules:
    """What may be fetched.

    Attributes
    ----------
    hosts : tuple of str
        Each is either the name of a host (by https at its usual port, and only at a public address) or an origin with
        scheme and port (`http://127.0.0.1:8123`: exactly that, wherever it is).
    max_bytes : int
        More is not read.
    connect_s, total_s : float
        Link time for a connection, and for the whole file.
    """

    hosts: tuple[str, ...] = MAP_HOSTS
    max_bytes: int = 256 * 2**20
    connect_s: float = 10.0
    total_s: float = 120.0


def host_problems(hosts: Iterable[str]) -> list[str]:
    """Name the entries of a list of hosts that are neither a host's name nor an origin with its port."""
    return [entry for entry in hosts if not _is_host(entry)]


def _is_host(entry: str) -> bool:
    if "://" not in entry:
        return bool(entry) and entry == entry.lower() and not set(entry) & set("/:@ ")
    try:
        parts = urlsplit(entry)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port is not None and not parts.path
    except ValueError:
        return False
