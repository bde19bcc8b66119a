"""Remote sources as the config file names them; none by default, for a verdict needs none."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

RemoteKind = Literal["tap", "cone", "tns", "skybot", "json"]
Topic = Literal["galaxies", "stars", "nuclei", "variables", "minor_planets", "reported"]

ADDRESSES: Mapping[RemoteKind, str] = MappingProxyType(
    {
        "tap": "https://tapvizier.cds.unistra.fr/TAPVizieR/tap/sync",
        "tns": "https://www.wis-tns.org/api/get",
        "skybot": "https://ssp.imcce.fr/webservices/skybot/api/conesearch.php",
    }
)
VIZIER_CONES = "https://vizier.cds.unistra.fr/viz-bin/conesearch/"
CONES = re.compile(r"\{cones:(?P<ra>[^,{}]+),(?P<dec>[^,{}]+)\}")
"""Where a query takes cones around one place or several, on its columns of right ascension and declination."""

TAP_QUERIES: Mapping[str, str] = MappingProxyType(
    {
        "stars": 'SELECT TOP 500 Source AS name, RA_ICRS AS ra, DE_ICRS AS dec, Gmag AS mag FROM "I/355/gaiadr3" '
        "WHERE {cones:RA_ICRS, DE_ICRS}",
        "nuclei": "SELECT TOP 500 Name AS name, RAJ2000 AS ra, DEJ2000 AS dec, z AS redshift "
        'FROM "VII/294/catalog" WHERE {cones:RAJ2000, DEJ2000}',
        "variables": 'SELECT TOP 500 Name AS name, RAJ2000 AS ra, DEJ2000 AS dec, "Type" AS type '
        'FROM "B/vsx/vsx" WHERE {cones:RAJ2000, DEJ2000}',
        "galaxies": 'SELECT TOP 500 "GLADE+" AS name, RAJ2000 AS ra, DEJ2000 AS dec, zhelio AS redshift '
        'FROM "VII/291/gladep" WHERE {cones:RAJ2000, DEJ2000}',
    }
)
"""What is asked of VizieR where the settings give no query: Gaia DR3, Milliquas, VSX, GLADE+."""

_J2000 = {"ra": "RAJ2000", "dec": "DEJ2000"}
CONE_COLUMNS: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "stars": ("I/355/gaiadr3", {"name": "Source", "ra": "RA_ICRS", "dec": "DE_ICRS", "mag": "Gmag"}),
        "nuclei": ("VII/294/catalog", {"name": "Name", **_J2000, "redshift": "z"}),
        "variables": ("B/vsx/vsx", {"name": "Name", **_J2000, "type": "Type"}),
        "galaxies": ("VII/291/gladep", {"name": "GLADE+", **_J2000, "redshift": "zhelio"}),
    }
)
"""The same tables for a cone search of VizieR's, and what their columns are called."""

RADIUS_ARCSEC: Mapping[str, float] = MappingProxyType(
    {"stars": 20.0, "nuclei": 5.0, "variables": 5.0, "galaxies": 120.0, "minor_planets": 60.0, "reported": 5.0}
)
"""How far from a candidate it is asked by default (assumed): checks of points look within a few arcseconds, bright
stars shine farther, hosts are wide, and orbits and parallax put bodies apart from where they are computed."""


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """One source; spans are link seconds.

    Attributes
    ----------
    id : str
        Its name, shown with every answer.
    kind : str
        How it is asked: `tap`, `cone`, `tns`, `skybot` or `json`.
    what : str, optional
        What a `tap`, `cone` or `json` source knows: galaxies, stars, nuclei, variables or reported.
    url, query : str, optional
        Where; and for `tap` what in ADQL, for `json` what stands behind the question mark; None: as the kind has it.
    format : str
        In which form a `tap` source is to answer: a name for VOTable or CSV that it knows.
    columns : dict
        For `cone` and `json` by which names our columns go there.
    rows : str
        For `json` where in the answer the list is, such as `data.items`; empty: the answer is the list.
    within_arcsec : float, optional
        How far from the candidate; None: as the topic has it.
    keep_days : float, optional
        How long an answer is good; None: an hour where others' reports are, else a day.
    max_kib, connect_s, total_s : float
        More is not read, and longer is not waited.
    complete_to_mag : float, optional
        To this brightness silence means that nothing is there.
    user_agent : str, optional
        How we call ourselves; TNS wants a bot's marker, such as `tns_marker{"tns_id":1,"type":"bot","name":"x"}`.
    secret_env : str, optional
        Name of the environment variable with the key of a `tns` bot.
    secret_headers : dict
        Headers whose values are secret, by the names of their environment variables.
    """

    id: str = ""
    kind: RemoteKind = "tap"
    what: Topic | None = None
    url: str | None = None
    query: str | None = None
    format: str = "votable"
    columns: dict[str, str] = field(default_factory=dict)
    rows: str = ""
    within_arcsec: float | None = None
    keep_days: float | None = None
    max_kib: float = 256.0
    connect_s: float = 3.0
    total_s: float = 10.0
    complete_to_mag: float | None = None
    user_agent: str | None = None
    secret_env: str | None = None
    secret_headers: dict[str, str] = field(default_factory=dict)

    @property
    def topic(self) -> Topic:
        """What it knows."""
        own: dict[str, Topic] = {"tns": "reported", "skybot": "minor_planets"}
        return own.get(self.kind) or self.what or "stars"

    @property
    def address(self) -> str:
        """Where it is asked."""
        if self.url is None and self.kind == "cone" and self.topic in CONE_COLUMNS:
            return VIZIER_CONES + CONE_COLUMNS[self.topic][0]
        return self.url or ADDRESSES.get(self.kind, "")

    @property
    def its_columns(self) -> Mapping[str, str]:
        """By which names our columns go there: of VizieR's tables they are known."""
        known = CONE_COLUMNS.get(self.topic) if self.kind == "cone" and self.url is None else None
        return dict(known[1] if known else {}) | self.columns

    @property
    def radius_arcsec(self) -> float:
        """How far from the candidate it is asked."""
        return RADIUS_ARCSEC[self.topic] if self.within_arcsec is None else self.within_arcsec

    @property
    def good_days(self) -> float:
        """How long an answer is good: a spectrum may be reported any hour."""
        usual = 1.0 / 24.0 if self.topic == "reported" else 1.0
        return usual if self.keep_days is None else self.keep_days

    @property
    def host(self) -> str:
        """The host or origin from which alone it may be fetched."""
        parts = urlsplit(self.address)
        return parts.hostname or "" if parts.port is None else f"{parts.scheme}://{parts.hostname}:{parts.port}"
