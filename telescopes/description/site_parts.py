"""The parts of a site file, each read from its section; the contract is design.md, "Site file"."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from telescopes.description.bounds import (
    LONGEST_EXPOSURE_S,
    LONGEST_NAME,
    LONGEST_STEP_S,
    MOST_EXPOSURES,
    MOST_FILTERS,
    MOST_POLYGONS,
    MOST_VERTICES,
)
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.host_port import MEND, read_host_port
from telescopes.description.section import Section, Within
from telescopes.description.telescope import (
    Depth,
    DriverChoice,
    Instrument,
    Limits,
    Link,
    LinkKind,
    Observing,
    Reduction,
    Site,
    SitePolicy,
    Strategy,
    Timing,
)

PURPOSES = ("observation", "test", "mock", "injection")
NIGHT_S = 86400.0
HUMAN_S = 600.0  # people need minutes, not seconds

LATITUDE = Within(-90, 90, "degrees")
LONGITUDE = Within(-180, 360, "degrees, east positive,")
ELEVATION = Within(-500, 9000, "metres above sea level")
ALTITUDE = Within(0, 90, "degrees")
SUN_ALTITUDE = Within(-90, 90, "degrees")
SEPARATION = Within(0, 180, "degrees")
FRACTION = Within(0, 1, "a share")
AZIMUTH = Within(0, 360, "degrees")
HOURS = Within(-12, 12, "hours")
AIRMASS = Within(1, 40, "an airmass")
MAGNITUDE = Within(0, 35, "AB magnitudes")
FIELD = Within(0, 60, "degrees", positive=True)
OFFSET = Within(-60, 60, "degrees")
TURN = Within(-360, 360, "degrees from north through east")
SPEED = Within(0, 360, "degrees per second", positive=True)
DURATION = Within(0, math.inf, "seconds")
POSITIVE_DURATION = Within(0, math.inf, "seconds", positive=True)
OVERHEAD = Within(0, LONGEST_STEP_S, "seconds")
EXPOSURE = Within(0, LONGEST_EXPOSURE_S, "seconds", positive=True)
REDUCING = Within(0, LONGEST_STEP_S, "seconds", positive=True)
EXPOSURES = Within(1, MOST_EXPOSURES, "a number of exposures")
POINTINGS = Within(0, 100000, "a number of pointings, 0 for no limit,")
HOURS_A_DAY = Within(0, 24, "hours")


@dataclass(frozen=True, slots=True)
class _Patience:
    acceptance_s: float
    reaction_s: float
    horizon_s: float


PATIENCE: dict[str, _Patience] = {
    "robotic": _Patience(Link().acceptance_s, Link().reaction_s, Link().horizon_s),
    "human": _Patience(HUMAN_S, HUMAN_S, NIGHT_S),
    "filedrop": _Patience(Link().acceptance_s, Link().reaction_s, NIGHT_S),
}

IDENTITY = ("certificate", "key", "ca")
USUAL_BANDS = ("u", "g", "r", "i", "z", "y", "U", "B", "V", "R", "I", "J", "H", "K", "clear")
"""A limit for one of these is no slip of the pen, also where the camera that has it is not mounted now."""


def site(section: Section) -> Site:
    """Where it stands."""
    found = Site(
        latitude_deg=section.needed_number("latitude_deg", LATITUDE),
        longitude_deg=section.needed_number("longitude_deg", LONGITUDE),
        elevation_m=section.number("elevation_m", ELEVATION, 0.0),
    )
    section.close()
    return found


def instrument(section: Section) -> Instrument:
    """Read a camera."""
    filters = section.texts("filters", ())
    if not filters:
        section.note("filters", "there is none", 'give a list such as ["g", "r"]; without a filter: ["clear"]')
    section.at_most(len(filters), MOST_FILTERS, "filters")
    found = Instrument(
        id=_name(section, "id", section.text("id", "main")),
        filters=tuple(_name(section, "filters", name) for name in filters),
        footprint=footprint(section.section("footprint")),
        depth=tuple(depth(row) for row in section.sections("depth")),
        position_angle_deg=section.number("position_angle_deg", TURN, 0.0),
    )
    section.close()
    return found


def _name(section: Section, key: str, name: str) -> str:
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        section.note(key, f"{name[:20]!r} is no name", f"give 1 to {LONGEST_NAME} printable characters")
    return name


def footprint(section: Section) -> Footprint:
    """Read the sky that one exposure covers."""
    shapes: tuple[Literal["rectangle", "circle", "polygons"], ...] = ("rectangle", "circle", "polygons")
    found: Footprint
    match section.needed_choice("shape", shapes):
        case "rectangle":
            found = Rectangle(section.needed_number("width_deg", FIELD), section.needed_number("height_deg", FIELD))
        case "circle":
            found = Circle(section.needed_number("radius_deg", FIELD))
        case "polygons":
            found = Polygons(_polygons(section))
        case None:
            section.rest()
            found = Polygons(())
    section.close()
    return found


def _polygons(section: Section) -> tuple[tuple[tuple[float, float], ...], ...]:
    mend = "give a list of polygons, each a list of at least three [x_east_deg, y_north_deg]"
    polygons = []
    values = section.items("polygons", mend)
    if not values:
        section.note("polygons", "there is none", mend)
    section.at_most(len(values), MOST_POLYGONS, "polygons")
    for n, corners in enumerate(values):
        if not isinstance(corners, list) or len(corners) < 3:
            section.note(f"polygons[{n}]", "has fewer than three corners", mend)
            continue
        section.at_most(len(corners), MOST_VERTICES, f"polygons[{n}]")
        pairs = [section.pair(f"polygons[{n}][{k}]", xy, (OFFSET, OFFSET), mend) for k, xy in enumerate(corners)]
        polygons.append(tuple(pair for pair in pairs if pair is not None))
    return tuple(polygons)


def depth(section: Section) -> Depth:
    """Read one known limit."""
    found = Depth(
        limit_mag_ab=section.needed_number("limit_mag_ab", MAGNITUDE),
        exposure_s=section.needed_number("exposure_s", POSITIVE_DURATION),
        filter=section.optional_text("filter"),
    )
    section.close()
    return found


def limits(section: Section, known_filters: tuple[str, ...]) -> Limits:
    """Read where it may point; an airmass becomes an altitude, and of both the stricter holds."""
    silent = Limits()
    altitude = section.optional_number("min_altitude_deg", ALTITUDE)
    airmass = section.optional_number("max_airmass", AIRMASS)
    floors = [x for x in (altitude, None if airmass is None else altitude_of(airmass)) if x is not None]
    by_filter = section.section("max_sun_altitude_by_filter")
    usual = {*known_filters, *USUAL_BANDS} if known_filters else by_filter.keys
    for odd in [name for name in by_filter.keys if name not in usual]:
        by_filter.note(odd, "no instrument has this filter", f"give one of {', '.join(known_filters)}")
    found = Limits(
        min_altitude_deg=max(floors, default=silent.min_altitude_deg),
        max_sun_altitude_deg=section.number("max_sun_altitude_deg", SUN_ALTITUDE, silent.max_sun_altitude_deg),
        max_sun_altitude_by_filter={name: by_filter.needed_number(name, SUN_ALTITUDE) for name in by_filter.keys},
        min_moon_separation_deg=section.number("min_moon_separation_deg", SEPARATION, silent.min_moon_separation_deg),
        declination_deg=section.range("declination_deg", LATITUDE),
        hour_angle_h=section.range("hour_angle_h", HOURS),
        horizon=_horizon(section),
        min_moon_separation_by_phase=_by_phase(section),
        min_sun_separation_deg=section.number("min_sun_separation_deg", SEPARATION, silent.min_sun_separation_deg),
    )
    section.close()
    return found


def altitude_of(airmass: float) -> float:
    """Altitude in degrees of an airmass, plane-parallel: 1 / sin(altitude)."""
    return math.degrees(math.asin(1 / airmass))


def _horizon(section: Section) -> tuple[tuple[float, float], ...]:
    mend = "give [azimuth, altitude] in degrees, azimuths increasing from 0 to 360"
    rows = section.rows("horizon", (AZIMUTH, ALTITUDE), mend)
    if any(a[0] >= b[0] for a, b in pairwise(rows)):
        section.note("horizon", "azimuths do not increase", mend)
    return rows


def _by_phase(section: Section) -> tuple[tuple[float, float], ...]:
    key = "min_moon_separation_by_phase"
    mend = "give [illuminated fraction, degrees], fractions increasing from 0 to 1"
    rows = section.rows(key, (FRACTION, SEPARATION), mend)
    if any(a[0] >= b[0] for a, b in pairwise(rows)):
        section.note(key, "fractions do not increase", mend)
    return rows


def timing(section: Section) -> Timing:
    """Read how long things take."""
    if section.has("slew_rate_deg_s") and section.has("axis_rates_deg_s"):
        section.note("axis_rates_deg_s", "slew_rate_deg_s says it too", "give one of the two")
    axes = section.items("axis_rates_deg_s", "give [ra, dec] in degrees per second")
    mend = "give [ra, dec] in degrees per second"
    found = Timing(
        slew_rate_deg_s=section.optional_number("slew_rate_deg_s", SPEED),
        axis_rates_deg_s=section.pair("axis_rates_deg_s", axes, (SPEED, SPEED), mend) if axes else None,
        **{
            key: section.number(key, OVERHEAD, 0.0)
            for key in ("meridian_flip_s", "settle_s", "readout_s", "filter_change_s")
        },
    )
    section.close()
    return found


def observing(section: Section, known_filters: tuple[str, ...]) -> Observing:
    """Read how the site likes to observe."""
    strategies: tuple[Strategy, ...] = get_args(Strategy)
    found = Observing(
        exposure_s=section.needed_number("exposure_s", EXPOSURE),
        strategy=section.choice("strategy", strategies, "auto"),
        count=section.whole_number("count", EXPOSURES, 1),
        filters=section.texts("filters", (), known_filters or None),
        max_pointings_per_night=section.whole_number("max_pointings_per_night", POINTINGS, 0),
        grid_file=section.optional_text("grid_file"),
        blocked=section.periods("blocked"),
        allocation=section.periods("allocation"),
    )
    section.close()
    return found


def policy(section: Section) -> SitePolicy:
    """Read what the site agreed to."""
    found = SitePolicy(
        accepts=section.texts("accepts", ("observation",), PURPOSES),
        human_approval=section.flag("human_approval", False),
        max_hours_per_day=section.number("max_hours_per_day", HOURS_A_DAY, 24.0),
        may_interrupt=section.flag("may_interrupt", False),
        coordinator_may_approve=section.flag("coordinator_may_approve", False),
    )
    section.close()
    return found


def link(section: Section) -> Link:
    """Read how the agent reaches the coordinator; the kind sets what is left out."""
    kinds: tuple[LinkKind, ...] = get_args(LinkKind)
    kind = section.choice("kind", kinds, "robotic")
    patience = PATIENCE[kind]
    gateway = section.text("gateway", Link().gateway)
    if read_host_port(gateway) is None:
        section.note("gateway", f"{gateway!r} is no address", MEND)
    found = Link(
        gateway=gateway,
        kind=kind,
        acceptance_s=section.number("acceptance_s", POSITIVE_DURATION, patience.acceptance_s),
        lease_s=section.number("lease_s", POSITIVE_DURATION, Link().lease_s),
        reaction_s=section.number("reaction_s", DURATION, patience.reaction_s),
        horizon_s=section.number("horizon_s", POSITIVE_DURATION, patience.horizon_s),
        **{key: section.optional_text(key) for key in IDENTITY},
    )
    given = [key for key in IDENTITY if section.has(key)]
    for key in [key for key in IDENTITY if given and key not in given]:
        section.note(key, "is missing", f"give {', '.join(IDENTITY)}, or none of them")
    section.close()
    return found


def driver(section: Section) -> DriverChoice:
    """Read which driver moves the telescope; every other key is the driver's own."""
    return DriverChoice(section.text("name", "simulated"), section.rest())


def reduction(section: Section) -> Reduction:
    """Read the command that reduces an image."""
    command = section.texts("command", ())
    mend = 'give the program and its words, such as ["my-pipeline", "--json"]'
    if section.has("command") and not command:
        section.note("command", "is empty", mend)
    if command and not all(word and "\0" not in word for word in command):
        section.note("command", "has an empty word", mend)
    if section.has("within_s") and not section.has("command"):
        section.note("within_s", "there is no command to wait for", "give the command too, or leave this out")
    found = Reduction(command, section.number("within_s", REDUCING, Reduction().within_s))
    section.close()
    return found
