"""A token bucket: how much somebody may do at once, and how fast that comes back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """So much a second, and so much at once."""

    per_s: float
    burst: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left, and when that was true (link seconds)."""

    level: float
    at_s: float


def full(rate: Rate, now_s: float) -> Bucket:
    """Return the bucket of somebody who was not seen before."""
    return Bucket(rate.burst, now_s)


def take(bucket: Bucket, rate: Rate, cost: float, now_s: float) -> tuple[Bucket, float]:
    """Take `cost` out of a bucket.

    What costs more than a full bucket holds passes when it is full, and leaves a debt: a large batch comes through
    whole, and is paid for afterwards.

    Returns
    -------
    tuple
        The bucket afterwards, and 0.0; or the bucket untouched, and after how many seconds it would do.
    """
    level = min(rate.burst, bucket.level + max(0.0, now_s - bucket.at_s) * rate.per_s)
    missing = min(cost, rate.burst) - level
    if missing > 0.0:
        return Bucket(level, now_s), missing / rate.per_s
    return Bucket(level - cost, now_s), 0.0
