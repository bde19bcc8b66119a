"""What the journal says about pointings and telescopes: facts in the past tense, each complete in itself."""

from dataclasses import dataclass, field
from datetime import datetime

from telescopes.description.messages import Pointing, PointingReport
from telescopes.description.states import PointingState, Reason


@dataclass(frozen=True, slots=True)
class PlanMade:
    """A plan exists; it reserves nothing. The plan itself lies in the blob folder."""

    plan_id: str
    plan_sha256: str
    because: str
    events: tuple[str, ...]
    planned: dict[str, float]
    kept: int = 0
    moved: int = 0
    added: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class PointingOffered:
    """A telescope was offered a pointing: from here on it owns the sky in `ranges` and its telescope's time.

    `command_seq` is dense per telescope and numbers the command that carries it; `ranges` is `Ranges.encode`.
    `planned_end` ends the telescope's time that it owns. `objective` ("probability" or "detection") is what `value` and
    `new_value` count; `probability` and `new_probability` count the area alone.
    """

    pointing: Pointing
    command_seq: int
    planned_end: datetime
    ranges: str
    probability: float
    new_probability: float
    value: float
    new_value: float
    why: str = ""
    objective: str = "probability"


@dataclass(frozen=True, slots=True)
class PointingApproved:
    """A person at the coordinator said yes to an open offer, which goes out again as `revision`."""

    pointing_id: str
    revision: int
    approved_by: str
    command_seq: int


@dataclass(frozen=True, slots=True)
class RevocationRequested:
    """A telescope was asked to give a pointing back; it owns its sky until it answers."""

    pointing_id: str
    revision: int
    reason: Reason
    abort_if_started: bool
    command_seq: int


@dataclass(frozen=True, slots=True)
class PointingMoved:
    """A pointing reached a state, by a telescope's report or by the end of an offer, a window or a lease.

    `ranges` is given where the telescope looked elsewhere than asked. `late_repeat`: late truth or a newer map
    revealed that its sky had been looked at already. `exposures_sha256`: the report's exposures are too many for
    an entry; all of them lie in this blob, the report holds the first, the deepest and the last, and `reached_mag_ab`
    is what all of them reach together (None: as those in the report do).
    """

    pointing_id: str
    to: PointingState
    reason: Reason | None = None
    detail: str = ""
    late: bool = False
    late_repeat: bool = False
    report: PointingReport | None = None
    ranges: str | None = None
    exposures_sha256: str | None = None
    reached_mag_ab: float | None = None


@dataclass(frozen=True, slots=True)
class PointingNoted:
    """A report that moves nothing (out of order, or said before in other words), kept all the same."""

    pointing_id: str
    report: PointingReport
    exposures_sha256: str | None = None
    reached_mag_ab: float | None = None


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """An agent opened a session; a higher epoch ends this one."""

    session_id: str
    session_epoch: int
    boot_id: str
    agent_version: str
    config_sha256: str
    drivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TelescopeStatusChanged:
    """A telescope's link, safety or blocking reasons changed, or what its people veto; None: unknown."""

    link: str  # "up" | "lost"
    safe: bool | None = None
    blocking_reasons: tuple[Reason, ...] = ()
    unavailable_until: datetime | None = None
    cloud_cover_pct: float | None = None
    clock_offset_s: float | None = None
    vetoed_events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OperatorActed:
    """A person decided; idempotent by `action_id`.

    `action` is pause or resume of a telescope, veto or approve_pointing of a pointing, approve, dismiss or
    retract_event of an event, or its limit_event (`details`: those of `EventLimits`), lift_limits, comment_event,
    report_coverage (`details`: those of `Coverage`) or withdraw_coverage (`details`: coverage, its name);
    or, of a telescope, veto_event or allow_event (`details`: event), veto_night or maintenance (`details`: start and
    end, ISO 8601), or cancel_maintenance, or ask_pointing (`details`: those of `AskedFor`), or withdraw_pointing
    (`details`: pointing, its name); or, of a candidate, mark_candidate (`details`: event, and as: counterpart,
    rejected or withdrawn), comment_candidate, request_follow_up (`details`: filter, and its place) or
    withdraw_follow_up (`details`: event); or, of who is on duty (subject shift), take_shift, hand_over_shift
    (`details`: to, note), comment_shift (`details`: note) or leave_shift.
    """

    action_id: str
    action: str
    subject: str
    operator: str
    reason: str
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closing:
    """A span of sky time, `end` not included, in which a person wants a telescope left alone."""

    start: datetime
    end: datetime
    reason: Reason
    because: str

    def holds_at(self, when: datetime) -> bool:
        """Whether it has begun and is not over."""
        return self.start <= when < self.end

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether a stretch of time touches it."""
        return start < self.end and end > self.start


@dataclass(frozen=True, slots=True)
class SkyClockSet:
    """The sky clock was set: it stood at `sky_time` when the machine's UTC was `machine_utc`, and runs at `rate`."""

    sky_time: datetime
    machine_utc: datetime
    rate: float
    because: str = ""
