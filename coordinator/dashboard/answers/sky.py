"""Answers of the sky: what `<sky-view>` draws, much of it by column and packed.

They are large, so they are sent as they were made: a test holds them against these types, and nothing does when they
are sent.
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from coordinator.dashboard.answers.base import AsOf, Degrees, Instant, Line, Resource

Columns = Annotated[dict[str, list[Any]], Meta(description="by name; `packed` says how values are told")]
Seconds = Annotated[float, Meta(description="seconds after `epoch`")]
Step = tuple[Seconds, float]


class Packing(Struct, kw_only=True, forbid_unknown_fields=True):
    """How columns are unpacked: add up those of `steps`, then divide those of `parts`."""

    parts: dict[str, int]
    steps: list[str]


class Camera(Struct, kw_only=True, forbid_unknown_fields=True):
    """Detectors in the tangent plane, degrees, x east and y north at position angle 0; not `exact`: a circle."""

    telescope: str
    instrument: str
    exact: bool
    polygons: list[Line]


class Place(Struct, kw_only=True, forbid_unknown_fields=True):
    """A site, and below which altitudes it does not look; `horizon` by azimuth."""

    id: str
    name: str
    latitude_deg: float
    longitude_deg: float
    min_altitude_deg: float | None
    horizon: list[tuple[float, float]]


class Almanac(Struct, kw_only=True, forbid_unknown_fields=True):
    """Sun and Moon at equal steps, and how the Earth turns; see `docs/guides/the-sky.md`."""

    begin_s: int
    step_s: float
    sun: Line
    moon: Line
    moon_lit: list[float]
    to_cirs: list[tuple[float, float, float]]
    rotation_deg: float
    rotation_deg_s: float


class SceneAnswer(Struct, kw_only=True, forbid_unknown_fields=True):
    """The sky of an event, or what is new of it: then without sites and almanacs, and candidates null if as before."""

    as_of: AsOf
    event: str
    name: str
    frame: str
    t0: Instant | None
    epoch: Instant
    sky_time: Instant
    sky_rate: float
    revision: int
    retracted: bool
    skymap_sha256: str | None
    plan_known: bool
    plan_sha256: str | None
    whole: bool
    cameras: list[Camera]
    states: list[str]
    words: list[str]
    packed: Packing
    fields: Columns
    candidates: Columns | None
    telescopes: list[Place] | UnsetType = UNSET
    almanacs: list[Almanac] | UnsetType = UNSET


class NamedCamera(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose camera it is."""

    telescope: str


class Names(Struct, kw_only=True, forbid_unknown_fields=True):
    """Ids of fields, each by what a scene knows it by; nothing of it is packed."""

    as_of: AsOf
    event: str
    plan_sha256: str | None
    cameras: list[NamedCamera]
    names: dict[str, list[Any]]


class Planned(Struct, kw_only=True, forbid_unknown_fields=True):
    """The fields that one plan of an event meant."""

    event: str
    plan_sha256: str
    cameras: list[Camera]
    states: list[str]
    words: list[str]
    packed: Packing
    fields: Columns


class Revision(Struct, kw_only=True, forbid_unknown_fields=True):
    """One revision of an event and its sky."""

    seq: int
    at: Instant
    at_s: Seconds
    revision: int
    retracted: bool
    phase: str | None
    stage: str | None
    skymap_sha256: str | None
    area50_deg2: float | None
    area90_deg2: float | None
    distance_mpc: float | None
    distance_std_mpc: float | None


class PlanNoted(Struct, kw_only=True, forbid_unknown_fields=True):
    """One plan that an event was part of."""

    seq: int
    at: Instant
    at_s: Seconds
    made_at: Instant
    plan: str
    plan_sha256: str
    events: list[str]
    because: str
    planned: float | None
    kept: int
    moved: int
    added: int
    withdrawn: int


class Moves(Struct, kw_only=True, forbid_unknown_fields=True):
    """By column: which of `pointings` came into which of `states`, and when."""

    pointing: list[int]
    at_s: list[Seconds]
    state: list[int]


class HistoryAnswer(Resource, kw_only=True):
    """How the sky of an event was, by sky time."""

    event: str
    epoch: Instant
    states: list[str]
    revisions: list[Revision]
    plans: list[PlanNoted]
    pointings: list[str]
    moves: Moves
    first_scored_s: dict[str, Seconds]


class CoverageAnswer(Resource, kw_only=True):
    """How much of an event's map was planned and observed, against time; `bound`: no plan can exceed it."""

    event: str
    epoch: Instant
    skymap_sha256: str | None
    observed: list[Step] | None
    planned: list[Step]
    bound: float | None
    bound_kind: str | None
    now_s: Seconds


class LikelyGalaxy(Struct, kw_only=True, forbid_unknown_fields=True):
    """A galaxy that may host the source, and its share of the probability."""

    ra_deg: Degrees
    dec_deg: Degrees
    distance_mpc: float
    probability: float


class Galaxies(Struct, kw_only=True, forbid_unknown_fields=True):
    """The likeliest galaxies, or why there are none; `source` stands, and is null, where the event has no map."""

    event: str
    items: list[LikelyGalaxy]
    because: str | None
    source: UnsetType | None = UNSET


class PackedLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A line on the sky, packed."""

    ra_deg: list[int]
    dec_deg: list[int]


class PackedContour(Struct, kw_only=True, forbid_unknown_fields=True):
    """The edge of the smallest region that holds `level` of the probability."""

    level: float
    area_deg2: float
    polygons: list[PackedLine]


class Contours(Struct, kw_only=True, forbid_unknown_fields=True):
    """Contours of one map, which never change."""

    skymap_sha256: str
    frame: str
    packed: Packing
    contours: list[PackedContour]
