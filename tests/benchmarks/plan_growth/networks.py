"""Networks of any size, and maps of any number of cells, made of those that there are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from coordinator.sky.skymap import SkyMap
from telescopes.description.telescope import Site, Telescope

SEED = 20190425
LATITUDE_SPREAD_DEG = 10.0
MOST_LATITUDE_DEG = 70.0


def network(known: Sequence[Telescope], count: int) -> tuple[Telescope, ...]:
    """Return so many telescopes: those that are known, by id, then the same instruments at other sites.

    A made site is the known one at any longitude, its latitude shifted by about 10 degrees; the same count and
    the same known telescopes give the same network.
    """
    by_id = sorted(known, key=lambda t: t.id)
    chance = np.random.default_rng(SEED)
    made = list(by_id[:count])
    while len(made) < count:
        like = by_id[len(made) % len(by_id)]
        latitude = like.site.latitude_deg + LATITUDE_SPREAD_DEG * chance.standard_normal()
        site = Site(
            float(np.clip(latitude, -MOST_LATITUDE_DEG, MOST_LATITUDE_DEG)),
            float(chance.uniform(-180.0, 180.0)),
            like.site.elevation_m,
        )
        made.append(replace(like, id=f"{like.id}-{len(made) // len(by_id)}", site=site))
    return tuple(made)


def split(sky: SkyMap, times: int) -> SkyMap:
    """Return the same sky in four times as many cells, so many times over."""
    if times == 0:
        return sky
    parts = 4**times
    child = np.arange(parts)

    def each(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else np.repeat(values, parts)

    return SkyMap(
        order=np.repeat(sky.order + times, parts),
        ipix=(sky.ipix[:, None] * parts + child).ravel(),
        probability=np.repeat(sky.probability / parts, parts),
        facts=sky.facts,
        dist_mu_mpc=each(sky.dist_mu_mpc),
        dist_sigma_mpc=each(sky.dist_sigma_mpc),
        dist_norm=each(sky.dist_norm),
    )
