"""Names for the steps at which a service may be struck: moves of pointings by both states, else kinds of entries."""

from dataclasses import dataclass, field

from coordinator.dispatch.facts import PointingMoved, PointingOffered
from coordinator.services.journal import Entry

OF_THE_COORDINATOR = (
    ">offered",
    "offered>accepted",
    "offered>rejected",
    "offered>expired",
    "accepted>slewing",
    "accepted>expired",
    "accepted>revoked",
    "slewing>exposing",
    "slewing>failed",
    "exposing>exposing",
    "exposing>completed",
    "exposing>failed",
    "expired>completed",
    "pointing_noted",
    "pointing_revocation_requested",
    "session_opened",
    "telescope_status_changed",
    "plan_made",
    "event_revised",
    "event_retracted",
    "detections_stored",
    "candidates_scored",
    "writer_elected",
)
OF_AGENTS = tuple(
    f"held_{state}"
    for state in ("accepted", "slewing", "exposing", "completed", "failed", "rejected", "expired", "revoked")
)
COMMON = (
    ">offered",
    "offered>accepted",
    "accepted>slewing",
    "slewing>exposing",
    "exposing>exposing",
    "exposing>completed",
    "session_opened",
    "plan_made",
    "pointing_revocation_requested",
    "held_accepted",
    "held_slewing",
    "held_exposing",
    "held_completed",
)
"""What happens in nearly every world."""


@dataclass
class Steps:
    """Remembers the state of each pointing, so that a move can be named."""

    states: dict[str, str] = field(default_factory=dict)

    def name(self, entry: Entry, fact: object) -> str:
        """Name what an entry does."""
        if isinstance(fact, PointingOffered):
            return ">offered"
        if isinstance(fact, PointingMoved):
            return f"{self.states.get(fact.pointing_id, '')}>{fact.to}"
        return entry.kind

    def done(self, entry: Entry, name: str) -> None:
        """Note that it is durable."""
        if ">" in name and entry.subject:
            self.states[entry.subject] = name.partition(">")[2]
