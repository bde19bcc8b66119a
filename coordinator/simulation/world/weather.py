"""Clouds over each site: a chain of two states in steps of ten minutes, shared by sites that lie together.

A clear sky clouds over with ``1 - exp(-dt / tau)`` a step, a clouded one clears with ``1 - exp(-dt / tau_cloud)``,
``tau_cloud = tau (1 - f) / f`` for a clear share f; tau is 12 hours. The chance of each step is a normal number of
which sites within 300 km share a part of 0.6, and that part remembers the last hour: a front passes over all of them.
(What is known of weather at several sites at once is next to nothing; these figures are assumed.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from coordinator.simulation.world.clear_skies import apart_km, clear_sky_at
from telescopes.description.telescope import Site

Array = NDArray[np.float64]
Closed = tuple[tuple[datetime, datetime], ...]

STEP_H = 1.0 / 6.0


@dataclass(frozen=True, slots=True)
class WeatherLaw:
    """How weather goes: mean length of a clear spell, what neighbours share, how long that lasts, and how near."""

    clear_h: float = 12.0
    shared: float = 0.6
    front_h: float = 1.0
    together_km: float = 300.0


def drawn_clouds(
    rng: np.random.Generator, sites: Mapping[str, Site], start: datetime, hours: float, law: WeatherLaw | None = None
) -> dict[str, Closed]:
    """Draw when the sky over each site is closed.

    Parameters
    ----------
    sites : mapping of telescope id to Site
        In an order that is always the same.
    hours : float
        From `start`, in steps of ten minutes.

    Returns
    -------
    dict
        Closed spans by telescope id, in order of time: what a `World` takes as its clouds.
    """
    places = list(sites.values())
    steps = max(1, int(np.ceil(hours / STEP_H)))
    months = [(start + timedelta(hours=n * STEP_H)).month - 1 for n in range(steps)]
    clear_share = np.array([clear_sky_at(site).by_month for site in places]).reshape(len(places), 12)[:, months]
    clear = _chain(rng, clear_share, groups_of(places, (law or WeatherLaw()).together_km), law or WeatherLaw())
    return {name: _spans(~row, start) for name, row in zip(sites, clear, strict=True)}


def groups_of(sites: Sequence[Site], together_km: float) -> list[int]:
    """Number the groups of sites that are joined by steps shorter than this."""
    group = list(range(len(sites)))
    for i, one in enumerate(sites):
        for j in range(i):
            if apart_km(one, sites[j]) < together_km:
                old, new = max(group[i], group[j]), min(group[i], group[j])
                group = [new if g == old else g for g in group]
    return group


def _chain(rng: np.random.Generator, clear_share: Array, groups: Sequence[int], law: WeatherLaw) -> NDArray[np.bool_]:
    """Run the chain; True where it is clear, shape (sites, steps)."""
    sites, steps = clear_share.shape
    share = np.clip(clear_share, 0.01, 0.99)
    clouds_over = 1.0 - np.exp(-STEP_H / law.clear_h)
    clears = 1.0 - np.exp(-STEP_H * share / (law.clear_h * (1.0 - share)))
    kept = np.exp(-STEP_H / law.front_h)
    front = rng.normal(size=sites)
    clear = np.empty((sites, steps), bool)
    clear[:, 0] = rng.random(sites) < share[:, 0]
    for step in range(1, steps):
        front = kept * front + np.sqrt(1.0 - kept**2) * rng.normal(size=sites)
        own = rng.normal(size=sites)
        chance = ndtr(np.sqrt(law.shared) * front[list(groups)] + np.sqrt(1.0 - law.shared) * own)
        was = clear[:, step - 1]
        clear[:, step] = np.where(was, chance >= clouds_over, chance > 1.0 - clears[:, step])
    return clear


def _spans(closed: NDArray[np.bool_], start: datetime) -> Closed:
    edges = np.flatnonzero(np.diff(np.r_[False, closed, False].astype(np.int8)))
    instants = [start + timedelta(minutes=10 * int(edge)) for edge in edges]
    return tuple(zip(instants[::2], instants[1::2], strict=True))
