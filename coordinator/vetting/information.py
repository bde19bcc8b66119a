"""How much a look is expected to tell: the information between "it is the counterpart" and what the look would see.

    I = H(p) - sum over outcomes P(outcome) H(p after it),   H in bits

An outcome is a magnitude, or that nothing is seen. A look sees a source of magnitude m with the chance
1 / (1 + exp((m - limit) / 0.1)) and measures it to 0.2 * 10^(0.4 (m - limit)) (vetting-science section 6). The
candidate is taken alone: what is learnt of the others by the way is not counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from coordinator.vetting.candidate import Candidate
from coordinator.vetting.kinds import SHARES, UNRELATED, Kind
from coordinator.vetting.outcomes import Expected, expected
from coordinator.vetting.possible_looks import Possible

Array = NDArray[np.float64]

_STEP_MAG = 0.1
"""Outcomes are told apart no finer: that can only lose a little of the information, never add any."""

_BRIGHT_MAG, _FAINT_MAG = -8.0, 3.0
"""Magnitudes beside the limit; what is brighter or fainter counts as at the end."""

_LEAST_ERR_MAG, _MOST_ERR_MAG = 0.05, 0.5
_SOFT_MAG = 0.1
_NOTHING = 1e-300


@dataclass(frozen=True, slots=True)
class Told:
    """A look at a time, and what it is expected to tell."""

    possible: Possible
    at: datetime
    bits: float

    @property
    def bits_per_min(self) -> float:
        """What a minute of the telescope tells."""
        return self.bits / self.possible.minutes


def told_by(
    probability: float,
    kinds: Mapping[str, float],
    candidate: Candidate,
    looks: Sequence[tuple[Possible, datetime]],
    t0: datetime | None,
) -> list[Told]:
    """Say what each of several looks is expected to tell of one candidate, in bits: 0 up to 1.

    Parameters
    ----------
    probability : float
        That it is the counterpart.
    kinds : mapping of kind to float
        What it may be; empty: what candidates are before any check.
    candidate : Candidate
        What was seen of it.
    looks : sequence of (Possible, datetime)
        Each look, and when it would be taken, aware.
    t0 : datetime, optional
        The event's time.
    """
    shares = np.array([max(kinds.get(kind, 0.0) if kinds else SHARES[kind], 0.0) for kind in UNRELATED])
    if not looks or not 0.0 < probability < 1.0 or shares.sum() <= 0.0:
        return [Told(possible, at, 0.0) for possible, at in looks]
    every: list[Kind] = [*UNRELATED, "counterpart"]
    what = [expected(kind, candidate, possible, at, t0) for possible, at in looks for kind in every]
    limits = np.repeat([possible.limit_mag_ab for possible, _ in looks], len(every))
    seen = outcomes(what, limits).reshape(len(looks), len(every), -1)
    of_others = np.einsum("k,nko->no", shares / shares.sum(), seen[:, :-1])
    bits = information_bits(probability, seen[:, -1], of_others)
    return [Told(possible, at, float(b)) for (possible, at), b in zip(looks, bits, strict=True)]


def information_bits(probability: float, if_so: Array, if_not: Array) -> Array:
    """Return the mutual information of a yes or no and an outcome.

    Parameters
    ----------
    probability : float
        Of yes.
    if_so, if_not : float64 arrays, shape (n, outcomes)
        Probabilities of the outcomes in both cases; each row sums to 1.

    Returns
    -------
    float64 array, shape (n,)
        Bits, 0 to 1.
    """
    of_any = np.maximum(probability * if_so + (1.0 - probability) * if_not, _NOTHING)
    told = np.zeros(of_any.shape[0])
    for share, its in ((probability, if_so), (1.0 - probability, if_not)):
        told += share * np.sum(its * np.log2(np.maximum(its, _NOTHING) / of_any), axis=1)
    return np.clip(told, 0.0, 1.0)


def outcomes(what: Sequence[Expected], limits_mag_ab: Array) -> Array:
    """Return the probability of each outcome, the last of them that nothing is seen.

    Parameters
    ----------
    what : sequence of Expected, length n
        What would be there.
    limits_mag_ab : float64 array, shape (n,)
        How deep each look is.

    Returns
    -------
    float64 array, shape (n, outcomes)
        Each row sums to 1.
    """
    grid, seen = _instrument()
    most = max(len(one.parts) for one in what)
    parts = np.zeros((len(what), most, 3))
    parts[:, :, 2] = 1.0
    for row, one in enumerate(what):
        parts[row, : len(one.parts)] = [(p.share, p.mag, p.sigma_mag) for p in one.parts]
    middle = np.clip(parts[:, :, 1] - limits_mag_ab[:, None], _BRIGHT_MAG, _FAINT_MAG)
    density = np.exp(-0.5 * ((grid - middle[:, :, None]) / np.maximum(parts[:, :, 2], _STEP_MAG)[:, :, None]) ** 2)
    density *= (parts[:, :, 0] / density.sum(axis=2))[:, :, None]
    true = density.sum(axis=1)
    there = np.array([1.0 - one.gone for one in what])
    found = (there / true.sum(axis=1))[:, None] * true @ seen
    return np.concatenate([found, np.maximum(1.0 - found.sum(axis=1, keepdims=True), 0.0)], axis=1)


def best_look(looks: Sequence[Told], now: datetime, half_life_h: float) -> int | None:
    """Choose what tells most a minute; what is told later is worth less, half after `half_life_h`.

    Returns
    -------
    int or None
        Which of them, of equals the first; None: there is none.
    """
    waits_h = [max((one.at - now).total_seconds() / 3600.0, 0.0) for one in looks]
    worth = [one.bits_per_min * 2.0 ** (-wait / half_life_h) for one, wait in zip(looks, waits_h, strict=True)]
    return worth.index(max(worth)) if worth else None


@cache
def _instrument() -> tuple[Array, Array]:
    """Magnitudes beside the limit, and what is measured of each, shape (true, measured); the rest is not seen."""
    grid = np.arange(_BRIGHT_MAG, _FAINT_MAG + _STEP_MAG / 2, _STEP_MAG)
    chance = 1.0 / (1.0 + np.exp(np.minimum(grid / _SOFT_MAG, 60.0)))
    err = np.clip(0.2 * 10 ** (0.4 * grid), _LEAST_ERR_MAG, _MOST_ERR_MAG)
    measured = np.exp(-0.5 * ((grid[None, :] - grid[:, None]) / err[:, None]) ** 2)
    return grid, chance[:, None] * measured / measured.sum(axis=1, keepdims=True)
