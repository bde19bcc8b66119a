"""Answers about events: what alerts say, how far the search is, what was told of each and when."""

from msgspec import UNSET, Struct, UnsetType

from coordinator.alerts.alert import Localization, Phase, Purpose, StatedCoincidence
from coordinator.dashboard.answers.base import Instant, Line, Resource, SeenVersion
from coordinator.events.event import Coincidence
from coordinator.events.rules import Decision
from coordinator.vetting.facts import PersonsWord


class Tie(Struct, kw_only=True, forbid_unknown_fields=True):
    """Another event that is near in time; rates are joint ones in Hz, `dt_s` its time after the lead's."""

    key: str
    name: str
    kind: str
    dt_s: float
    window_s: tuple[float, float]
    overlap: float | None
    far_temporal_hz: float | None
    far_spacetime_hz: float | None
    stated: bool
    together: bool
    excluded: bool


class Correlation(Struct, kw_only=True, forbid_unknown_fields=True):
    """With which others an event is searched, or meets in time, and why; `searched_as` null: by itself."""

    lead: str
    lead_name: str
    searched_as: str | None
    far_hz: float | None
    because: str
    tell: bool
    ties: list[Tie]


class EventAnswer(Resource, kw_only=True):
    """One event. `correlations` stand with an event that is asked for alone."""

    key: str
    name: str
    revision: int
    retracted: bool
    messenger: str | None
    phase: Phase | None
    stage: str | None
    purpose: Purpose | None
    t0: Instant | None
    t_issued: Instant | None
    localization: Localization
    significant: bool | None
    far_hz: float | None
    classification: dict[str, float]
    properties: dict[str, float]
    external_coincidence: str | None
    stated_coincidence: StatedCoincidence | None
    group: str | None
    coincidence: Coincidence | None
    closed: str | None
    streams: list[str]
    decision: Decision | None
    probability_planned: float | None
    probability_observed: float | None
    open_pointings: int
    candidates: int | None
    candidates_table_sha256: str | None
    best_candidate: str | None
    candidate_words: list[PersonsWord]
    leads: list[str]
    version: SeenVersion
    correlations: list[Correlation] | UnsetType = UNSET


class Contour(Struct, kw_only=True, forbid_unknown_fields=True):
    """The edge of the smallest region that holds `level` of the probability; polygons are not closed."""

    level: float
    area_deg2: float
    polygons: list[Line]


class EventSky(Resource, kw_only=True):
    """The contours of an event's map, or why there are none."""

    event: str
    revision: int
    skymap_sha256: str | None
    frame: str
    contours: list[Contour] | None
    because: str | None


class Noted(Struct, kw_only=True, forbid_unknown_fields=True):
    """A notice or a decision in a sentence; `source` is the stream that brought it."""

    seq: int
    recorded_at: Instant
    sky_time: Instant
    kind: str
    source: str | None
    text: str


class Timeline(Resource, kw_only=True):
    """What was told and decided of an event, oldest first; times since T0 count in sky time."""

    t0: Instant | None
    items: list[Noted]
    next: None


class Notice(Struct, kw_only=True, forbid_unknown_fields=True):
    """One notice of an event; its bytes are at `/notices/{n}/raw`. Null: it does not say."""

    n: int
    event: str
    seq: int
    recorded_at: Instant
    sky_time: Instant
    source: str | None
    notice_id: str | None
    name: str | None
    format: str | None
    stream: str | None
    phase: str | None
    stage: str | None
    purpose: str | None
    t0: str | None
    t_issued: str | None
    file: str | None
    significant: bool | None
    far_hz: float | None
    raw_sha256: str
