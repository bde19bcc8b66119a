"""A telescope as its site file describes it. Unknown is None; defaults are those of the site-file contract."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from telescopes.description.field_grid import GridField
from telescopes.description.footprint import Footprint

Strategy = Literal["tiles", "galaxies", "auto"]
LinkKind = Literal["robotic", "human", "filedrop"]


@dataclass(frozen=True, slots=True)
class Site:
    """Where it stands: geodetic degrees, east positive; metres above sea level."""

    latitude_deg: float
    longitude_deg: float
    elevation_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Depth:
    """5-sigma AB limit of one exposure at zenith under a dark sky; `filter` None: not said."""

    limit_mag_ab: float
    exposure_s: float
    filter: str | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """One camera; `position_angle_deg` is where its +y axis points, from north through east."""

    id: str
    filters: tuple[str, ...]
    footprint: Footprint
    depth: tuple[Depth, ...] = ()
    position_angle_deg: float = 0.0

    def depth_rows(self, filter_name: str) -> tuple[Depth, ...]:
        """Rows of the depth table for a filter: its own, else all."""
        return tuple(d for d in self.depth if d.filter == filter_name) or self.depth


@dataclass(frozen=True, slots=True)
class Limits:
    """Where it may point; geometric altitudes of the field's centre, ICRS declination, apparent hour angle.

    `min_moon_separation_by_phase` has rows of (illuminated fraction, degrees), increasing; between them the
    distance is interpolated, outside it is that of the nearest row. With `min_moon_separation_deg` the larger holds.
    `min_sun_separation_deg` holds while the Sun is up; 0: the site takes no heed of it.
    """

    min_altitude_deg: float = 20.0
    max_sun_altitude_deg: float = -12.0
    max_sun_altitude_by_filter: dict[str, float] = field(default_factory=dict)
    min_moon_separation_deg: float = 0.0
    declination_deg: tuple[float, float] | None = None
    hour_angle_h: tuple[float, float] | None = None
    horizon: tuple[tuple[float, float], ...] = ()  # (azimuth_deg, altitude_deg)
    min_moon_separation_by_phase: tuple[tuple[float, float], ...] = ()
    min_sun_separation_deg: float = 30.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, seconds; slewing speed in degrees per second (None: not known, taken as instant)."""

    slew_rate_deg_s: float | None = None
    axis_rates_deg_s: tuple[float, float] | None = None
    meridian_flip_s: float = 0.0
    settle_s: float = 0.0
    readout_s: float = 0.0
    filter_change_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Observing:
    """How the site likes to observe; one pointing is `count` exposures of `exposure_s` in one filter."""

    exposure_s: float
    strategy: Strategy = "auto"
    count: int = 1
    filters: tuple[str, ...] = ()
    max_pointings_per_night: int = 0  # 0: no limit
    grid_file: str | None = None
    blocked: tuple[tuple[datetime, datetime], ...] = ()
    allocation: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class SitePolicy:
    """What the site agreed to.

    `may_interrupt`: what runs may be stopped for something of priority 90 or higher. `coordinator_may_approve`: where
    a person must say yes, one at the coordinator will do.
    """

    accepts: tuple[str, ...] = ("observation",)
    human_approval: bool = False
    max_hours_per_day: float = 24.0
    may_interrupt: bool = False
    coordinator_may_approve: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """How the agent reaches the coordinator, and how patient both are.

    `acceptance_s`, `lease_s` are link time; `reaction_s`, `horizon_s` sky time. `certificate`, `key` and `ca` are files
    in PEM; None: those that enrolment left in the folder of the agent's memory, if there are any.
    """

    gateway: str = "127.0.0.1:50051"
    kind: LinkKind = "robotic"
    acceptance_s: float = 30.0
    lease_s: float = 90.0
    reaction_s: float = 10.0
    horizon_s: float = 1800.0
    certificate: str | None = None
    key: str | None = None
    ca: str | None = None


@dataclass(frozen=True, slots=True)
class DriverChoice:
    """Which driver moves the telescope, and its own settings."""

    name: str = "simulated"
    settings: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reduction:
    """The program that reduces each image, and how long it may take (this machine's time); no words: there is none."""

    command: tuple[str, ...] = ()
    within_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Telescope:
    """One telescope of the network; with a `grid` it observes these fields and no others."""

    id: str
    name: str
    site: Site
    instruments: tuple[Instrument, ...]
    observing: Observing
    limits: Limits = field(default_factory=Limits)
    timing: Timing = field(default_factory=Timing)
    policy: SitePolicy = field(default_factory=SitePolicy)
    link: Link = field(default_factory=Link)
    driver: DriverChoice = field(default_factory=DriverChoice)
    reduction: Reduction = field(default_factory=Reduction)
    grid: tuple[GridField, ...] = ()

    def instrument(self, instrument_id: str) -> Instrument:
        """Return the instrument of that id."""
        return next(i for i in self.instruments if i.id == instrument_id)
