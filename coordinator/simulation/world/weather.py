"""Clouds over each site: a chain of two states in steps of ten minutes, carried over neighbours by the wind.

A clear sky clouds over with ``1 - exp(-dt / tau)`` a step, a clouded one clears with ``1 - exp(-dt / tau_cloud)``,
``tau_cloud = tau (1 - f) / f`` for a clear share f; tau is 12 hours. What comes is decided by a number a step; sites
that lie together take those that the wind brings (`winds.py`), and so often the same one that the skies of two of them
have a correlation of 0.6 at 300 km, once the wind has had its time. What is shared is what comes, and not the state: so
shares and spells of each site are those of a site that is alone. Normal numbers that remember would not keep them (with
an hour of memory a clear share of 0.90 becomes 0.83, and spells of 12 hours become 19).
(What is known of weather at several sites at once is next to nothing: 12 hours, 0.6 at 300 km, and that sites more than
1000 km apart have nothing in common, are assumed.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from coordinator.simulation.world.clear_skies import apart_km, clear_sky_at
from coordinator.simulation.world.winds import Wind, carried_numbers, drawn_wind, lags_h, middle_latitude_deg
from telescopes.description.telescope import Site

Array = NDArray[np.float64]
Closed = tuple[tuple[datetime, datetime], ...]

STEP_H = 1.0 / 6.0
RUN_IN = 4
"""Clear spells that pass before the beginning, so that neighbours have their weather in common from the first hour."""

FIRST_OF_TWO = 0.75
"""How often a site that is alone takes the first of two numbers: as good as one, and its clouds stay as they were."""


@dataclass(frozen=True, slots=True)
class WeatherLaw:
    """How weather goes.

    Attributes
    ----------
    clear_h : float
        Mean length of a clear spell.
    carried_km : float
        So far apart two sites have what the wind brings in common with a chance of 1/e.
    together_km : float
        Sites joined by steps shorter than this have a wind together; others have nothing in common.
    wind : Wind, optional
        Over all of them; None: it is drawn for each group of sites.
    happens : bool
        False: it is clear everywhere, all the time.
    clear : float, optional
        Share of the time that it is clear at every site; None: as it is measured or assumed at each.
    clear_at : tuple of (telescope id, share)
        Sites with a share of their own.
    """

    clear_h: float = 12.0
    carried_km: float = 1000.0
    together_km: float = 1000.0
    wind: Wind | None = None
    happens: bool = True
    clear: float | None = None
    clear_at: tuple[tuple[str, float], ...] = ()

    def by_month(self, telescope_id: str, site: Site) -> tuple[float, ...]:
        """Return the share of time that it is clear at a site in each of the twelve months."""
        share = dict(self.clear_at).get(telescope_id, self.clear)
        return clear_sky_at(site).by_month if share is None else (share,) * 12


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
    places, how = list(sites.values()), law or WeatherLaw()
    if not how.happens:
        return {name: () for name in sites}
    steps = max(1, int(np.ceil(hours / STEP_H)))
    months = [(start + timedelta(hours=n * STEP_H)).month - 1 for n in range(steps)]
    by_month = [how.by_month(name, site) for name, site in sites.items()]
    clear_share = np.array(by_month).reshape(len(places), 12)[:, months]
    clear = chain(_numbers_alone(rng, len(places), steps), clear_share, how)
    group = np.array(groups_of(places, how.together_km), np.int64)
    together = [np.flatnonzero(group == first) for first in dict.fromkeys(group.tolist())]
    # A stream of their own: what sites that are alone draw is as if there were no others.
    for mine, chance in zip(together, rng.spawn(len(together)), strict=True):
        if mine.size > 1:
            clear[mine] = _carried(chance, [places[n] for n in mine], clear_share[mine], how)
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


def chain(numbers: Array, clear_share: Array, law: WeatherLaw) -> NDArray[np.bool_]:
    """Run the chain.

    Parameters
    ----------
    numbers : float64 array, shape (sites, steps)
        Even between 0 and 1, and of one site independent: they decide what comes.
    clear_share : float64 array, shape (sites, steps)
        How often it is clear, 0 to 1.

    Returns
    -------
    bool array, shape (sites, steps)
        True where it is clear.
    """
    share = np.clip(clear_share, 0.01, 0.99)
    clouds_over = 1.0 - np.exp(-STEP_H / law.clear_h)
    clears = 1.0 - np.exp(-STEP_H * share / (law.clear_h * (1.0 - share)))
    clear = np.empty(share.shape, bool)
    clear[:, 0] = numbers[:, 0] < share[:, 0]
    for step in range(1, share.shape[1]):
        was, chance = clear[:, step - 1], numbers[:, step]
        clear[:, step] = np.where(was, chance >= clouds_over, chance > 1.0 - clears[:, step])
    return clear


def _numbers_alone(rng: np.random.Generator, sites: int, steps: int) -> Array:
    first = rng.random(sites)
    one, other, which = rng.random((steps - 1, 3, sites)).transpose(1, 2, 0)
    return np.column_stack([first, np.where(which < FIRST_OF_TWO, one, other)])


def _carried(rng: np.random.Generator, sites: Sequence[Site], clear_share: Array, law: WeatherLaw) -> NDArray[np.bool_]:
    """Run the chain of sites that lie together, from long before the beginning."""
    wind = law.wind or drawn_wind(rng, middle_latitude_deg(sites))
    before = int(RUN_IN * law.clear_h / STEP_H)
    late = np.rint(lags_h(sites, wind) / STEP_H).astype(np.int64).tolist()
    numbers = carried_numbers(rng, sites, late, before + clear_share.shape[1], law.carried_km)
    run_in = np.repeat(clear_share[:, :1], before, axis=1)
    return chain(numbers, np.hstack([run_in, clear_share]), law)[:, before:]


def _spans(closed: NDArray[np.bool_], start: datetime) -> Closed:
    edges = np.flatnonzero(np.diff(np.r_[False, closed, False].astype(np.int8)))
    instants = [start + timedelta(minutes=10 * int(edge)) for edge in edges]
    return tuple(zip(instants[::2], instants[1::2], strict=True))
