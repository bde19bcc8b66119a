"""What a candidate may be: the counterpart, or one of the kinds of things that have nothing to do with the event."""

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

Kind = Literal["counterpart", "supernova", "agn", "variable", "asteroid", "artefact", "other"]
Unrelated = Literal["supernova", "agn", "variable", "asteroid", "artefact", "other"]

UNRELATED: tuple[Unrelated, ...] = ("supernova", "agn", "variable", "asteroid", "artefact", "other")

Leans = Mapping[Unrelated, float]
"""ln p(data | kind) - ln p(data | unrelated, whatever kind), where a check can tell kinds apart; not named: 0."""

SHARES: Mapping[Unrelated, float] = MappingProxyType(
    {"supernova": 0.45, "agn": 0.05, "variable": 0.15, "asteroid": 0.15, "artefact": 0.15, "other": 0.05}
)
"""Shares of the unrelated before any check (assumed: what a search to 20 mag finds far from the ecliptic)."""

FLOOR = -12.0
"""No kind becomes rarer than this by what checks say together: each of them errs once in a while."""


def kinds_of(
    probability: float, leans: Iterable[Leans], shares: Mapping[Unrelated, float] = SHARES
) -> dict[Kind, float]:
    """Share out what is left of 1 beside the chance that it is the counterpart.

    Parameters
    ----------
    probability : float
        That it is the counterpart.
    leans : iterable of mapping
        What each check says of the kinds.
    shares : mapping
        What is believed of them beforehand.

    Returns
    -------
    dict
        A probability for each kind; they sum to 1.
    """
    said: dict[Unrelated, float] = dict.fromkeys(UNRELATED, 0.0)
    every = list(leans)
    for kind in UNRELATED:
        said[kind] = max(math.fsum(one.get(kind, 0.0) for one in every), FLOOR)
    top = max(said.values())
    weights = {kind: shares.get(kind, 0.0) * math.exp(said[kind] - top) for kind in UNRELATED}
    total = math.fsum(weights.values())
    found: dict[Kind, float] = {"counterpart": probability}
    for kind in UNRELATED:
        found[kind] = (1.0 - probability) * weights[kind] / total
    return found


def leans_of(chances: Mapping[Unrelated, float]) -> Leans:
    """Say how what was found leans, from its chance for each kind; a kind that is not named is as the mix."""
    known = math.fsum(SHARES[kind] for kind in chances)
    mix = math.fsum(SHARES[kind] * chance for kind, chance in chances.items()) / known
    return MappingProxyType({kind: math.log(chance / mix) for kind, chance in chances.items()})
