"""How much slower or faster than AT2017gfo kilonovae go: those with more matter shine longer, fast ones shorter."""

import math
from dataclasses import dataclass

LOG_SPREAD = 0.19
"""Of the logarithm of a pace. So much scatters the mean age of the light, g to i, in the first two weeks of kilonovae
drawn as `ejecta.scattered` draws them, by masses, speeds and angle: 0.19 to 0.20. (One zone alone would scatter by
0.36, for it shines as long as (M / v)^0.5; the three have their masses each for itself.)"""

_NODES = (
    (2.856970014, 0.011257411),
    (1.355626180, 0.222075922),
    (0.0, 0.533333334),
    (-1.355626180, 0.222075922),
    (-2.856970014, 0.011257411),
)
"""Gauss and Hermite's five for a normal distribution: places in sigma, weights."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Times are `slower` times those of AT2017gfo; `share` of the kilonovae are like this."""

    slower: float
    share: float


def paces(log_spread: float = LOG_SPREAD) -> tuple[Pace, ...]:
    """Stand for a log-normal distribution of paces, the slowest first; shares sum to 1."""
    return tuple(Pace(math.exp(node * log_spread), share) for node, share in _NODES)


PACES = paces()
