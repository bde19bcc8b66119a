"""Services of astronomy as they speak on the wire: each is told what it knows, and answers in its own words."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from builders.votables import STAR, a_votable

CIRCLE = re.compile(r"CIRCLE\('ICRS', ([-0-9.]+), ([-0-9.]+), ([-0-9.]+)\)")
Speaks = Callable[[str, dict[str, str]], bytes]
Known = tuple[str, float, float, float]
"""A name, a place in degrees, a magnitude."""


def _near(one: Known, ra_deg: float, dec_deg: float, radius_deg: float) -> bool:
    """Say whether it is in a small circle."""
    off_ra = (one[1] - ra_deg) * math.cos(math.radians(dec_deg))
    return math.hypot(off_ra, one[2] - dec_deg) <= radius_deg


@dataclass
class Tap:
    """A synchronous TAP service with one table of stars; it sends no more rows than MAXREC and then says so."""

    stars: list[Known]
    queries: list[str] = field(default_factory=list)

    def __call__(self, path: str, told: dict[str, str]) -> bytes:
        assert told["REQUEST"] == "doQuery"
        assert told["LANG"] == "ADQL"
        self.queries.append(told["QUERY"])
        circles = [tuple(map(float, found)) for found in CIRCLE.findall(told["QUERY"])]
        found = [one for one in self.stars if any(_near(one, *circle) for circle in circles)]
        most = int(told["MAXREC"])
        return a_votable(STAR, found[:most], "OVERFLOW" if len(found) > most else "OK")


@dataclass
class NameServer:
    """The name server's API: `objects` by their names, as its object call replies."""

    objects: dict[str, dict[str, object]]
    key: str = "very-secret-key"

    def __call__(self, path: str, told: dict[str, str]) -> bytes:
        if told.get("api_key") != self.key:
            return json.dumps({"id_code": 401, "id_message": "Unauthorized"}).encode()
        asked = json.loads(told["data"])
        if path.endswith("/search"):
            assert asked["units"] == "arcsec"
            reply: object = [{"objname": n, "prefix": "AT", "objid": i} for i, n in enumerate(self.objects)]
        else:
            reply = self.objects[asked["objname"]]
        return json.dumps(
            {"id_code": 200, "id_message": "OK", "data": {"received_data": asked, "reply": reply}}
        ).encode()


def a_report(name: str, ra_deg: float, dec_deg: float, **changes: object) -> dict[str, object]:
    """What the name server knows of an object."""
    return {
        "objname": name,
        "name_prefix": "AT",
        "objid": 1,
        "object_type": {"name": None, "id": None},
        "redshift": None,
        "radeg": ra_deg,
        "decdeg": dec_deg,
        "discoverydate": "2017-08-17 23:33:28.000",
        "discoverymag": 17.5,
        "internal_names": None,
    } | changes


SKYBOT_HEAD = (
    "# Flag: {flag}\n# Ticket: 1\n# Num | Name | RA(h) | DE(deg) | Class | Mv | Err(arcsec) | d(arcsec) | "
    "dRA(arcsec/h) | dDEC(arcsec/h) | Dg(ua) | Dh(ua)\n"
)


@dataclass
class SkyBot:
    """The search for bodies: a line each, at the time for which it is asked; `bodies` by that time."""

    bodies: dict[str, list[str]]

    def __call__(self, path: str, told: dict[str, str]) -> bytes:
        assert told["-mime"] == "text"
        lines = self.bodies.get(told["-ep"], [])
        if not lines:
            return b"# Flag: 0\n# Ticket: 1\n# No solar system object was found in the requested FOV\n"
        return (SKYBOT_HEAD.format(flag=1) + "\n".join(lines) + "\n").encode()
