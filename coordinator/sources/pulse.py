"""Signs of life of one stream: what came, what became of it, and whether it has been silent for too long."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from telescopes.description.clocks import LinkClock, LinkTime

WATCHING, AWAY, SILENT, REFUSED, ENDED = "watching", "away", "silent", "refused", "ended"


@dataclass
class Pulse:
    """What a source tells of itself; counts are since its process began.

    Attributes
    ----------
    id : str
        The stream.
    link : LinkClock
        Silence is measured in link time.
    silence_after_s : float, optional
        How long silence is normal; None: always.
    away_because : str, optional
        Why the other side cannot be reached now; None: it can, as far as is known.
    refused_because : str, optional
        Why the source cannot run at all: a person must mend something.
    counts : dict
        Messages by what became of them (alert, ignored, rejected), and heartbeats, tombstones, errors, broke (messages
        that broke their reader).
    dropped : dict
        Messages of a survey that no event waited for, by the reason.
    """

    id: str
    link: LinkClock
    silence_after_s: float | None = None
    away_because: str | None = None
    refused_because: str | None = None
    ended: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    _last_message: LinkTime | None = None
    _last_sign: LinkTime = field(default=LinkTime(0.0))

    def __post_init__(self) -> None:
        self._last_sign = self.link.now()

    def message(self, outcome: str) -> None:
        """Count a message that the stream brought, by what became of it."""
        self._last_message = self._last_sign = self.link.now()
        self.away_because = None
        self.count(outcome)

    def handed_over(self) -> None:
        """Count a message that a person handed over: no sign of life of the stream."""
        self._last_message = self.link.now()
        self.count("handed_over")

    def drop(self, reasons: Mapping[str, int]) -> None:
        """Account for messages that go no further."""
        for reason, count in reasons.items():
            self.dropped[reason] = self.dropped.get(reason, 0) + count

    def sign(self, what: str) -> None:
        """Count what shows that the stream lives and is no message: a heartbeat, a tombstone, an answer."""
        self._last_sign = self.link.now()
        self.away_because = None
        self.count(what)

    def count(self, what: str) -> None:
        """Count something."""
        self.counts[what] = self.counts.get(what, 0) + 1

    @property
    def state(self) -> str:
        """In one word how the stream is."""
        if self.refused_because is not None:
            return REFUSED
        if self.ended:
            return ENDED
        if self.silence_after_s is not None and self.link.now() - self._last_sign > self.silence_after_s:
            return SILENT
        return WATCHING if self.away_because is None else AWAY

    @property
    def alarm(self) -> bool:
        """Whether somebody must look at it."""
        return self.state in (SILENT, REFUSED)

    @property
    def because(self) -> str | None:
        """Why it is not as it should be; None: it is."""
        if self.refused_because is not None:
            return self.refused_because
        if self.state == SILENT:
            silence = f"no sign of life for {self.link.now() - self._last_sign:.0f} s"
            return silence if self.away_because is None else f"{silence}; {self.away_because}"
        return self.away_because

    def says(self) -> dict[str, Any]:
        """Return the stream's row of the status."""
        now = self.link.now()
        return {
            "id": self.id,
            "last_message_age_s": None if self._last_message is None else round(now - self._last_message, 1),
            "last_sign_age_s": round(now - self._last_sign, 1),
            "state": self.state,
            "because": self.because,
            "counts": dict(self.counts),
            "dropped": dict(self.dropped),
        }
