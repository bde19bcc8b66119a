"""How faint exposures see that are put together."""

from collections.abc import Iterable
from math import log10

from telescopes.description.messages import ExposureResult


def together_mag_ab(limits_mag_ab: Iterable[float]) -> float | None:
    """5-sigma AB limit of images of one filter put together, by the limits of each; None: there are none.

    Notes
    -----
    Each counts by its inverse variance, so ``1.25 log10(sum of 10^(0.8 m))``: where the sky is the noise, n equal
    images go 1.25 log10(n) deeper, as one that is n times as long does.
    """
    limits = sorted(limits_mag_ab)
    if not limits:
        return None
    deepest = limits[-1]
    return deepest + 1.25 * log10(sum(10.0 ** (0.8 * (m - deepest)) for m in limits))


def reached_mag_ab(exposures: Iterable[ExposureResult]) -> float | None:
    """5-sigma AB limit that the exposures of a pointing reach together; None: no limit is known of any.

    Exposures whose limit nobody measured are left out, as if they had not been taken. Of several filters the one that
    goes deepest counts.
    """
    limits: dict[str, list[float]] = {}
    for one in exposures:
        if one.limiting_mag_ab is not None:
            limits.setdefault(one.filter, []).append(one.limiting_mag_ab)
    reached = (together_mag_ab(its) for its in limits.values())
    return max((limit for limit in reached if limit is not None), default=None)
