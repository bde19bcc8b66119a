"""Remote sources as the config file names them; none by default, for a verdict needs none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlsplit

RemoteKind = Literal["tap", "tns", "skybot"]
Topic = Literal["galaxies", "stars", "nuclei", "variables", "minor_planets", "reported"]

ADDRESSES: Mapping[RemoteKind, str] = MappingProxyType(
    {
        "tap": "https://tapvizier.cds.unistra.fr/TAPVizieR/tap/sync",
        "tns": "https://www.wis-tns.org/search",
        "skybot": "https://ssp.imcce.fr/webservices/skybot/api/conesearch.php",
    }
)
_CIRCLE = "1=CONTAINS(POINT('ICRS', {0}, {1}), CIRCLE('ICRS', {{ra}}, {{dec}}, {{radius}}))"
_J2000 = _CIRCLE.format("RAJ2000", "DEJ2000")
_ICRS = _CIRCLE.format("RA_ICRS", "DE_ICRS")

TAP_QUERIES: Mapping[str, str] = MappingProxyType(
    {
        "stars": 'SELECT TOP 50 Source AS name, RA_ICRS AS ra, DE_ICRS AS dec, Gmag AS mag FROM "I/355/gaiadr3" '
        f"WHERE {_ICRS}",
        "nuclei": "SELECT TOP 50 Name AS name, RAJ2000 AS ra, DEJ2000 AS dec, z AS redshift "
        f'FROM "VII/294/catalog" WHERE {_J2000}',
        "variables": 'SELECT TOP 50 Name AS name, RAJ2000 AS ra, DEJ2000 AS dec, "Type" AS type '
        f'FROM "B/vsx/vsx" WHERE {_J2000}',
        "galaxies": 'SELECT TOP 50 "GLADE+" AS name, RAJ2000 AS ra, DEJ2000 AS dec, zhelio AS redshift '
        f'FROM "VII/291/gladep" WHERE {_J2000}',
    }
)
"""What is asked of VizieR where the settings give no query: Gaia DR3, Milliquas, VSX, GLADE+."""

RADIUS_ARCSEC: Mapping[str, float] = MappingProxyType(
    {"stars": 20.0, "nuclei": 5.0, "variables": 5.0, "galaxies": 120.0, "minor_planets": 60.0, "reported": 5.0}
)


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """One source; spans are link seconds.

    Attributes
    ----------
    id : str
        Its name, shown with every answer.
    kind : str
        How it is asked: `tap`, `tns` or `skybot`.
    what : str, optional
        What a `tap` source knows: galaxies, stars, nuclei or variables.
    url, query : str, optional
        Where, and for `tap` what in ADQL, with `{ra}`, `{dec}` and `{radius}` in degrees; None: as the kind has it.
    within_arcsec : float, optional
        How far from the candidate; None: as the topic has it.
    keep_days : float
        How long an answer is good.
    max_kib, connect_s, total_s : float
        More is not read, and longer is not waited.
    complete_to_mag : float, optional
        To this brightness silence means that nothing is there.
    user_agent : str, optional
        How we call ourselves; TNS wants a bot's marker, such as `tns_marker{"tns_id":1,"type":"bot","name":"x"}`.
    """

    id: str = ""
    kind: RemoteKind = "tap"
    what: Topic | None = None
    url: str | None = None
    query: str | None = None
    within_arcsec: float | None = None
    keep_days: float = 1.0
    max_kib: float = 256.0
    connect_s: float = 3.0
    total_s: float = 10.0
    complete_to_mag: float | None = None
    user_agent: str | None = None

    @property
    def topic(self) -> Topic:
        """What it knows."""
        own: dict[str, Topic] = {"tns": "reported", "skybot": "minor_planets"}
        return own.get(self.kind) or self.what or "stars"

    @property
    def address(self) -> str:
        """Where it is asked."""
        return self.url or ADDRESSES[self.kind]

    @property
    def radius_arcsec(self) -> float:
        """How far from the candidate it is asked."""
        return RADIUS_ARCSEC[self.topic] if self.within_arcsec is None else self.within_arcsec

    @property
    def host(self) -> str:
        """The host or origin from which alone it may be fetched."""
        parts = urlsplit(self.address)
        return parts.hostname or "" if parts.port is None else f"{parts.scheme}://{parts.hostname}:{parts.port}"


Found = Iterator[tuple[str, str, str]]

BOUNDS = {
    "within_arcsec": (0.1, 1800.0),
    "keep_days": (0.0, 3650.0),
    "max_kib": (1.0, 8192.0),
    "connect_s": (0.1, 60.0),
    "total_s": (0.1, 120.0),
}


def remote_problems(table: Mapping[str, Any]) -> Found:
    """Name what is wrong in one table `[[remote]]`: key, what, mend."""
    name = table.get("id", "")
    if not isinstance(name, str) or not name or set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-_"):
        yield "id", f"{name!r} is no name", "give one of small letters, digits, - and _"
    if table.get("kind", "tap") == "tap" and table.get("what") not in TAP_QUERIES:
        yield "what", f"{table.get('what')!r} is nothing that is asked by tap", f"give one of {', '.join(TAP_QUERIES)}"
    url = table.get("url")
    if isinstance(url, str) and not _is_address(url):
        yield "url", f"{url!r} is no address", "give https://host/path, or a scheme with a port: http://127.0.0.1:8123/"
    query = table.get("query")
    if isinstance(query, str) and not all(mark in query for mark in ("{ra}", "{dec}", "{radius}")):
        yield "query", "does not say where", "use {ra}, {dec} and {radius}, all in degrees"
    for key, (least, most) in BOUNDS.items():
        value = table.get(key)
        if isinstance(value, int | float) and not least <= value <= most:
            yield key, f"{value!r} cannot be used", f"give a number between {least:g} and {most:g}"
    agent = table.get("user_agent")
    if isinstance(agent, str) and not (agent.isascii() and agent.isprintable()):
        yield "user_agent", "cannot be sent", "give printable ASCII"


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    whole = bool(parts.hostname) and not parts.query and not parts.fragment and parts.username is None
    return whole and url.isascii() and (parts.scheme == "https" or (parts.scheme == "http" and port is not None))
