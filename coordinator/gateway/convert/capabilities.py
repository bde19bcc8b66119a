"""What a telescope is, as its agent announces it.

The wire says less than a site file (design.md §4), so what it leaves out has its default here; the site
file's sha256 tells whether both sides mean the same.
"""

from coordinator.gateway.convert.fields import Fields
from telescopes.description.bounds import (
    LONGEST_STEP_S,
    MOST_FILTERS,
    MOST_INSTRUMENTS,
    MOST_POLYGONS,
    MOST_VERTICES,
)
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.messages import Capabilities
from telescopes.description.telescope import Instrument, Limits, Timing

MOST_DRIVERS = 16
WIDEST_DEG = 180.0
SHA256_BYTES = 32


def capabilities_of(fields: Fields) -> Capabilities:
    """Read the capabilities."""
    listed = fields.each("instruments", MOST_INSTRUMENTS)
    return Capabilities(
        instruments=tuple(_instrument(each) for each in listed),
        limits=_limits(fields.below("limits")),
        timing=Timing(
            settle_s=fields.number("overhead_s", 0.0, LONGEST_STEP_S),
            # One telescope has one figure inside: the slowest of its instruments is the safe one.
            readout_s=max((each.number("readout_s", 0.0, LONGEST_STEP_S) for each in listed), default=0.0),
            filter_change_s=max((each.number("filter_change_s", 0.0, LONGEST_STEP_S) for each in listed), default=0.0),
        ),
        config_sha256=fields.data("config_sha256", SHA256_BYTES, exactly=SHA256_BYTES).hex(),
        drivers=fields.words("drivers", MOST_DRIVERS),
    )


def _instrument(fields: Fields) -> Instrument:
    return Instrument(
        id=fields.word("instrument_id"),
        filters=fields.words("filters", MOST_FILTERS),
        footprint=_footprint(fields.below("footprint")),
    )


def _footprint(fields: Fields) -> Footprint:
    if fields.has("circle"):
        return Circle(fields.below("circle").number("radius_deg", 0.0, WIDEST_DEG))
    if fields.has("polygons"):
        return _polygons(fields.below("polygons"))
    if not fields.has("rectangle"):
        fields.wrong("shape", "is missing")
    shape = fields.below("rectangle")
    return Rectangle(shape.number("width_deg", 0.0, WIDEST_DEG), shape.number("height_deg", 0.0, WIDEST_DEG))


def _polygons(fields: Fields) -> Polygons:
    outlines = fields.each("polygons", MOST_POLYGONS, least=1)
    return Polygons(tuple(_corners(outline) for outline in outlines))


def _corners(fields: Fields) -> tuple[tuple[float, float], ...]:
    return tuple(
        (corner.number("x_east_deg", -WIDEST_DEG, WIDEST_DEG), corner.number("y_north_deg", -WIDEST_DEG, WIDEST_DEG))
        for corner in fields.each("vertices", MOST_VERTICES, least=3)
    )


def _limits(fields: Fields) -> Limits:
    default = Limits()
    return Limits(
        min_altitude_deg=_or(fields.maybe_number("min_altitude_deg", -90.0, 90.0), default.min_altitude_deg),
        max_sun_altitude_deg=_or(
            fields.maybe_number("max_sun_altitude_deg", -90.0, 90.0), default.max_sun_altitude_deg
        ),
        min_moon_separation_deg=_or(
            fields.maybe_number("min_moon_separation_deg", 0.0, 180.0), default.min_moon_separation_deg
        ),
        declination_deg=_declination(fields),
    )


def _declination(fields: Fields) -> tuple[float, float] | None:
    south = fields.maybe_number("min_declination_deg", -90.0, 90.0)
    north = fields.maybe_number("max_declination_deg", -90.0, 90.0)
    if south is None and north is None:
        return None
    return _or(south, -90.0), _or(north, 90.0)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
