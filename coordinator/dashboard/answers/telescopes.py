"""Answers about telescopes and their pointings."""

from msgspec import Struct

from coordinator.dashboard.answers.base import Degrees, Instant, Line, Resource, SeenVersion


class Agent(Struct, kw_only=True, forbid_unknown_fields=True):
    """What speaks for a telescope; `site_file` says whether it has the one that lies here, null: none lies here."""

    version: str
    drivers: list[str]
    site_file: str | None


class Try(Struct, kw_only=True, forbid_unknown_fields=True):
    """A pointing that was made of what somebody asked for by hand."""

    id: str
    state: str


class AskedByHand(Struct, kw_only=True, forbid_unknown_fields=True):
    """A pointing that somebody asked a telescope for, and what has been made of it."""

    id: str
    telescope: str
    event: str
    ra_deg: Degrees
    dec_deg: Degrees
    filter: str
    exposure_s: float
    count: int
    start: Instant
    end: Instant
    because: str
    candidate: str
    anyway: bool
    visit: str
    pointings: list[Try]


class Weather(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the sensors of a site say, to within a step of each; null: unknown."""

    temperature_c: float | None
    humidity_pct: float | None
    wind_mps: float | None
    rain_mm_per_h: float | None
    sky_quality_mag_arcsec2: float | None
    seeing_arcsec: float | None


class TelescopeAnswer(Resource, kw_only=True):
    """One telescope: how it is, what it does, and what comes next of what it owns."""

    id: str
    name: str | None
    state: str
    since: Instant | None
    link: str
    safe: bool | None
    blocking_reasons: list[str]
    closed_because: str | None
    unavailable_until: Instant | None
    cloud_cover_pct: float | None
    weather: Weather
    weather_at: Instant | None
    clock_offset_s: float | None
    open_pointings: int
    doing: str | None
    doing_state: str | None
    next: str | None
    next_start: Instant | None
    paused: bool
    resumable: bool
    version: SeenVersion
    asked_for: list[AskedByHand]
    agent: Agent | None


class PointingAnswer(Resource, kw_only=True):
    """One pointing: what was asked, what was promised, what was done; `planned` ones have no version yet."""

    id: str
    event: str
    event_revision: int
    telescope: str
    instrument: str
    visit: str
    state: str
    since: Instant | None
    reason: str | None
    revocation_requested: str | None
    late: bool
    late_repeat: bool
    ra_deg: Degrees
    dec_deg: Degrees
    position_angle_deg: float
    actual_ra_deg: float | None
    actual_dec_deg: float | None
    actual_position_angle_deg: float | None
    start: Instant
    end: Instant
    window_end: Instant | None
    actual_start: Instant | None
    actual_end: Instant | None
    filter: str | None
    exposure_s: float | None
    count: int | None
    fraction_done: float | None
    limit_mag_ab: float | None
    reached_limit_mag_ab: float | None
    probability: float
    new_probability: float
    why: str | None
    plan: str | None
    version: SeenVersion | None
    open: bool
    wants_yes: bool
    outline: list[Line] | None
    outline_exact: bool
