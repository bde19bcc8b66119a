"""The sky map of what detectors heard: a ring by the arrivals, weighed by loudness, with distances.

Every direction has the probability ``exp(-1/2 sum (t_k - t0 + n.x_k / c)^2 / sigma_k^2)`` of its arrivals, the best t0
taken, times that of its loudnesses. These are ``s_k / d`` for each way that a binary may be turned; with each over its
error, and distances by d^2, the integral over d about ``d0 = S / sum(rho_k s_k)``, ``S = sum s_k^2``, is

    exp(-1/2 (sum rho_k^2 - S / d0^2)) d0^4 / sqrt(S) (1 + 10 d0^2 / S + ...)

whose ``d0^4 / sqrt(S)`` is the ``(sum F^2 R^2)^(3/2)`` of a volume that can be heard. It is summed over the turns. This
is BAYESTAR's posterior (Singer and Price 2016, Phys. Rev. D 93, 024013) without phases. Loudnesses count with each
detector's range; and while cells are wider than the ring, the ring is blurred to their size: without either the truth
lies in the 90 % region of three detectors in 60 % of cases only.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from coordinator.simulation.world.detectors import antennas
from coordinator.simulation.world.distance_layer import layer_of
from coordinator.simulation.world.heard import Heard, snr_errors
from coordinator.sky.cells import Cells, sky_map
from coordinator.sky.distances import marginal_distance
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.skymap import MapFacts, SkyMap

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST_ORDER, LAST_ORDER = 5, 10
CELL_RAD = np.sqrt(np.pi / 3.0)
"""Side of a cell of order 0."""

KEPT_COARSE = 3e-4
"""Probability that is left in coarse cells at each step."""

FINE = 0.35
"""A cell is fine where the time across it is less than this of the error of the times."""

FAINTEST = 4.0
"""A turn for which what is heard stands less than this above noise is none: distances would have no end."""

_TURNS = np.linspace(0.0, np.pi / 2, 8, endpoint=False)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_COSINES = (_NODES + 1.0) / 2.0


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """ln of the probability density of each direction (to a constant), and mean and mean square of its distance."""

    log: Array
    mean_mpc: Array
    square_mpc2: Array


def ring_map(heard: Heard, facts: MapFacts) -> SkyMap:
    """Make the sky map of an event.

    Parameters
    ----------
    heard : Heard
        What was measured.
    facts : MapFacts
        What the file says of itself; distance and name (a hash of the cells) are filled in.
    """
    cells = np.arange(12 << (2 * FIRST_ORDER), dtype=np.int64)
    orders, kept, said = [], [], []
    for order in range(FIRST_ORDER, LAST_ORDER + 1):
        here = _weigh(heard, order, cells)
        split = np.zeros(cells.size, bool) if _is_fine(heard, order) else _worth_splitting(here.log)
        if order == LAST_ORDER:
            split[:] = False
        orders.append(np.full(int((~split).sum()), order, np.int64))
        kept.append(cells[~split])
        said.append(np.stack([here.log, here.mean_mpc, here.square_mpc2])[:, ~split])
        cells = (cells[split][:, None] * 4 + np.arange(4)).ravel()
        if cells.size == 0:
            break
    return _map(np.concatenate(orders), np.concatenate(kept), _Said(*np.concatenate(said, axis=1)), facts)


def facts_of(heard: Heard, name: str, t0: datetime, issued: datetime) -> MapFacts:
    """What such a map says of itself."""
    return MapFacts("simulated", t0, object_id=name, instruments=heard.network.names, creator="ring", issued=issued)


def _map(order: Ints, ipix: Ints, said: _Said, facts: MapFacts) -> SkyMap:
    probability = np.exp(said.log - said.log.max()) * 4.0**-order
    mu, sigma, norm = layer_of(said.mean_mpc, said.square_mpc2)
    sky = sky_map(Cells(order, ipix, probability / probability.sum(), (mu, sigma, norm)), facts)
    mean, spread = marginal_distance(sky) or (None, None)
    named = sha256(b"".join(a.tobytes() for a in (sky.order, sky.ipix, sky.probability, mu, sigma))).hexdigest()
    return replace(sky, facts=replace(sky.facts, sha256=named, distance_mpc=mean, distance_std_mpc=spread))


def _is_fine(heard: Heard, order: int) -> bool:
    """Say whether times differ little across a cell: the pair that differs most, in units of its error."""
    timed = np.isfinite(heard.timing_s)
    place, error = heard.network.light_s[timed], heard.timing_s[timed]
    apart = np.linalg.norm(place[:, None] - place, axis=-1)
    together = np.hypot(error[:, None], error)
    return bool((apart / together).max(initial=0.0) * CELL_RAD / 2**order < FINE)


def _worth_splitting(log: Array) -> NDArray[np.bool_]:
    """Cells that hold all but a little of the probability."""
    share = np.exp(log - log.max())
    best = np.argsort(-share)
    before = np.cumsum(share[best]) - share[best]
    split = np.zeros(log.size, bool)
    split[best[before < (1.0 - KEPT_COARSE) * share.sum()]] = True
    return split


def _weigh(heard: Heard, order: int, ipix: Ints) -> _Said:
    """Weigh the directions of cells."""
    towards = pixel_vectors(order, ipix)
    cos, sin = np.cos(heard.sidereal_rad), np.sin(heard.sidereal_rad)
    x, y, z = towards.T
    turning = np.stack([x * cos + y * sin, y * cos - x * sin, z], axis=-1)
    loud = _by_loudness(heard, turning)
    return _Said(loud.log + _by_arrivals(heard, turning, CELL_RAD / 2**order), loud.mean_mpc, loud.square_mpc2)


def _by_arrivals(heard: Heard, towards: Array, side_rad: float) -> Array:
    """Weigh by times, blurred by the spread of a square cell, side / sqrt(12)."""
    timed = np.isfinite(heard.timing_s)
    if timed.sum() < 2:
        return np.zeros(towards.shape[0])
    place, arrival, error = heard.network.light_s[timed], heard.arrival_s[timed], heard.timing_s[timed]
    weight = error**-2.0
    place = place - weight @ place / weight.sum()
    spread = side_rad / np.sqrt(12.0) * np.linalg.norm(place, axis=-1)
    weight = 1.0 / (error**2 + spread**2)
    late = arrival + towards @ place.T
    late -= ((late @ weight) / weight.sum())[:, None]
    return np.asarray(-0.5 * (late**2 @ weight))


def _by_loudness(heard: Heard, towards: Array) -> _Said:
    """Weigh by loudness, over all ways that a binary may be turned."""
    plus, cross = antennas(heard.network, towards)
    error = snr_errors(heard.snr)
    snr, best = heard.snr / error, (heard.range_snr_mpc / error)[:, None]
    plus, cross = plus * best, cross * best
    power, along, across = plus**2 + cross**2, plus**2 - cross**2, 2.0 * plus * cross
    total, first, second = (np.zeros(towards.shape[0]) for _ in range(3))
    for c, weight in zip(_COSINES, _WEIGHTS, strict=True):
        p, q = ((1.0 + c * c) / 2.0) ** 2, c * c
        for turn in _TURNS:
            swing = along * np.cos(4.0 * turn) + across * np.sin(4.0 * turn)
            squared = np.maximum(power * ((p + q) / 2.0) + swing * ((p - q) / 2.0), 0.0)
            strength = squared.sum(axis=0)
            match = np.maximum(snr @ np.sqrt(squared), FAINTEST * np.sqrt(strength))
            wide = strength / match**2  # (width of 1/d over 1/d)^2
            distance = strength / match
            chance = weight * np.exp(-0.5 * (snr @ snr - match**2 / strength)) * distance**4
            chance *= np.where(wide < FAINTEST**-2.0, strength**-0.5, 0.0)
            total += chance * (1.0 + 10.0 * wide)
            first += chance * distance * (1.0 + 15.0 * wide)
            second += chance * distance**2 * (1.0 + 21.0 * wide)
    safe = np.where(total > 0.0, total, 1.0)
    with np.errstate(divide="ignore"):
        log = np.log(total)
    return _Said(np.maximum(log, -700.0), first / safe, second / safe)
