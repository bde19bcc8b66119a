"""Which unrelated things fade and rise how fast: what a rate says of the kinds."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from coordinator.vetting.kinds import Leans, Unrelated

MOST = 4.0

SHARES_OF_RATES: Mapping[Unrelated, tuple[float, ...]] = MappingProxyType(
    {
        "supernova": (0.58, 0.20, 0.12, 0.05, 0.03, 0.02),
        "agn": (0.90, 0.03, 0.01, 0.03, 0.01, 0.02),
        "variable": (0.40, 0.03, 0.05, 0.27, 0.20, 0.05),
        "other": (0.69, 0.09, 0.04, 0.08, 0.08, 0.02),
    }
)
"""How much of each kind behaves as each of `declines.UNRELATED`: flat, rising, rising fast, fading, fading fast, wild.

Assumed, from the rates that the reference for vetting gives the kinds (its section 5): supernovae rise for 5 to 18 days
and then fall by 0.07 mag/d or less, few cool fast from a shock; nuclei change by less than 0.05 mag/d; cataclysmic
variables rise within a day and fall by 0.1 to 0.3 mag/d, flares are gone within hours. A fifth of the other are tidal
disruptions (`lightcurves.tidal`), which rise by 0.15 mag/d when they are found and fall by 0.02; the rest is as the
mix. Asteroids and artefacts are not measured twice at one place: of them a rate says nothing.
"""


def leans_of(
    log_densities: Sequence[float], shares: Sequence[float], of_kinds: Mapping[Unrelated, Sequence[float]]
) -> Leans:
    """Return ln p(data | kind) - ln p(data | unrelated), where both are shares of the same behaviours.

    Parameters
    ----------
    log_densities : sequence of float
        ln p(data) under each behaviour.
    shares : sequence of float
        How much of everything unrelated behaves so.
    of_kinds : mapping of kind to sequence of float
        How much of each kind does.
    """
    top = max(log_densities)
    weight = [math.exp(one - top) for one in log_densities]
    mixed = math.fsum(share * w for share, w in zip(shares, weight, strict=True))
    found: dict[Unrelated, float] = {}
    for kind, its in of_kinds.items():
        own = math.fsum(share * w for share, w in zip(its, weight, strict=True))
        found[kind] = min(max(math.log(own / mixed), -MOST), MOST)
    return found
