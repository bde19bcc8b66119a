"""The doors between services: what each asks of the others, whether they share a process or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from coordinator.dispatch.facts import OperatorActed
from coordinator.planning.plan import Plan
from coordinator.planning.request import PlanRequest
from coordinator.services.quarantined import Page
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.footprint import Footprint
from telescopes.description.messages import (
    Command,
    Detection,
    ItemResult,
    PointingPage,
    PointingReport,
    SessionGrant,
    SessionRequest,
    StatusReply,
    StatusReport,
)
from telescopes.description.states import PointingState


@dataclass(frozen=True, slots=True)
class CombinedMap:
    """What some sky maps say together, with the FITS bytes where it is a new map.

    `skymap_sha256` names those bytes, or the one of the maps that holds alone because they exclude each other.
    """

    skymap_sha256: str
    area50_deg2: float
    area90_deg2: float
    overlap: float
    excluded: bool = False
    distance_mpc: float | None = None
    distance_std_mpc: float | None = None
    fits: bytes = b""


class PlannerPort(Protocol):
    """Planning is CPU work: it happens elsewhere."""

    async def plan(self, request: PlanRequest) -> Plan:
        """Make a plan; maps are found by the sha256 in the request."""
        ...

    async def curve(self, skymap_sha256: str) -> ProbabilityCurve:
        """Return a sky map as cumulative probability, which is all that the scheduler needs of it."""
        ...

    async def ranges_of(self, footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float) -> Ranges:
        """Say which sky a footprint covers there."""
        ...

    async def overlap(self, one: str, other: str) -> float:
        """Say how well two sky maps agree; 1 as unrelated ones do."""
        ...

    async def combined(self, skymaps: tuple[str, ...]) -> CombinedMap:
        """Combine sky maps of one source; one alone is only summed up."""
        ...


class SchedulerPort(Protocol):
    """The one writer of ownership."""

    async def report(self, telescope_id: str, reports: Sequence[PointingReport]) -> tuple[ItemResult, ...]:
        """Take a telescope's reports; answer only when they are durable, item by item, in order."""
        ...

    async def act(self, action: OperatorActed) -> int:
        """Take a person's decision; return the journal's sequence number that holds it."""
        ...


class VetterPort(Protocol):
    """The keeper of detections and candidates."""

    async def store(self, telescope_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Take detections; answer only when they are durable, item by item, in order."""
        ...


class CommandBatch(Protocol):
    """Commands after a cursor, and the log's head."""

    @property
    def commands(self) -> tuple[Command, ...]:
        """What comes after the cursor, in order."""
        ...

    @property
    def head_seq(self) -> int:
        """The last command's number."""
        ...


class TelescopePort(Protocol):
    """One telescope's session, as the gateway sees it.

    Every method but `open_session` is Refused with reason SESSION_STALE when the session is not the newest;
    `next_commands` with SESSION_SUPERSEDED when a newer one opened while it waited, with CURSOR_AHEAD when
    `after_seq` is beyond the log's head, with CURSOR_COMPACTED when commands after it are not kept any more. Tokens
    of pages are decimal numbers.
    """

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Open a session, which ends any older one; durable before it returns."""
        ...

    async def next_commands(self, session_id: str, after_seq: int, wait_s: float) -> CommandBatch:
        """Return what comes after a cursor; wait up to `wait_s` (link time) if there is nothing."""
        ...

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Hand reports to the scheduler; renews the lease."""
        ...

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        """Take the site's status; renews the lease."""
        ...

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand detections to the vetter; renews the lease."""
        ...

    async def list_pointings(
        self, session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
    ) -> PointingPage:
        """Return one page of the telescope's pointings, oldest first; no states: those that are open."""
        ...


@dataclass(frozen=True, slots=True)
class TelescopeView:
    """A telescope as the coordinator sees it; None: unknown, or there is no session."""

    telescope_id: str
    state: str  # "offline" | "idle" | "observing" | "blocked" | "paused"
    since: datetime
    open_pointings: int = 0
    lease_left_s: float | None = None
    clock_offset_s: float | None = None
    blocked_because: str = ""


class Submitted(NamedTuple):
    """What became of a submitted alert; a plain tuple of the same four does as well."""

    seq: int
    outcome: str  # "alert" | "ignored" | "rejected"
    event_key: str = ""
    reason: str = ""


class OperatorPort(Protocol):
    """What people can see and do, as the gateway sees it."""

    async def telescopes(self) -> Sequence[TelescopeView]:
        """Say how every telescope is, by id."""
        ...

    async def act(self, action: OperatorActed) -> int:
        """Take a decision; return the sequence number that holds it, once durable.

        Its kinds are those of `OperatorActed`. Idempotent by `action_id`; Refused with NOT_FOUND for a telescope,
        pointing or event that does not exist.
        """
        ...

    async def retry_quarantine(self, after: str) -> Page:
        """Read a page of the quarantine again, from `next` of the page before; durable on return."""
        ...

    async def submit(self, name: str, data: bytes, purpose: str, event_key: str) -> Submitted:
        """Take one alert or sky map; an empty purpose or event key: as the message says. Durable on return."""
        ...

    async def status(self) -> dict[str, Any]:
        """Return the document armillary.status/1."""
        ...
