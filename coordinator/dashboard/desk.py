"""Where decisions that people make on the dashboard go, and who these people are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from coordinator.dispatch.event_limits import EventLimits
from coordinator.dispatch.facts import OperatorActed
from coordinator.security.buckets import Bucket, Rate, full, take
from coordinator.security.people import People
from telescopes.description.errors import RetryLater

if TYPE_CHECKING:
    from coordinator.security.openid import OpenId

DECISIONS = Rate(per_s=1.0, burst=20.0)
"""Of one person: more than hands can do."""

SIGN_INS = Rate(per_s=1 / 30, burst=10.0)
"""From one address, right or wrong."""

SIGN_INS_OF_ONE = Rate(per_s=1 / 3, burst=60.0)
"""For one name, from wherever: more than one address may ask, so that who guesses from one locks nobody else out."""

MOST_REMEMBERED = 10_000


class TooMany(RetryLater):
    """Somebody asks faster than anybody needs to."""


@dataclass
class Throttle:
    """How often somebody may ask; who has not been seen for longest is forgotten first."""

    rate: Rate
    link_s: Callable[[], float]
    _buckets: dict[str, Bucket] = field(default_factory=dict)

    def require(self, who: str) -> None:
        """Count a request.

        Raises
        ------
        TooMany
            It is one too many.
        """
        now_s = self.link_s()
        before = self._buckets.pop(who) if who in self._buckets else full(self.rate, now_s)
        bucket, wait_s = take(before, self.rate, 1.0, now_s)
        self._buckets[who] = bucket
        if len(self._buckets) > MOST_REMEMBERED:
            del self._buckets[next(iter(self._buckets))]
        if wait_s > 0.0:
            raise TooMany("too many at once", where="dashboard", mend=f"wait {wait_s:.0f} s", after_s=wait_s)


@dataclass(frozen=True)
class Desk:
    """What the dashboard is given besides what it reads, so that people can act on it.

    Attributes
    ----------
    people : People
        The accounts.
    act : callable
        Takes a decision; durable on return of its sequence number in the journal.
    what_if : callable
        Says what a plan with other limits on an event would be (document armillary.what-if/1); gives nothing out.
    utc : callable
        The machine's UTC.
    link_s : callable
        Link time, seconds.
    open_reading : bool
        Whether who has not signed in may look.
    openid : OpenId, optional
        Where accounts elsewhere are; None: people have accounts here alone.
    """

    people: People
    act: Callable[[OperatorActed], Awaitable[int]]
    utc: Callable[[], datetime]
    link_s: Callable[[], float]
    open_reading: bool = False
    openid: "OpenId | None" = None
    what_if: Callable[[str, EventLimits], Awaitable[dict[str, Any]]] = field(kw_only=True)

    def decisions(self) -> Throttle:
        """How often one person may decide."""
        return Throttle(DECISIONS, self.link_s)

    def sign_ins(self) -> Throttle:
        """How often it may be tried from one address to sign in."""
        return Throttle(SIGN_INS, self.link_s)

    def sign_ins_of_one(self) -> Throttle:
        """How often it may be tried to sign in by one name."""
        return Throttle(SIGN_INS_OF_ONE, self.link_s)
