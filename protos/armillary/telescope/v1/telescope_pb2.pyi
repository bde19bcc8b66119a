import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PointingState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POINTING_STATE_UNSPECIFIED: _ClassVar[PointingState]
    POINTING_STATE_OFFERED: _ClassVar[PointingState]
    POINTING_STATE_ACCEPTED: _ClassVar[PointingState]
    POINTING_STATE_SLEWING: _ClassVar[PointingState]
    POINTING_STATE_EXPOSING: _ClassVar[PointingState]
    POINTING_STATE_COMPLETED: _ClassVar[PointingState]
    POINTING_STATE_PARTIAL: _ClassVar[PointingState]
    POINTING_STATE_FAILED: _ClassVar[PointingState]
    POINTING_STATE_REJECTED: _ClassVar[PointingState]
    POINTING_STATE_EXPIRED: _ClassVar[PointingState]
    POINTING_STATE_REVOKED: _ClassVar[PointingState]

class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REASON_UNSPECIFIED: _ClassVar[Reason]
    REASON_WEATHER: _ClassVar[Reason]
    REASON_UNSAFE: _ClassVar[Reason]
    REASON_DAYLIGHT: _ClassVar[Reason]
    REASON_BELOW_HORIZON: _ClassVar[Reason]
    REASON_MOON: _ClassVar[Reason]
    REASON_BUSY_HIGHER_PRIORITY: _ClassVar[Reason]
    REASON_VETOED_BY_OPERATOR: _ClassVar[Reason]
    REASON_MAINTENANCE: _ClassVar[Reason]
    REASON_FILTER_UNAVAILABLE: _ClassVar[Reason]
    REASON_MOUNT_FAULT: _ClassVar[Reason]
    REASON_CAMERA_FAULT: _ClassVar[Reason]
    REASON_DOME_FAULT: _ClassVar[Reason]
    REASON_GUIDING_OR_ACQUISITION: _ClassVar[Reason]
    REASON_WINDOW_TOO_SHORT: _ClassVar[Reason]
    REASON_SUPERSEDED: _ClassVar[Reason]
    REASON_LINK_LOST: _ClassVar[Reason]
    REASON_INTERNAL: _ClassVar[Reason]
    REASON_QUOTA: _ClassVar[Reason]
    REASON_RETRACTED: _ClassVar[Reason]
POINTING_STATE_UNSPECIFIED: PointingState
POINTING_STATE_OFFERED: PointingState
POINTING_STATE_ACCEPTED: PointingState
POINTING_STATE_SLEWING: PointingState
POINTING_STATE_EXPOSING: PointingState
POINTING_STATE_COMPLETED: PointingState
POINTING_STATE_PARTIAL: PointingState
POINTING_STATE_FAILED: PointingState
POINTING_STATE_REJECTED: PointingState
POINTING_STATE_EXPIRED: PointingState
POINTING_STATE_REVOKED: PointingState
REASON_UNSPECIFIED: Reason
REASON_WEATHER: Reason
REASON_UNSAFE: Reason
REASON_DAYLIGHT: Reason
REASON_BELOW_HORIZON: Reason
REASON_MOON: Reason
REASON_BUSY_HIGHER_PRIORITY: Reason
REASON_VETOED_BY_OPERATOR: Reason
REASON_MAINTENANCE: Reason
REASON_FILTER_UNAVAILABLE: Reason
REASON_MOUNT_FAULT: Reason
REASON_CAMERA_FAULT: Reason
REASON_DOME_FAULT: Reason
REASON_GUIDING_OR_ACQUISITION: Reason
REASON_WINDOW_TOO_SHORT: Reason
REASON_SUPERSEDED: Reason
REASON_LINK_LOST: Reason
REASON_INTERNAL: Reason
REASON_QUOTA: Reason
REASON_RETRACTED: Reason

class TimeWindow(_message.Message):
    __slots__ = ("start_time", "end_time")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Exposure(_message.Message):
    __slots__ = ("filter", "exposure_s", "count", "binning", "dither_arcsec", "target_depth_mag_ab")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    EXPOSURE_S_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    BINNING_FIELD_NUMBER: _ClassVar[int]
    DITHER_ARCSEC_FIELD_NUMBER: _ClassVar[int]
    TARGET_DEPTH_MAG_AB_FIELD_NUMBER: _ClassVar[int]
    filter: str
    exposure_s: float
    count: int
    binning: int
    dither_arcsec: float
    target_depth_mag_ab: float
    def __init__(self, filter: _Optional[str] = ..., exposure_s: _Optional[float] = ..., count: _Optional[int] = ..., binning: _Optional[int] = ..., dither_arcsec: _Optional[float] = ..., target_depth_mag_ab: _Optional[float] = ...) -> None: ...

class Constraints(_message.Message):
    __slots__ = ("min_altitude_deg", "max_airmass", "max_sun_altitude_deg", "min_moon_separation_deg", "pointing_tolerance_arcsec")
    MIN_ALTITUDE_DEG_FIELD_NUMBER: _ClassVar[int]
    MAX_AIRMASS_FIELD_NUMBER: _ClassVar[int]
    MAX_SUN_ALTITUDE_DEG_FIELD_NUMBER: _ClassVar[int]
    MIN_MOON_SEPARATION_DEG_FIELD_NUMBER: _ClassVar[int]
    POINTING_TOLERANCE_ARCSEC_FIELD_NUMBER: _ClassVar[int]
    min_altitude_deg: float
    max_airmass: float
    max_sun_altitude_deg: float
    min_moon_separation_deg: float
    pointing_tolerance_arcsec: float
    def __init__(self, min_altitude_deg: _Optional[float] = ..., max_airmass: _Optional[float] = ..., max_sun_altitude_deg: _Optional[float] = ..., min_moon_separation_deg: _Optional[float] = ..., pointing_tolerance_arcsec: _Optional[float] = ...) -> None: ...

class Pointing(_message.Message):
    __slots__ = ("pointing_id", "revision", "plan_id", "event_id", "telescope_id", "instrument_id", "ra_deg", "dec_deg", "position_angle_deg", "field_id", "probability", "rank", "priority", "window", "exposures", "constraints", "may_interrupt", "require_human_approval", "acceptability_threshold", "traceparent", "visit", "accept_within", "event_revision", "approved_by", "limit_mag_ab", "planned_start_time")
    POINTING_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PLAN_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    TELESCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RA_DEG_FIELD_NUMBER: _ClassVar[int]
    DEC_DEG_FIELD_NUMBER: _ClassVar[int]
    POSITION_ANGLE_DEG_FIELD_NUMBER: _ClassVar[int]
    FIELD_ID_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    EXPOSURES_FIELD_NUMBER: _ClassVar[int]
    CONSTRAINTS_FIELD_NUMBER: _ClassVar[int]
    MAY_INTERRUPT_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_HUMAN_APPROVAL_FIELD_NUMBER: _ClassVar[int]
    ACCEPTABILITY_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    VISIT_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_WITHIN_FIELD_NUMBER: _ClassVar[int]
    EVENT_REVISION_FIELD_NUMBER: _ClassVar[int]
    APPROVED_BY_FIELD_NUMBER: _ClassVar[int]
    LIMIT_MAG_AB_FIELD_NUMBER: _ClassVar[int]
    PLANNED_START_TIME_FIELD_NUMBER: _ClassVar[int]
    pointing_id: str
    revision: int
    plan_id: str
    event_id: str
    telescope_id: str
    instrument_id: str
    ra_deg: float
    dec_deg: float
    position_angle_deg: float
    field_id: str
    probability: float
    rank: int
    priority: int
    window: TimeWindow
    exposures: _containers.RepeatedCompositeFieldContainer[Exposure]
    constraints: Constraints
    may_interrupt: bool
    require_human_approval: bool
    acceptability_threshold: float
    traceparent: str
    visit: str
    accept_within: _duration_pb2.Duration
    event_revision: int
    approved_by: str
    limit_mag_ab: float
    planned_start_time: _timestamp_pb2.Timestamp
    def __init__(self, pointing_id: _Optional[str] = ..., revision: _Optional[int] = ..., plan_id: _Optional[str] = ..., event_id: _Optional[str] = ..., telescope_id: _Optional[str] = ..., instrument_id: _Optional[str] = ..., ra_deg: _Optional[float] = ..., dec_deg: _Optional[float] = ..., position_angle_deg: _Optional[float] = ..., field_id: _Optional[str] = ..., probability: _Optional[float] = ..., rank: _Optional[int] = ..., priority: _Optional[int] = ..., window: _Optional[_Union[TimeWindow, _Mapping]] = ..., exposures: _Optional[_Iterable[_Union[Exposure, _Mapping]]] = ..., constraints: _Optional[_Union[Constraints, _Mapping]] = ..., may_interrupt: bool = ..., require_human_approval: bool = ..., acceptability_threshold: _Optional[float] = ..., traceparent: _Optional[str] = ..., visit: _Optional[str] = ..., accept_within: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., event_revision: _Optional[int] = ..., approved_by: _Optional[str] = ..., limit_mag_ab: _Optional[float] = ..., planned_start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Revocation(_message.Message):
    __slots__ = ("pointing_id", "revision", "reason", "abort_if_started")
    POINTING_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ABORT_IF_STARTED_FIELD_NUMBER: _ClassVar[int]
    pointing_id: str
    revision: int
    reason: Reason
    abort_if_started: bool
    def __init__(self, pointing_id: _Optional[str] = ..., revision: _Optional[int] = ..., reason: _Optional[_Union[Reason, str]] = ..., abort_if_started: bool = ...) -> None: ...

class Footprint(_message.Message):
    __slots__ = ("rectangle", "circle", "polygons")
    class Rectangle(_message.Message):
        __slots__ = ("width_deg", "height_deg")
        WIDTH_DEG_FIELD_NUMBER: _ClassVar[int]
        HEIGHT_DEG_FIELD_NUMBER: _ClassVar[int]
        width_deg: float
        height_deg: float
        def __init__(self, width_deg: _Optional[float] = ..., height_deg: _Optional[float] = ...) -> None: ...
    class Circle(_message.Message):
        __slots__ = ("radius_deg",)
        RADIUS_DEG_FIELD_NUMBER: _ClassVar[int]
        radius_deg: float
        def __init__(self, radius_deg: _Optional[float] = ...) -> None: ...
    class Vertex(_message.Message):
        __slots__ = ("x_east_deg", "y_north_deg")
        X_EAST_DEG_FIELD_NUMBER: _ClassVar[int]
        Y_NORTH_DEG_FIELD_NUMBER: _ClassVar[int]
        x_east_deg: float
        y_north_deg: float
        def __init__(self, x_east_deg: _Optional[float] = ..., y_north_deg: _Optional[float] = ...) -> None: ...
    class Polygon(_message.Message):
        __slots__ = ("vertices",)
        VERTICES_FIELD_NUMBER: _ClassVar[int]
        vertices: _containers.RepeatedCompositeFieldContainer[Footprint.Vertex]
        def __init__(self, vertices: _Optional[_Iterable[_Union[Footprint.Vertex, _Mapping]]] = ...) -> None: ...
    class Polygons(_message.Message):
        __slots__ = ("polygons",)
        POLYGONS_FIELD_NUMBER: _ClassVar[int]
        polygons: _containers.RepeatedCompositeFieldContainer[Footprint.Polygon]
        def __init__(self, polygons: _Optional[_Iterable[_Union[Footprint.Polygon, _Mapping]]] = ...) -> None: ...
    RECTANGLE_FIELD_NUMBER: _ClassVar[int]
    CIRCLE_FIELD_NUMBER: _ClassVar[int]
    POLYGONS_FIELD_NUMBER: _ClassVar[int]
    rectangle: Footprint.Rectangle
    circle: Footprint.Circle
    polygons: Footprint.Polygons
    def __init__(self, rectangle: _Optional[_Union[Footprint.Rectangle, _Mapping]] = ..., circle: _Optional[_Union[Footprint.Circle, _Mapping]] = ..., polygons: _Optional[_Union[Footprint.Polygons, _Mapping]] = ...) -> None: ...

class Instrument(_message.Message):
    __slots__ = ("instrument_id", "filters", "footprint", "readout_s", "filter_change_s")
    INSTRUMENT_ID_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    FOOTPRINT_FIELD_NUMBER: _ClassVar[int]
    READOUT_S_FIELD_NUMBER: _ClassVar[int]
    FILTER_CHANGE_S_FIELD_NUMBER: _ClassVar[int]
    instrument_id: str
    filters: _containers.RepeatedScalarFieldContainer[str]
    footprint: Footprint
    readout_s: float
    filter_change_s: float
    def __init__(self, instrument_id: _Optional[str] = ..., filters: _Optional[_Iterable[str]] = ..., footprint: _Optional[_Union[Footprint, _Mapping]] = ..., readout_s: _Optional[float] = ..., filter_change_s: _Optional[float] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("min_altitude_deg", "max_sun_altitude_deg", "min_moon_separation_deg", "min_declination_deg", "max_declination_deg")
    MIN_ALTITUDE_DEG_FIELD_NUMBER: _ClassVar[int]
    MAX_SUN_ALTITUDE_DEG_FIELD_NUMBER: _ClassVar[int]
    MIN_MOON_SEPARATION_DEG_FIELD_NUMBER: _ClassVar[int]
    MIN_DECLINATION_DEG_FIELD_NUMBER: _ClassVar[int]
    MAX_DECLINATION_DEG_FIELD_NUMBER: _ClassVar[int]
    min_altitude_deg: float
    max_sun_altitude_deg: float
    min_moon_separation_deg: float
    min_declination_deg: float
    max_declination_deg: float
    def __init__(self, min_altitude_deg: _Optional[float] = ..., max_sun_altitude_deg: _Optional[float] = ..., min_moon_separation_deg: _Optional[float] = ..., min_declination_deg: _Optional[float] = ..., max_declination_deg: _Optional[float] = ...) -> None: ...

class Capabilities(_message.Message):
    __slots__ = ("instruments", "limits", "overhead_s", "config_sha256", "drivers")
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    OVERHEAD_S_FIELD_NUMBER: _ClassVar[int]
    CONFIG_SHA256_FIELD_NUMBER: _ClassVar[int]
    DRIVERS_FIELD_NUMBER: _ClassVar[int]
    instruments: _containers.RepeatedCompositeFieldContainer[Instrument]
    limits: Limits
    overhead_s: float
    config_sha256: bytes
    drivers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, instruments: _Optional[_Iterable[_Union[Instrument, _Mapping]]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., overhead_s: _Optional[float] = ..., config_sha256: _Optional[bytes] = ..., drivers: _Optional[_Iterable[str]] = ...) -> None: ...

class SkyClock(_message.Message):
    __slots__ = ("sky_time", "rate")
    SKY_TIME_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    sky_time: _timestamp_pb2.Timestamp
    rate: float
    def __init__(self, sky_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., rate: _Optional[float] = ...) -> None: ...

class OpenSessionRequest(_message.Message):
    __slots__ = ("telescope_id", "agent_version", "boot_id", "last_applied_seq", "capabilities", "client_time", "journal_id")
    TELESCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_APPLIED_SEQ_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    CLIENT_TIME_FIELD_NUMBER: _ClassVar[int]
    JOURNAL_ID_FIELD_NUMBER: _ClassVar[int]
    telescope_id: str
    agent_version: str
    boot_id: str
    last_applied_seq: int
    capabilities: Capabilities
    client_time: _timestamp_pb2.Timestamp
    journal_id: str
    def __init__(self, telescope_id: _Optional[str] = ..., agent_version: _Optional[str] = ..., boot_id: _Optional[str] = ..., last_applied_seq: _Optional[int] = ..., capabilities: _Optional[_Union[Capabilities, _Mapping]] = ..., client_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., journal_id: _Optional[str] = ...) -> None: ...

class OpenSessionResponse(_message.Message):
    __slots__ = ("session_id", "session_epoch", "journal_id", "sky_clock", "heartbeat_interval", "lease_duration", "server_time", "snapshot_required", "head_seq")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_EPOCH_FIELD_NUMBER: _ClassVar[int]
    JOURNAL_ID_FIELD_NUMBER: _ClassVar[int]
    SKY_CLOCK_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    LEASE_DURATION_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    HEAD_SEQ_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    session_epoch: int
    journal_id: str
    sky_clock: SkyClock
    heartbeat_interval: _duration_pb2.Duration
    lease_duration: _duration_pb2.Duration
    server_time: _timestamp_pb2.Timestamp
    snapshot_required: bool
    head_seq: int
    def __init__(self, session_id: _Optional[str] = ..., session_epoch: _Optional[int] = ..., journal_id: _Optional[str] = ..., sky_clock: _Optional[_Union[SkyClock, _Mapping]] = ..., heartbeat_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., lease_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., server_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., snapshot_required: bool = ..., head_seq: _Optional[int] = ...) -> None: ...

class WatchCommandsRequest(_message.Message):
    __slots__ = ("session_id", "after_seq")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQ_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    after_seq: int
    def __init__(self, session_id: _Optional[str] = ..., after_seq: _Optional[int] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("server_time", "sky_clock")
    SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
    SKY_CLOCK_FIELD_NUMBER: _ClassVar[int]
    server_time: _timestamp_pb2.Timestamp
    sky_clock: SkyClock
    def __init__(self, server_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sky_clock: _Optional[_Union[SkyClock, _Mapping]] = ...) -> None: ...

class Drain(_message.Message):
    __slots__ = ("reconnect_after",)
    RECONNECT_AFTER_FIELD_NUMBER: _ClassVar[int]
    reconnect_after: _duration_pb2.Duration
    def __init__(self, reconnect_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class WatchCommandsResponse(_message.Message):
    __slots__ = ("seq", "pointing", "revocation", "heartbeat", "drain")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    POINTING_FIELD_NUMBER: _ClassVar[int]
    REVOCATION_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    seq: int
    pointing: Pointing
    revocation: Revocation
    heartbeat: Heartbeat
    drain: Drain
    def __init__(self, seq: _Optional[int] = ..., pointing: _Optional[_Union[Pointing, _Mapping]] = ..., revocation: _Optional[_Union[Revocation, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., drain: _Optional[_Union[Drain, _Mapping]] = ...) -> None: ...

class ExposureResult(_message.Message):
    __slots__ = ("exposure_index", "filter", "window", "exposure_s", "limiting_mag_ab", "fwhm_arcsec", "image_uri", "image_sha256")
    EXPOSURE_INDEX_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    EXPOSURE_S_FIELD_NUMBER: _ClassVar[int]
    LIMITING_MAG_AB_FIELD_NUMBER: _ClassVar[int]
    FWHM_ARCSEC_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URI_FIELD_NUMBER: _ClassVar[int]
    IMAGE_SHA256_FIELD_NUMBER: _ClassVar[int]
    exposure_index: int
    filter: str
    window: TimeWindow
    exposure_s: float
    limiting_mag_ab: float
    fwhm_arcsec: float
    image_uri: str
    image_sha256: bytes
    def __init__(self, exposure_index: _Optional[int] = ..., filter: _Optional[str] = ..., window: _Optional[_Union[TimeWindow, _Mapping]] = ..., exposure_s: _Optional[float] = ..., limiting_mag_ab: _Optional[float] = ..., fwhm_arcsec: _Optional[float] = ..., image_uri: _Optional[str] = ..., image_sha256: _Optional[bytes] = ...) -> None: ...

class PointingReport(_message.Message):
    __slots__ = ("report_id", "pointing_id", "revision", "state", "reason", "detail", "report_time", "fraction_done", "expected_end_time", "actual_ra_deg", "actual_dec_deg", "actual_position_angle_deg", "exposures", "agent_seq", "late")
    REPORT_ID_FIELD_NUMBER: _ClassVar[int]
    POINTING_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    REPORT_TIME_FIELD_NUMBER: _ClassVar[int]
    FRACTION_DONE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_END_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTUAL_RA_DEG_FIELD_NUMBER: _ClassVar[int]
    ACTUAL_DEC_DEG_FIELD_NUMBER: _ClassVar[int]
    ACTUAL_POSITION_ANGLE_DEG_FIELD_NUMBER: _ClassVar[int]
    EXPOSURES_FIELD_NUMBER: _ClassVar[int]
    AGENT_SEQ_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    report_id: str
    pointing_id: str
    revision: int
    state: PointingState
    reason: Reason
    detail: str
    report_time: _timestamp_pb2.Timestamp
    fraction_done: float
    expected_end_time: _timestamp_pb2.Timestamp
    actual_ra_deg: float
    actual_dec_deg: float
    actual_position_angle_deg: float
    exposures: _containers.RepeatedCompositeFieldContainer[ExposureResult]
    agent_seq: int
    late: bool
    def __init__(self, report_id: _Optional[str] = ..., pointing_id: _Optional[str] = ..., revision: _Optional[int] = ..., state: _Optional[_Union[PointingState, str]] = ..., reason: _Optional[_Union[Reason, str]] = ..., detail: _Optional[str] = ..., report_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., fraction_done: _Optional[float] = ..., expected_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., actual_ra_deg: _Optional[float] = ..., actual_dec_deg: _Optional[float] = ..., actual_position_angle_deg: _Optional[float] = ..., exposures: _Optional[_Iterable[_Union[ExposureResult, _Mapping]]] = ..., agent_seq: _Optional[int] = ..., late: bool = ...) -> None: ...

class ReportPointingsRequest(_message.Message):
    __slots__ = ("session_id", "acked_seq", "reports")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ACKED_SEQ_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    acked_seq: int
    reports: _containers.RepeatedCompositeFieldContainer[PointingReport]
    def __init__(self, session_id: _Optional[str] = ..., acked_seq: _Optional[int] = ..., reports: _Optional[_Iterable[_Union[PointingReport, _Mapping]]] = ...) -> None: ...

class ItemResult(_message.Message):
    __slots__ = ("item_id", "code", "reason", "current_state")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CURRENT_STATE_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    code: int
    reason: str
    current_state: PointingState
    def __init__(self, item_id: _Optional[str] = ..., code: _Optional[int] = ..., reason: _Optional[str] = ..., current_state: _Optional[_Union[PointingState, str]] = ...) -> None: ...

class ReportPointingsResponse(_message.Message):
    __slots__ = ("results", "server_time")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ItemResult]
    server_time: _timestamp_pb2.Timestamp
    def __init__(self, results: _Optional[_Iterable[_Union[ItemResult, _Mapping]]] = ..., server_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ReportStatusRequest(_message.Message):
    __slots__ = ("session_id", "client_time", "safe", "temperature_c", "humidity_pct", "wind_mps", "rain_mm_per_h", "cloud_cover_pct", "sky_quality_mag_arcsec2", "seeing_arcsec", "active_pointing_id", "blocking_reasons", "unavailable_until_time", "buffered_reports", "clock_offset_s", "acked_seq", "vetoed_event_ids")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_TIME_FIELD_NUMBER: _ClassVar[int]
    SAFE_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_C_FIELD_NUMBER: _ClassVar[int]
    HUMIDITY_PCT_FIELD_NUMBER: _ClassVar[int]
    WIND_MPS_FIELD_NUMBER: _ClassVar[int]
    RAIN_MM_PER_H_FIELD_NUMBER: _ClassVar[int]
    CLOUD_COVER_PCT_FIELD_NUMBER: _ClassVar[int]
    SKY_QUALITY_MAG_ARCSEC2_FIELD_NUMBER: _ClassVar[int]
    SEEING_ARCSEC_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_POINTING_ID_FIELD_NUMBER: _ClassVar[int]
    BLOCKING_REASONS_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    BUFFERED_REPORTS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_OFFSET_S_FIELD_NUMBER: _ClassVar[int]
    ACKED_SEQ_FIELD_NUMBER: _ClassVar[int]
    VETOED_EVENT_IDS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    client_time: _timestamp_pb2.Timestamp
    safe: bool
    temperature_c: float
    humidity_pct: float
    wind_mps: float
    rain_mm_per_h: float
    cloud_cover_pct: float
    sky_quality_mag_arcsec2: float
    seeing_arcsec: float
    active_pointing_id: str
    blocking_reasons: _containers.RepeatedScalarFieldContainer[Reason]
    unavailable_until_time: _timestamp_pb2.Timestamp
    buffered_reports: int
    clock_offset_s: float
    acked_seq: int
    vetoed_event_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, session_id: _Optional[str] = ..., client_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., safe: bool = ..., temperature_c: _Optional[float] = ..., humidity_pct: _Optional[float] = ..., wind_mps: _Optional[float] = ..., rain_mm_per_h: _Optional[float] = ..., cloud_cover_pct: _Optional[float] = ..., sky_quality_mag_arcsec2: _Optional[float] = ..., seeing_arcsec: _Optional[float] = ..., active_pointing_id: _Optional[str] = ..., blocking_reasons: _Optional[_Iterable[_Union[Reason, str]]] = ..., unavailable_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., buffered_reports: _Optional[int] = ..., clock_offset_s: _Optional[float] = ..., acked_seq: _Optional[int] = ..., vetoed_event_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ReportStatusResponse(_message.Message):
    __slots__ = ("server_time", "lease_left", "sky_clock")
    SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
    LEASE_LEFT_FIELD_NUMBER: _ClassVar[int]
    SKY_CLOCK_FIELD_NUMBER: _ClassVar[int]
    server_time: _timestamp_pb2.Timestamp
    lease_left: _duration_pb2.Duration
    sky_clock: SkyClock
    def __init__(self, server_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lease_left: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., sky_clock: _Optional[_Union[SkyClock, _Mapping]] = ...) -> None: ...

class Detection(_message.Message):
    __slots__ = ("detection_id", "pointing_id", "ra_deg", "dec_deg", "pos_err_arcsec", "mid_exposure_time", "filter", "mag_ab", "mag_err", "limiting_mag_ab", "real_bogus", "snr", "host_separation_arcsec", "cutout_png", "image_uri", "host_redshift", "host_redshift_err")
    DETECTION_ID_FIELD_NUMBER: _ClassVar[int]
    POINTING_ID_FIELD_NUMBER: _ClassVar[int]
    RA_DEG_FIELD_NUMBER: _ClassVar[int]
    DEC_DEG_FIELD_NUMBER: _ClassVar[int]
    POS_ERR_ARCSEC_FIELD_NUMBER: _ClassVar[int]
    MID_EXPOSURE_TIME_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    MAG_AB_FIELD_NUMBER: _ClassVar[int]
    MAG_ERR_FIELD_NUMBER: _ClassVar[int]
    LIMITING_MAG_AB_FIELD_NUMBER: _ClassVar[int]
    REAL_BOGUS_FIELD_NUMBER: _ClassVar[int]
    SNR_FIELD_NUMBER: _ClassVar[int]
    HOST_SEPARATION_ARCSEC_FIELD_NUMBER: _ClassVar[int]
    CUTOUT_PNG_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URI_FIELD_NUMBER: _ClassVar[int]
    HOST_REDSHIFT_FIELD_NUMBER: _ClassVar[int]
    HOST_REDSHIFT_ERR_FIELD_NUMBER: _ClassVar[int]
    detection_id: str
    pointing_id: str
    ra_deg: float
    dec_deg: float
    pos_err_arcsec: float
    mid_exposure_time: _timestamp_pb2.Timestamp
    filter: str
    mag_ab: float
    mag_err: float
    limiting_mag_ab: float
    real_bogus: float
    snr: float
    host_separation_arcsec: float
    cutout_png: bytes
    image_uri: str
    host_redshift: float
    host_redshift_err: float
    def __init__(self, detection_id: _Optional[str] = ..., pointing_id: _Optional[str] = ..., ra_deg: _Optional[float] = ..., dec_deg: _Optional[float] = ..., pos_err_arcsec: _Optional[float] = ..., mid_exposure_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., filter: _Optional[str] = ..., mag_ab: _Optional[float] = ..., mag_err: _Optional[float] = ..., limiting_mag_ab: _Optional[float] = ..., real_bogus: _Optional[float] = ..., snr: _Optional[float] = ..., host_separation_arcsec: _Optional[float] = ..., cutout_png: _Optional[bytes] = ..., image_uri: _Optional[str] = ..., host_redshift: _Optional[float] = ..., host_redshift_err: _Optional[float] = ...) -> None: ...

class ReportDetectionsRequest(_message.Message):
    __slots__ = ("session_id", "detections")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    DETECTIONS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    detections: _containers.RepeatedCompositeFieldContainer[Detection]
    def __init__(self, session_id: _Optional[str] = ..., detections: _Optional[_Iterable[_Union[Detection, _Mapping]]] = ...) -> None: ...

class ReportDetectionsResponse(_message.Message):
    __slots__ = ("results", "server_time")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ItemResult]
    server_time: _timestamp_pb2.Timestamp
    def __init__(self, results: _Optional[_Iterable[_Union[ItemResult, _Mapping]]] = ..., server_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListPointingsRequest(_message.Message):
    __slots__ = ("session_id", "states", "page_size", "page_token")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    states: _containers.RepeatedScalarFieldContainer[PointingState]
    page_size: int
    page_token: str
    def __init__(self, session_id: _Optional[str] = ..., states: _Optional[_Iterable[_Union[PointingState, str]]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListedPointing(_message.Message):
    __slots__ = ("pointing", "state", "revocation_requested", "revocation")
    POINTING_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REVOCATION_REQUESTED_FIELD_NUMBER: _ClassVar[int]
    REVOCATION_FIELD_NUMBER: _ClassVar[int]
    pointing: Pointing
    state: PointingState
    revocation_requested: bool
    revocation: Revocation
    def __init__(self, pointing: _Optional[_Union[Pointing, _Mapping]] = ..., state: _Optional[_Union[PointingState, str]] = ..., revocation_requested: bool = ..., revocation: _Optional[_Union[Revocation, _Mapping]] = ...) -> None: ...

class ListPointingsResponse(_message.Message):
    __slots__ = ("pointings", "next_page_token", "as_of_seq", "server_time")
    POINTINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AS_OF_SEQ_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
    pointings: _containers.RepeatedCompositeFieldContainer[ListedPointing]
    next_page_token: str
    as_of_seq: int
    server_time: _timestamp_pb2.Timestamp
    def __init__(self, pointings: _Optional[_Iterable[_Union[ListedPointing, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., as_of_seq: _Optional[int] = ..., server_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
