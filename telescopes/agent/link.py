"""What the agent asks of the coordinator, whatever carries it: gRPC, memory, or a link that is cut for a drill."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from telescopes.description.messages import (
    Command,
    Detection,
    Drain,
    Heartbeat,
    ItemResult,
    PointingPage,
    PointingReport,
    SessionGrant,
    SessionRequest,
    StatusReply,
    StatusReport,
)
from telescopes.description.states import PointingState

Message = Command | Heartbeat | Drain

SESSION_STALE = "SESSION_STALE"
SESSION_SUPERSEDED = "SESSION_SUPERSEDED"
CURSOR_AHEAD = "CURSOR_AHEAD"
CURSOR_COMPACTED = "CURSOR_COMPACTED"
SESSION_ENDED = frozenset({SESSION_STALE, SESSION_SUPERSEDED})
"""Reasons of a Refused that only a new session mends."""
CURSOR_LOST = frozenset({CURSOR_AHEAD, CURSOR_COMPACTED})
"""Reasons of a Refused that only a snapshot mends."""
INVALID = "INVALID"
"""Reason of a Refused that finds fault with what was sent, not with who sends it or when."""


class CoordinatorLink(Protocol):
    """One telescope's door to the coordinator.

    Every call raises RetryLater when the world may heal, and Refused with a `reason` when it will not.
    """

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Announce the agent; ends any older session of the telescope."""
        ...

    def watch(self, session_id: str, after_seq: int) -> AsyncGenerator[Message, None]:
        """Iterate over what comes after a cursor; ends when the coordinator ends the stream."""
        ...

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Hand over reports; what is answered is durable."""
        ...

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        """Say how the site is; renews the lease."""
        ...

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand over detections; what is answered is durable."""
        ...

    async def list_pointings(
        self, session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
    ) -> PointingPage:
        """Return one page of the telescope's pointings, oldest first; no states: those that are open."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...
