"""Where a packet puts its event: positions with the sentinels that streams write for "none"."""

from dataclasses import replace

from coordinator.alerts.alert import Localization
from coordinator.alerts.place import circle
from coordinator.alerts.voevent.packet import Packet, Position

OLD_FRAMES = frozenset({"FK4", "B1950", "GAL", "GALACTIC", "ECL", "ECLIPTIC"})
NOWHERE = Localization("none")
NO_POSITION = "unavailable"


def locate(
    packet: Packet,
    *,
    containment: float | None = None,
    systematic_included: bool | None = None,
    url: str | None = None,
    zero_means_none: bool = False,
) -> Localization:
    """Say where, as the packet does.

    Parameters
    ----------
    packet : Packet
        The packet.
    containment : float, optional
        Which part of the probability the stream's radius holds; None: it does not say.
    systematic_included : bool, optional
        Whether the radius holds the systematic error.
    url : str, optional
        A sky map that the packet only names.
    zero_means_none : bool
        Whether radius 0 means "no position" in this notice; else it means "error not stated".

    Notes
    -----
    FK5 at J2000 is ICRS within 0.02 arcsec. A position out of range is refused and never wrapped round: it tells that
    something is wrong, not how to mend it.
    """
    position = packet.position
    if position is None or _is_none(packet, position, zero_means_none):
        return _or_link(NOWHERE, url)
    wrong = _what_is_wrong(packet, position)
    if wrong is not None:
        return Localization("none", url=url, refused=f"position: {wrong}")
    found = circle(position.first, position.second, position.radius, containment=containment)
    return replace(found, url=url, systematic_included=systematic_included if found.kind == "cone" else None)


def _is_none(packet: Packet, position: Position, zero_means_none: bool) -> bool:
    """Say whether a position is the stream's way to say that it has none."""
    if (packet.value("Coords_String") or "").lower().startswith(NO_POSITION):
        return True
    at_zero = position.first in (0.0, None) and position.second in (0.0, None)
    return not position.radius and (zero_means_none or at_zero)


def _what_is_wrong(packet: Packet, position: Position) -> str | None:
    """Say why two numbers are not a right ascension and a declination in degrees; None: they are."""
    if position.first is None or position.second is None:
        return "no two finite numbers"
    if not position.unit.startswith("deg"):
        return f"given in {position.unit!r}, not in degrees"
    if position.names[0].lower().startswith("dec"):
        return "declination first"
    if OLD_FRAMES & set(packet.system.upper().split("-")):
        return f"given in {packet.system}, not in FK5 or ICRS"
    return None


def _or_link(where: Localization, url: str | None) -> Localization:
    return where if url is None else Localization("link", url=url)
