"""How one telescope is, as far as the journal knows."""

from dataclasses import dataclass
from datetime import datetime

from coordinator.dispatch.facts import SessionOpened
from telescopes.description.states import Reason


@dataclass(frozen=True, slots=True)
class TelescopeState:
    """How one telescope is, as far as the journal knows; `session` is no part of the hash."""

    id: str
    link: str = "lost"
    since: datetime | None = None
    safe: bool | None = None
    blocking_reasons: tuple[Reason, ...] = ()
    unavailable_until: datetime | None = None
    cloud_cover_pct: float | None = None
    clock_offset_s: float | None = None
    paused_because: str | None = None
    session: SessionOpened | None = None

    @property
    def closed_because(self) -> str | None:
        """Why it takes no pointing; None: it does."""
        if self.paused_because is not None:
            return f"paused: {self.paused_because}"
        if self.link != "up":
            return "no link"
        if self.blocking_reasons:
            return "site closed: " + ", ".join(self.blocking_reasons)
        return "site closed: unsafe" if self.safe is False else None

    def word(self, working: bool) -> str:
        """Say in one word how it is; `working`: a pointing of it has begun."""
        if self.link != "up":
            return "offline"
        if self.paused_because is not None:
            return "paused"
        if self.closed_because is not None:
            return "blocked"
        return "observing" if working else "idle"
