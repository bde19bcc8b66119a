import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TelescopeState(_message.Message):
    __slots__ = ("telescope_id", "state", "since_time", "open_pointings", "lease_left_s", "clock_offset_s", "blocked_because")
    TELESCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    OPEN_POINTINGS_FIELD_NUMBER: _ClassVar[int]
    LEASE_LEFT_S_FIELD_NUMBER: _ClassVar[int]
    CLOCK_OFFSET_S_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    telescope_id: str
    state: str
    since_time: _timestamp_pb2.Timestamp
    open_pointings: int
    lease_left_s: float
    clock_offset_s: float
    blocked_because: str
    def __init__(self, telescope_id: _Optional[str] = ..., state: _Optional[str] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., open_pointings: _Optional[int] = ..., lease_left_s: _Optional[float] = ..., clock_offset_s: _Optional[float] = ..., blocked_because: _Optional[str] = ...) -> None: ...

class ListTelescopesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListTelescopesResponse(_message.Message):
    __slots__ = ("telescopes",)
    TELESCOPES_FIELD_NUMBER: _ClassVar[int]
    telescopes: _containers.RepeatedCompositeFieldContainer[TelescopeState]
    def __init__(self, telescopes: _Optional[_Iterable[_Union[TelescopeState, _Mapping]]] = ...) -> None: ...

class PauseTelescopeRequest(_message.Message):
    __slots__ = ("action_id", "telescope_id", "operator", "reason")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TELESCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    telescope_id: str
    operator: str
    reason: str
    def __init__(self, action_id: _Optional[str] = ..., telescope_id: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class PauseTelescopeResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class ResumeTelescopeRequest(_message.Message):
    __slots__ = ("action_id", "telescope_id", "operator", "reason", "event_key")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TELESCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EVENT_KEY_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    telescope_id: str
    operator: str
    reason: str
    event_key: str
    def __init__(self, action_id: _Optional[str] = ..., telescope_id: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ..., event_key: _Optional[str] = ...) -> None: ...

class ResumeTelescopeResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class VetoPointingRequest(_message.Message):
    __slots__ = ("action_id", "pointing_id", "operator", "reason")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    POINTING_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    pointing_id: str
    operator: str
    reason: str
    def __init__(self, action_id: _Optional[str] = ..., pointing_id: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class VetoPointingResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class VetoEventRequest(_message.Message):
    __slots__ = ("action_id", "telescope_id", "operator", "reason", "event_key")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TELESCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EVENT_KEY_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    telescope_id: str
    operator: str
    reason: str
    event_key: str
    def __init__(self, action_id: _Optional[str] = ..., telescope_id: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ..., event_key: _Optional[str] = ...) -> None: ...

class VetoEventResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class VetoNightRequest(_message.Message):
    __slots__ = ("action_id", "telescope_id", "operator", "reason")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TELESCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    telescope_id: str
    operator: str
    reason: str
    def __init__(self, action_id: _Optional[str] = ..., telescope_id: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class VetoNightResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class ScheduleMaintenanceRequest(_message.Message):
    __slots__ = ("action_id", "telescope_id", "operator", "reason", "start_time", "end_time")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TELESCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    telescope_id: str
    operator: str
    reason: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, action_id: _Optional[str] = ..., telescope_id: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ScheduleMaintenanceResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class CancelMaintenanceRequest(_message.Message):
    __slots__ = ("action_id", "telescope_id", "operator", "reason")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TELESCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    telescope_id: str
    operator: str
    reason: str
    def __init__(self, action_id: _Optional[str] = ..., telescope_id: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CancelMaintenanceResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class ApprovePointingRequest(_message.Message):
    __slots__ = ("action_id", "pointing_id", "operator", "reason")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    POINTING_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    pointing_id: str
    operator: str
    reason: str
    def __init__(self, action_id: _Optional[str] = ..., pointing_id: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ApprovePointingResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class ApproveEventRequest(_message.Message):
    __slots__ = ("action_id", "event_key", "operator", "reason")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_KEY_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    event_key: str
    operator: str
    reason: str
    def __init__(self, action_id: _Optional[str] = ..., event_key: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ApproveEventResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class DismissEventRequest(_message.Message):
    __slots__ = ("action_id", "event_key", "operator", "reason")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_KEY_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    event_key: str
    operator: str
    reason: str
    def __init__(self, action_id: _Optional[str] = ..., event_key: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class DismissEventResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class MarkCandidateRequest(_message.Message):
    __slots__ = ("action_id", "event_key", "candidate_id", "mark", "operator", "reason")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_KEY_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_ID_FIELD_NUMBER: _ClassVar[int]
    MARK_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    event_key: str
    candidate_id: str
    mark: str
    operator: str
    reason: str
    def __init__(self, action_id: _Optional[str] = ..., event_key: _Optional[str] = ..., candidate_id: _Optional[str] = ..., mark: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class MarkCandidateResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class CommentCandidateRequest(_message.Message):
    __slots__ = ("action_id", "event_key", "candidate_id", "operator", "comment")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_KEY_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    event_key: str
    candidate_id: str
    operator: str
    comment: str
    def __init__(self, action_id: _Optional[str] = ..., event_key: _Optional[str] = ..., candidate_id: _Optional[str] = ..., operator: _Optional[str] = ..., comment: _Optional[str] = ...) -> None: ...

class CommentCandidateResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...

class RetryQuarantineRequest(_message.Message):
    __slots__ = ("after",)
    AFTER_FIELD_NUMBER: _ClassVar[int]
    after: str
    def __init__(self, after: _Optional[str] = ...) -> None: ...

class QuarantinedMessage(_message.Message):
    __slots__ = ("file", "raw_sha256", "outcome", "event_key", "reason")
    FILE_FIELD_NUMBER: _ClassVar[int]
    RAW_SHA256_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    EVENT_KEY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    file: str
    raw_sha256: str
    outcome: str
    event_key: str
    reason: str
    def __init__(self, file: _Optional[str] = ..., raw_sha256: _Optional[str] = ..., outcome: _Optional[str] = ..., event_key: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RetryQuarantineResponse(_message.Message):
    __slots__ = ("messages", "next")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[QuarantinedMessage]
    next: str
    def __init__(self, messages: _Optional[_Iterable[_Union[QuarantinedMessage, _Mapping]]] = ..., next: _Optional[str] = ...) -> None: ...

class SubmitAlertRequest(_message.Message):
    __slots__ = ("name", "data", "purpose", "event_key")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    EVENT_KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    data: bytes
    purpose: str
    event_key: str
    def __init__(self, name: _Optional[str] = ..., data: _Optional[bytes] = ..., purpose: _Optional[str] = ..., event_key: _Optional[str] = ...) -> None: ...

class SubmitAlertResponse(_message.Message):
    __slots__ = ("seq", "outcome", "event_key", "reason")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    EVENT_KEY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    seq: int
    outcome: str
    event_key: str
    reason: str
    def __init__(self, seq: _Optional[int] = ..., outcome: _Optional[str] = ..., event_key: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("document",)
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    document: bytes
    def __init__(self, document: _Optional[bytes] = ...) -> None: ...

class AskPointingRequest(_message.Message):
    __slots__ = ("action_id", "telescope_id", "operator", "reason", "event_key", "candidate_id", "ra_deg", "dec_deg", "filter", "exposure_s", "count", "start_time", "end_time", "anyway")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TELESCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EVENT_KEY_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_ID_FIELD_NUMBER: _ClassVar[int]
    RA_DEG_FIELD_NUMBER: _ClassVar[int]
    DEC_DEG_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    EXPOSURE_S_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ANYWAY_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    telescope_id: str
    operator: str
    reason: str
    event_key: str
    candidate_id: str
    ra_deg: float
    dec_deg: float
    filter: str
    exposure_s: float
    count: int
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    anyway: bool
    def __init__(self, action_id: _Optional[str] = ..., telescope_id: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ..., event_key: _Optional[str] = ..., candidate_id: _Optional[str] = ..., ra_deg: _Optional[float] = ..., dec_deg: _Optional[float] = ..., filter: _Optional[str] = ..., exposure_s: _Optional[float] = ..., count: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., anyway: bool = ...) -> None: ...

class AskPointingResponse(_message.Message):
    __slots__ = ("seq", "pointing")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    POINTING_FIELD_NUMBER: _ClassVar[int]
    seq: int
    pointing: str
    def __init__(self, seq: _Optional[int] = ..., pointing: _Optional[str] = ...) -> None: ...

class WithdrawPointingRequest(_message.Message):
    __slots__ = ("action_id", "telescope_id", "operator", "reason", "pointing")
    ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TELESCOPE_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    POINTING_FIELD_NUMBER: _ClassVar[int]
    action_id: str
    telescope_id: str
    operator: str
    reason: str
    pointing: str
    def __init__(self, action_id: _Optional[str] = ..., telescope_id: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ..., pointing: _Optional[str] = ...) -> None: ...

class WithdrawPointingResponse(_message.Message):
    __slots__ = ("seq",)
    SEQ_FIELD_NUMBER: _ClassVar[int]
    seq: int
    def __init__(self, seq: _Optional[int] = ...) -> None: ...
