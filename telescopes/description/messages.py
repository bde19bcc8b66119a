"""What the agent and the coordinator say to each other, as plain data: the wire messages without the wire.

Both sides convert these to and from protobuf at their border; the in-memory link of a simulation hands
them over as they are. Instants are aware UTC sky time unless the name says `client_time` or
`server_time` (UTC of that machine). Spans that end in `_s` on sessions, leases and offers are link time.
"""

from dataclasses import dataclass
from datetime import datetime

from telescopes.description.clocks import SkyClockReading
from telescopes.description.states import PointingState, Reason
from telescopes.description.telescope import Instrument, Limits, Timing


@dataclass(frozen=True, slots=True)
class Exposure:
    """One block of equal exposures; `target_depth_mag_ab` None: as given."""

    filter: str
    exposure_s: float
    count: int = 1
    binning: int = 1
    dither_arcsec: float = 0.0
    target_depth_mag_ab: float | None = None


@dataclass(frozen=True, slots=True)
class Constraints:
    """Limits besides the site's own; None: none."""

    min_altitude_deg: float | None = None
    max_airmass: float | None = None
    max_sun_altitude_deg: float | None = None
    min_moon_separation_deg: float | None = None
    pointing_tolerance_arcsec: float | None = None


@dataclass(frozen=True, slots=True)
class Pointing:
    """One place on the sky that one telescope is asked to observe; fields as on the wire (telescope.proto)."""

    pointing_id: str
    revision: int
    plan_id: str
    event_id: str
    event_revision: int
    telescope_id: str
    instrument_id: str
    visit: str
    ra_deg: float
    dec_deg: float
    position_angle_deg: float
    window_start: datetime
    window_end: datetime
    planned_start: datetime
    exposures: tuple[Exposure, ...]
    accept_within_s: float
    probability: float | None = None
    limit_mag_ab: float | None = None
    rank: int = 0
    priority: int = 50
    may_interrupt: bool = False
    require_human_approval: bool = False
    acceptability_threshold: float = 0.9
    constraints: Constraints = Constraints()
    field_id: str = ""
    traceparent: str = ""
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Revocation:
    """A request to give a pointing back; nothing is free before the telescope answers."""

    pointing_id: str
    revision: int
    reason: Reason
    abort_if_started: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One numbered command of a telescope's log."""

    seq: int
    body: Pointing | Revocation


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The coordinator lives; `seq` repeats the last command's."""

    seq: int
    server_time: datetime
    sky_clock: SkyClockReading


@dataclass(frozen=True, slots=True)
class Drain:
    """Open the stream again after this long."""

    seq: int
    reconnect_after_s: float


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the telescope is, as its own site file says."""

    instruments: tuple[Instrument, ...]
    limits: Limits
    timing: Timing
    config_sha256: str
    drivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """An agent announces itself; `journal_id` empty: it knows none."""

    telescope_id: str
    agent_version: str
    boot_id: str
    last_applied_seq: int
    journal_id: str
    capabilities: Capabilities
    client_time: datetime


@dataclass(frozen=True, slots=True)
class SessionGrant:
    """A session is open."""

    session_id: str
    session_epoch: int
    journal_id: str
    sky_clock: SkyClockReading
    heartbeat_s: float
    lease_s: float
    server_time: datetime
    snapshot_required: bool
    head_seq: int


@dataclass(frozen=True, slots=True)
class ExposureResult:
    """One exposure that was taken; its limit is that of this image alone. None: unknown."""

    exposure_index: int
    filter: str
    start: datetime
    end: datetime
    exposure_s: float
    limiting_mag_ab: float | None = None
    fwhm_arcsec: float | None = None
    image_uri: str = ""
    image_sha256: str = ""


@dataclass(frozen=True, slots=True)
class PointingReport:
    """One fact about one pointing; None: unknown."""

    report_id: str
    pointing_id: str
    revision: int
    state: PointingState
    report_time: datetime
    agent_seq: int
    reason: Reason | None = None
    detail: str = ""
    fraction_done: float | None = None
    expected_end: datetime | None = None
    actual_ra_deg: float | None = None
    actual_dec_deg: float | None = None
    actual_position_angle_deg: float | None = None
    exposures: tuple[ExposureResult, ...] = ()
    late: bool = False


@dataclass(frozen=True, slots=True)
class StatusReport:
    """How the site is; None: unknown."""

    client_time: datetime
    safe: bool
    blocking_reasons: tuple[Reason, ...] = ()
    unavailable_until: datetime | None = None
    active_pointing_id: str = ""
    buffered_reports: int = 0
    acked_seq: int = 0
    clock_offset_s: float | None = None
    temperature_c: float | None = None
    humidity_pct: float | None = None
    wind_mps: float | None = None
    rain_mm_per_h: float | None = None
    cloud_cover_pct: float | None = None
    sky_quality_mag_arcsec2: float | None = None
    seeing_arcsec: float | None = None
    vetoed_events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusReply:
    """The lease is renewed."""

    server_time: datetime
    lease_left_s: float
    sky_clock: SkyClockReading


@dataclass(frozen=True, slots=True)
class Detection:
    """One new point of light in one image, or in the sum of a pointing's images; None: unknown."""

    detection_id: str
    pointing_id: str
    ra_deg: float
    dec_deg: float
    mid_exposure: datetime
    filter: str
    mag_ab: float
    mag_err: float | None = None
    pos_err_arcsec: float | None = None
    limiting_mag_ab: float | None = None
    real_bogus: float | None = None
    snr: float | None = None
    host_separation_arcsec: float | None = None
    host_redshift: float | None = None
    host_redshift_err: float | None = None
    cutout_png: bytes = b""
    image_uri: str = ""


OK = 0
ALREADY_EXISTS = 6
INVALID_ARGUMENT = 3
NOT_FOUND = 5
FAILED_PRECONDITION = 9
"""The google.rpc codes that item results use."""


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The answer to one item of a batch; `code` is a google.rpc code."""

    item_id: str
    code: int = OK
    reason: str = ""
    current_state: PointingState | None = None


@dataclass(frozen=True, slots=True)
class ListedPointing:
    """A pointing and where it stands at the coordinator; `revocation`: the last request to give it back, None: none."""

    pointing: Pointing
    state: PointingState
    revocation: Revocation | None = None


@dataclass(frozen=True, slots=True)
class PointingPage:
    """One page of a telescope's pointings, true at `as_of_seq` of its command log."""

    pointings: tuple[ListedPointing, ...]
    next_page_token: str
    as_of_seq: int
