"""A place as a stream says it (a position, a radius, an ellipse, corners), as a localization or why it is none."""

from collections.abc import Sequence
from dataclasses import replace

from coordinator.alerts.alert import Localization

HALF_TURN_DEG = 180.0
"""A circle as wide as this holds the whole sky; 360 stands for "anywhere"."""


def wrong_with(ra_deg: float | None, dec_deg: float | None) -> str | None:
    """Say why two numbers are no position; None: they are one. Nothing is ever wrapped round."""
    if ra_deg is None or dec_deg is None:
        return f"position: no {'right ascension' if ra_deg is None else 'declination'}"
    if not 0.0 <= ra_deg <= 360.0:
        return f"position: right ascension {ra_deg:g} is beyond 0 to 360"
    if not -90.0 <= dec_deg <= 90.0:
        return f"position: declination {dec_deg:g} is beyond -90 to 90"
    return None


def circle(
    ra_deg: float | None, dec_deg: float | None, radius_deg: float | None, *, containment: float | None
) -> Localization:
    """Return a cone of a radius, or what the numbers mean instead.

    A radius of 0 or none at all: a point, for nothing is known exactly. A negative one: the stream says that it has
    no position. 180 and more: anywhere.
    """
    if radius_deg is not None and radius_deg >= HALF_TURN_DEG:
        return Localization("allsky")
    if ra_deg is None and dec_deg is None:
        return Localization("none")
    refused = wrong_with(ra_deg, dec_deg)
    if refused is None and radius_deg is not None and radius_deg < 0:
        refused = f"position: an error radius of {radius_deg:g}"
    if refused is not None:
        return Localization("none", refused=refused)
    point = Localization("point", ra_deg=ra_deg, dec_deg=dec_deg)
    if not radius_deg:
        return point
    return replace(point, kind="cone", radius_deg=radius_deg, containment=containment)


def ellipse(
    ra_deg: float | None, dec_deg: float | None, error_deg: Sequence[float], *, containment: float | None
) -> Localization:
    """Return an ellipse of one or two half axes and the position angle of the first (north through east).

    Two equal axes, or one alone, are a circle. Which of them is longer does not matter.
    """
    first = error_deg[0] if error_deg else None
    second = error_deg[1] if len(error_deg) > 1 else first
    if first is None or second is None or first == second or min(first, second) <= 0:
        smaller = first if second is None or first is None else min(first, second)
        return circle(ra_deg, dec_deg, smaller, containment=containment)
    found = circle(ra_deg, dec_deg, max(first, second), containment=containment)
    if found.kind != "cone":
        return found
    angle = error_deg[2] if len(error_deg) > 2 else 0.0
    return replace(found, kind="ellipse", radius_deg=None, half_axes_deg=(first, second), position_angle_deg=angle)


def polygon(
    ra_deg: float | None,
    dec_deg: float | None,
    corners_deg: tuple[tuple[float, float], ...],
    *,
    containment: float | None,
) -> Localization:
    """Return a polygon of three and more corners with its centre, if that is stated."""
    refused = next((why for why in (wrong_with(*corner) for corner in corners_deg) if why), None)
    if refused is None and len(corners_deg) < 3:
        refused = f"position: a polygon of {len(corners_deg)} corners"
    if refused is not None:
        return Localization("none", refused=refused)
    inside = wrong_with(ra_deg, dec_deg) is None
    return Localization(
        "polygon",
        ra_deg=ra_deg if inside else None,
        dec_deg=dec_deg if inside else None,
        corners_deg=corners_deg,
        containment=containment,
    )
