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

SHARES_ONCE: Mapping[Unrelated, float] = MappingProxyType(
    {"supernova": 0.12, "agn": 0.01, "variable": 0.06, "asteroid": 0.5, "artefact": 0.3, "other": 0.01}
)
"""The same of what was seen in one visit alone (assumed): to 20 mag a square degree has 0.2 to 2 unknown asteroids, as
nine of ten are known, 0.05 to 0.3 transients, and as many artefacts as these (vetting-science, sections 2 and 6)."""

FLOOR = -12.0
"""No kind becomes rarer than this by what checks say together: each of them errs once in a while."""


def leans_of(
    chances: Mapping[Unrelated, float], others: float | None = None, shares: Mapping[Unrelated, float] = SHARES
) -> Leans:
    """Turn chances of data by kind into what they say of the kinds.

    Parameters
    ----------
    chances : mapping of kind to float
        p(data | kind) for the kinds that stand out.
    others : float or None
        The same for every other kind; None: those are as the mix of the ones that are named.
    shares : mapping
        What the mix of the unrelated is made of.
    """
    every = {kind: chances.get(kind, others) for kind in UNRELATED}
    known = {kind: chance for kind, chance in every.items() if chance is not None}
    mix = math.fsum(shares[kind] * p for kind, p in known.items()) / math.fsum(shares[kind] for kind in known)
    return MappingProxyType({kind: math.log(p / mix) for kind, p in known.items()})


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
