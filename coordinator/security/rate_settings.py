"""How fast each identity may go, as a config file says it."""

from collections.abc import Mapping
from dataclasses import dataclass

from coordinator.security.buckets import Rate
from coordinator.security.meters import (
    BYTES,
    CALLS,
    CUTOUT_BYTES,
    DAY_S,
    DETECTION_BATCHES,
    RATES,
    RENEWALS,
    REPORTS,
)

MIB = float(1 << 20)


@dataclass(frozen=True, slots=True)
class RateSettings:
    """What each identity may do a second of link time, and at once after it was quiet.

    `batches`: of detections; `mib`: of whole requests; `cutouts_mib`: of pictures in detections, a day's worth at once.
    """

    calls_per_s: float = RATES[CALLS].per_s
    calls_at_once: float = RATES[CALLS].burst
    reports_per_s: float = RATES[REPORTS].per_s
    reports_at_once: float = RATES[REPORTS].burst
    batches_per_s: float = RATES[DETECTION_BATCHES].per_s
    batches_at_once: float = RATES[DETECTION_BATCHES].burst
    mib_per_s: float = RATES[BYTES].per_s / MIB
    mib_at_once: float = RATES[BYTES].burst / MIB
    cutouts_mib_per_day: float = RATES[CUTOUT_BYTES].burst / MIB

    def rates(self) -> Mapping[str, Rate]:
        """Return the measures by kind; renewals stay as they are."""
        cutouts = self.cutouts_mib_per_day * MIB
        return {
            CALLS: Rate(self.calls_per_s, self.calls_at_once),
            REPORTS: Rate(self.reports_per_s, self.reports_at_once),
            DETECTION_BATCHES: Rate(self.batches_per_s, self.batches_at_once),
            BYTES: Rate(self.mib_per_s * MIB, self.mib_at_once * MIB),
            CUTOUT_BYTES: Rate(cutouts / DAY_S, cutouts),
            RENEWALS: RATES[RENEWALS],
        }
