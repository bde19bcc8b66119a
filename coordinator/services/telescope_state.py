"""How one telescope is, as far as the journal knows."""

from dataclasses import dataclass, field
from datetime import datetime

from coordinator.dispatch.asked_for import AskedFor
from coordinator.dispatch.facts import Closing, SessionOpened
from coordinator.dispatch.site_weather import UNKNOWN_WEATHER, SiteWeather
from telescopes.description.states import Reason


@dataclass(frozen=True, slots=True)
class TelescopeState:
    """How one telescope is, as far as the journal knows; `session` is no part of the hash.

    `vetoed_at_site` are events that people there veto; `vetoed_here` those that people here keep from it, and why.
    `closings` are spans of time in which it is left alone, in order. `asked_for` are pointings that people asked it for
    by hand, whether they have been made or not; what is over is forgotten when people decide about it again.
    `weather` has not moved by a step since `weather_at`, sky time, as far as the site has told.
    """

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
    vetoed_at_site: tuple[str, ...] = ()
    vetoed_here: dict[str, str] = field(default_factory=dict)
    closings: tuple[Closing, ...] = ()
    asked_for: tuple[AskedFor, ...] = ()
    weather: SiteWeather = UNKNOWN_WEATHER
    weather_at: datetime | None = None

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

    @property
    def vetoed(self) -> dict[str, str]:
        """Events that people keep from it, and why."""
        return dict.fromkeys(self.vetoed_at_site, "people at the site veto it") | self.vetoed_here

    def takes(self, event: str, start: datetime, end: datetime) -> bool:
        """Say whether people let it look for an event in a stretch of time."""
        return event not in self.vetoed and not any(c.meets(start, end) for c in self.closings)

    def closed_at(self, now: datetime) -> str | None:
        """Why it takes no pointing at an instant; None: it does."""
        closing = next((c for c in self.closings if c.holds_at(now)), None)
        if closing is None or self.closed_because is not None:
            return self.closed_because
        return f"{closing.reason} until {closing.end:%Y-%m-%dT%H:%M:%SZ}: {closing.because}"

    def word(self, working: bool, now: datetime | None = None) -> str:
        """Say in one word how it is; `working`: a pointing of it has begun."""
        if self.link != "up":
            return "offline"
        if self.paused_because is not None:
            return "paused"
        if (self.closed_because if now is None else self.closed_at(now)) is not None:
            return "blocked"
        return "observing" if working else "idle"
