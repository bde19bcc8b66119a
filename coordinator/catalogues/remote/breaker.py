"""A circuit breaker: who did not answer some times in a row is left alone for a while, then asked once (pure)."""

from dataclasses import dataclass
from typing import Literal

Circuit = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """When a source is left alone: after `failures` in a row, for `rest_s`, twice as long each time, up to a most."""

    failures: int = 3
    rest_s: float = 60.0
    longest_s: float = 1800.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of a source's patience; times are link seconds.

    `failures` is how many came in a row, `rests` how often it was left alone since it answered last.
    """

    failures: int = 0
    rests: int = 0
    open_until_s: float | None = None

    def circuit(self, now_s: float) -> Circuit:
        """Say whether it may be asked: open no, half-open once."""
        if self.open_until_s is None:
            return "closed"
        return "open" if now_s < self.open_until_s else "half-open"

    def failed(self, now_s: float, rule: BreakerRule, wish_s: float = 0.0) -> "Breaker":
        """Count a failure; `wish_s` is how long it asked to be left alone, which it is at once."""
        failures = self.failures + 1
        tried = self.open_until_s is not None  # half-open: one failure is enough
        if not tried and failures < rule.failures:
            return Breaker(failures, self.rests, now_s + min(wish_s, rule.longest_s) if wish_s > 0 else None)
        rest_s = min(max(rule.rest_s * 2.0 ** min(self.rests, 30), wish_s), rule.longest_s)
        return Breaker(failures, self.rests + 1, now_s + rest_s)


CLOSED = Breaker()
"""A source that answered the last time."""
