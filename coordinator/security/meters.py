"""How fast each identity may go: calls and their bytes, reports, batches of detections, bytes of cutouts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from coordinator.security.buckets import Bucket, Rate, full, take
from telescopes.description.errors import RetryLater

CALLS, REPORTS, DETECTION_BATCHES, CUTOUT_BYTES = "calls", "reports", "batches of detections", "bytes of cutouts"
RENEWALS, BYTES = "renewals", "bytes of requests"
DAY_S = 86400.0
RATES: Mapping[str, Rate] = {
    CALLS: Rate(50.0, 500.0),
    REPORTS: Rate(20.0, 200.0),
    DETECTION_BATCHES: Rate(1.0, 60.0),
    CUTOUT_BYTES: Rate(float(256 << 20) / DAY_S, float(256 << 20)),
    RENEWALS: Rate(10.0 / DAY_S, 10.0),
    BYTES: Rate(float(4 << 20), float(32 << 20)),
}
"""A telescope that observes sends one report in some seconds, and a full night after an outage in some minutes.

Of bytes as many go at once as can be read at once, eight calls of 4 MiB: whoever is admitted with large requests costs
everybody else their reading, so a long backlog goes at the pace of the measure.
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call takes, of each kind."""

    of: Mapping[str, float] = field(default_factory=dict)


class TooFast(RetryLater):
    """Somebody asks for more than their share: later they may again."""


class Meters:
    """The buckets of everybody who was seen.

    There are as many as there are certificates that were signed, so none has to be forgotten.

    Parameters
    ----------
    link_now : callable
        Link time, seconds.
    rates : mapping
        By kind.
    """

    def __init__(self, link_now: Callable[[], float], rates: Mapping[str, Rate] = RATES) -> None:
        self._link_now = link_now
        self._rates = rates
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def pay(self, who: str, cost: Cost) -> None:
        """Take a call's cost out of somebody's buckets.

        Raises
        ------
        TooFast
            There is not enough in one of them; nothing is taken.
        """
        now_s, after = self._link_now(), {}
        for kind, amount in cost.of.items():
            rate = self._rates[kind]
            bucket, wait_s = take(self._buckets.get((who, kind), full(rate, now_s)), rate, amount, now_s)
            if wait_s > 0.0:
                mend = f"send less: {rate.burst:g} at once, and {rate.per_s:g} a second"
                raise TooFast(f"too many {kind}", where=who, mend=mend, after_s=wait_s)
            after[who, kind] = bucket
        self._buckets.update(after)
