"""Real sky maps moved in right ascension, so that one map makes many events.

A map that is moved by the sidereal time between two instants lies as before over the turning Earth: what detectors
hear of a direction stays true. Cells of the moved map are as fine as those that it was made from.
"""

from dataclasses import replace
from datetime import datetime

import healpy
import numpy as np
from numpy.typing import NDArray

from coordinator.simulation.world.heard import sidereal_rad
from coordinator.sky.cells import Cells, sky_map
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.regions import Lookup
from coordinator.sky.skymap import SkyMap
from telescopes.description.ephemeris import unix_s

Ints = NDArray[np.int64]

_FINER = 2
_MOST = 29


def moved_to(sky: SkyMap, t0: datetime) -> SkyMap:
    """Move a map to another instant: it keeps its place over the Earth; without a t0 of its own it stays in place."""
    turned = turned_in_ra(sky, turn_deg(sky, t0))
    return replace(turned, facts=replace(turned.facts, t0=t0))


def turn_deg(sky: SkyMap, t0: datetime) -> float:
    """Say by how many degrees of right ascension a map is moved to come to another instant."""
    was = sky.facts.t0
    return 0.0 if was is None else float(np.degrees(sidereal_rad(unix_s(t0)) - sidereal_rad(unix_s(was))))


def turned_in_ra(sky: SkyMap, by_deg: float) -> SkyMap:
    """Move a map eastwards by degrees of right ascension."""
    order, ipix = _cells(sky, by_deg)
    look = Lookup.of(sky)
    density, rows = np.zeros(order.size), np.full(order.size, -1, np.int64)
    for one in np.unique(order):
        mine = np.flatnonzero(order == one)
        finer = min(_FINER, _MOST - int(one))
        inside = (ipix[mine][:, None] * 4**finer + np.arange(4**finer)).ravel()
        found, _, _ = look.at(*_turned(int(one) + finer, inside, -by_deg))
        density[mine] = found.reshape(mine.size, -1).mean(axis=1)
        rows[mine] = look.at(*_turned(int(one), ipix[mine], -by_deg))[2]
    layers = (sky.dist_mu_mpc, sky.dist_sigma_mpc, sky.dist_norm)
    mu, sigma, norm = (None if a is None else np.where(rows >= 0, a[rows], np.nan) for a in layers)
    distance = None if mu is None or sigma is None or norm is None else (mu, sigma, norm)
    probability = density * 4.0**-order
    return sky_map(Cells(order, ipix, probability / probability.sum(), distance), replace(sky.facts, warnings=()))


def _cells(sky: SkyMap, by_deg: float) -> tuple[Ints, Ints]:
    """Split cells wherever, after the move, a finer one of the map lies in or beside them."""
    ra, dec = np.empty(sky.order.size), np.empty(sky.order.size)
    for one in np.unique(sky.order):
        mine = sky.order == one
        ra[mine], dec[mine] = _turned(int(one), sky.ipix[mine], by_deg)
    cells = np.arange(12, dtype=np.int64)
    orders, kept = [], []
    for order in range(int(sky.order.max()) + 1):
        finer = sky.order > order
        touched = np.unique(healpy.ang2pix(1 << order, ra[finer], dec[finer], nest=True, lonlat=True))
        near = healpy.get_all_neighbours(1 << order, touched, nest=True) if touched.size else touched
        split = np.isin(cells, np.union1d(touched, near))
        orders.append(np.full(int((~split).sum()), order, np.int64))
        kept.append(cells[~split])
        cells = (cells[split][:, None] * 4 + np.arange(4)).ravel()
    return np.concatenate(orders), np.concatenate(kept)


def _turned(order: int, ipix: Ints, by_deg: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """RA and Dec, degrees, of pixels' centres after a move."""
    x, y, z = pixel_vectors(order, ipix).T
    return (np.degrees(np.arctan2(y, x)) + by_deg) % 360.0, np.degrees(np.arctan2(z, np.hypot(x, y)))
