"""The states of a pointing and the table of moves between them, shared by the agent and the coordinator."""

from enum import StrEnum


class PointingState(StrEnum):
    """Where a pointing stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    SLEWING = "slewing"
    EXPOSING = "exposing"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Reason(StrEnum):
    """Why a pointing was refused, ended or taken back, or why a site takes none."""

    WEATHER = "weather"
    UNSAFE = "unsafe"
    DAYLIGHT = "daylight"
    BELOW_HORIZON = "below_horizon"
    MOON = "moon"
    BUSY_HIGHER_PRIORITY = "busy_higher_priority"
    VETOED_BY_OPERATOR = "vetoed_by_operator"
    MAINTENANCE = "maintenance"
    FILTER_UNAVAILABLE = "filter_unavailable"
    MOUNT_FAULT = "mount_fault"
    CAMERA_FAULT = "camera_fault"
    DOME_FAULT = "dome_fault"
    GUIDING_OR_ACQUISITION = "guiding_or_acquisition"
    WINDOW_TOO_SHORT = "window_too_short"
    SUPERSEDED = "superseded"
    LINK_LOST = "link_lost"
    INTERNAL = "internal"
    QUOTA = "quota"
    RETRACTED = "retracted"


S = PointingState
LIVE = frozenset({S.OFFERED, S.ACCEPTED, S.SLEWING, S.EXPOSING})
"""States that own sky and telescope time."""
STARTED = frozenset({S.SLEWING, S.EXPOSING})
TERMINAL = frozenset({S.COMPLETED, S.PARTIAL, S.FAILED, S.REJECTED})
LATE_TRUTH = frozenset({S.COMPLETED, S.PARTIAL})
"""What an expired or revoked pointing can still turn into: exposures that happened are facts."""

MOVES: dict[PointingState, frozenset[PointingState]] = {
    S.OFFERED: frozenset({S.ACCEPTED, S.REJECTED, S.EXPIRED, S.REVOKED}) | LATE_TRUTH,
    S.ACCEPTED: frozenset({S.SLEWING, S.EXPOSING, S.REJECTED, S.FAILED, S.EXPIRED, S.REVOKED}) | LATE_TRUTH,
    S.SLEWING: frozenset({S.EXPOSING, S.FAILED, S.REJECTED, S.EXPIRED, S.REVOKED}) | LATE_TRUTH,
    S.EXPOSING: frozenset({S.EXPOSING, S.FAILED, S.EXPIRED, S.REVOKED}) | LATE_TRUTH,
    S.EXPIRED: LATE_TRUTH,
    S.REVOKED: LATE_TRUTH,
    S.COMPLETED: frozenset(),
    S.PARTIAL: frozenset(),
    S.FAILED: frozenset(),
    S.REJECTED: frozenset(),
}
"""Every legal move. Reports can be lost or overtaken, so that what is not seen to run may jump to an end."""


def may_move(current: PointingState, to: PointingState) -> bool:
    """Say whether a pointing may go from `current` to `to`."""
    return to in MOVES[current]
