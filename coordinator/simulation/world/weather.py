"""Clouds over each site: a chain of two states in steps of ten minutes, shared by sites that lie together.

A clear sky clouds over with ``1 - exp(-dt / tau)`` a step, a clouded one clears with ``1 - exp(-dt / tau_cloud)``,
``tau_cloud = tau (1 - f) / f`` for a clear share f; tau is 12 hours. Clouds and clearings come over all sites of a
group at once or over one alone, so often that the skies of two have a correlation of 0.6. What is shared has the memory
of the chain, which is that of an AR(1) process, and leaves shares and spells of each site as they are; normal numbers
that remember would not (with an hour of memory a clear share of 0.90 becomes 0.83, and spells of 12 hours become 19).
(What is known of weather at several sites at once is next to nothing: 12 hours, 0.6 and 300 km are assumed.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from coordinator.simulation.world.clear_skies import apart_km, clear_sky_at
from telescopes.description.telescope import Site

Array = NDArray[np.float64]
Closed = tuple[tuple[datetime, datetime], ...]

STEP_H = 1.0 / 6.0


@dataclass(frozen=True, slots=True)
class WeatherLaw:
    """How weather goes: mean length of a clear spell, correlation of neighbours' skies, and how near these are."""

    clear_h: float = 12.0
    correlation: float = 0.6
    together_km: float = 300.0

    @property
    def shared(self) -> float:
        """Share of what comes that comes over all of a group: two chains then have a correlation of c / (2 - c)."""
        return 2.0 * self.correlation / (1.0 + self.correlation)


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
    how = law or WeatherLaw()
    clear = chain(rng, clear_share, groups_of(places, how.together_km), how)
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


def chain(rng: np.random.Generator, clear_share: Array, groups: Sequence[int], law: WeatherLaw) -> NDArray[np.bool_]:
    """Run the chain.

    Parameters
    ----------
    clear_share : float64 array, shape (sites, steps)
        How often it is clear, 0 to 1.
    groups : sequence of int
        Group of each site: the place of its first site.

    Returns
    -------
    bool array, shape (sites, steps)
        True where it is clear.
    """
    sites, steps = clear_share.shape
    share = np.clip(clear_share, 0.01, 0.99)
    clouds_over = 1.0 - np.exp(-STEP_H / law.clear_h)
    clears = 1.0 - np.exp(-STEP_H * share / (law.clear_h * (1.0 - share)))
    group = np.asarray(groups, np.int64)
    clear = np.empty((sites, steps), bool)
    clear[:, 0] = rng.random(sites) < share[:, 0]
    for step in range(1, steps):
        # A group's sites take the same number or each its own.
        over_all, own, how = rng.random((3, sites))
        chance = np.where(how[group] < law.shared, over_all[group], own)
        was = clear[:, step - 1]
        clear[:, step] = np.where(was, chance >= clouds_over, chance > 1.0 - clears[:, step])
    return clear


def _spans(closed: NDArray[np.bool_], start: datetime) -> Closed:
    edges = np.flatnonzero(np.diff(np.r_[False, closed, False].astype(np.int8)))
    instants = [start + timedelta(minutes=10 * int(edge)) for edge in edges]
    return tuple(zip(instants[::2], instants[1::2], strict=True))
