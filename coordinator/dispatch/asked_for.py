"""Pointings that people ask a telescope for by hand, as the journal has them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from coordinator.dispatch.ownership import FOLLOW_UP

BY_HAND = "hand-"


@dataclass(frozen=True, slots=True)
class AskedFor:
    """One pointing that somebody asked a telescope for; it is offered as soon as a plan finds the time.

    `anyway`: also where somebody else owns the sky, or has looked at it. `because` is the person's reason and name.
    """

    id: str
    telescope: str
    event: str
    ra_deg: float
    dec_deg: float
    filter: str
    exposure_s: float
    count: int
    start: datetime
    end: datetime
    because: str
    candidate: str = ""
    anyway: bool = False

    @property
    def visit(self) -> str:
        """The visit of its own in which it is looked at: nobody's search takes it for a repeat."""
        return f"{FOLLOW_UP}{self.id}:{self.filter}:1"

    @property
    def says(self) -> str:
        """The pointing in a few words."""
        return f"{self.ra_deg:.4f} {self.dec_deg:+.4f} in {self.filter} for {self.event}"


def name_of(action_id: str) -> str:
    """Name what a decision asks for: the same decision has the same name."""
    return BY_HAND + hashlib.sha256(action_id.encode()).hexdigest()[:12]


def asked_for_of(action_id: str, telescope: str, details: Mapping[str, str], because: str) -> AskedFor:
    """Read what the details of a decision ask for; they are complete, as the scheduler journals them."""
    return AskedFor(
        id=name_of(action_id),
        telescope=telescope,
        event=details["event"],
        ra_deg=float(details["ra_deg"]) % 360.0,
        dec_deg=float(details["dec_deg"]),
        filter=details["filter"],
        exposure_s=float(details["exposure_s"]),
        count=int(details["count"]),
        start=datetime.fromisoformat(details["start"]),
        end=datetime.fromisoformat(details["end"]),
        because=because,
        candidate=details.get("candidate", ""),
        anyway=details.get("anyway") == "yes",
    )
