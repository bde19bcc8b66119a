"""The outline of a field on the sky, for drawing."""

from collections.abc import Mapping
from functools import lru_cache

from telescopes.description.footprint import Footprint
from telescopes.description.geometry import outline
from telescopes.description.telescope import Telescope

Polygon = tuple[tuple[float, float], ...]
OUTLINES_KEPT = 8192
"""Lists are asked for again and again, and fields stay where they are."""


def field_outline(
    telescopes: Mapping[str, Telescope],
    telescope: str,
    instrument: str,
    centre_deg: tuple[float, float],
    position_angle_deg: float,
) -> tuple[Polygon, ...] | None:
    """Return the outline of one instrument's field; None: the instrument is not known here."""
    known = telescopes.get(telescope)
    cameras = [] if known is None else [i for i in known.instruments if i.id == instrument]
    return on_sky(cameras[0].footprint, centre_deg, position_angle_deg) if cameras else None


@lru_cache(maxsize=OUTLINES_KEPT)
def on_sky(
    footprint: Footprint, centre_deg: tuple[float, float], position_angle_deg: float = 0.0
) -> tuple[Polygon, ...]:
    """Return the corners of a footprint at a place as (ra_deg, dec_deg), to a third of an arcsecond."""
    polygons = outline(footprint, *centre_deg, position_angle_deg)
    return tuple(tuple((round(ra, 4), round(dec, 4)) for ra, dec in corners) for corners in polygons)
