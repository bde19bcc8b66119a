"""What a check is asked about: one candidate, what the map says of its place, and what is known of the event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from coordinator.sky.distances import mean_and_spread
from coordinator.sky.regions import Lookup
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.looks import Look
from coordinator.vetting.neighbours import NOBODY_LOOKED, Neighbours

AFTERGLOW_SHARE = 0.1
"""Of what is seen first after gravitational waves (assumed: few jets point at us)."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a sky map says of one place; distances None: it says nothing there.

    `dist_mu_mpc`, `dist_sigma_mpc`, `dist_norm` are parameters of p(D) ~ D^2 N(D; mu, sigma); `dist_mean_mpc` and
    `dist_spread_mpc` are its mean and standard deviation.
    """

    density_per_sr: float
    credible_level: float
    dist_mu_mpc: float | None = None
    dist_sigma_mpc: float | None = None
    dist_norm: float | None = None
    dist_mean_mpc: float | None = None
    dist_spread_mpc: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A candidate before its checks; `place` None: the event has no sky map.

    `hosts_looked_for`: a telescope that saw it names the host galaxies of others. `looks`: observations of its place.
    `near`: what catalogues and others know there. `afterglow_share`: how much of what the counterpart's light may be is
    an afterglow; the rest is a kilonova.
    """

    candidate: Candidate
    place: Place | None
    t0: datetime | None
    map_source: str = "no sky map"
    hosts_looked_for: bool = False
    looks: tuple[Look, ...] = ()
    near: Neighbours = NOBODY_LOOKED
    afterglow_share: float = AFTERGLOW_SHARE


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """A sky map made ready for many look-ups."""

    sky: SkyMap
    lookup: Lookup

    @classmethod
    def of(cls, sky: SkyMap) -> "Atlas":
        """Rank the cells once."""
        return cls(sky, Lookup.of(sky))

    @property
    def source(self) -> str:
        """Which map it is, for people."""
        return f"sky map {self.sky.facts.sha256[:12]}"

    def places(self, ra_deg: Sequence[float], dec_deg: Sequence[float]) -> list[Place]:
        """Say what the map knows of each place."""
        density, level, rows = self.lookup.at(ra_deg, dec_deg)
        parameters = [self._distance(int(row)) for row in rows]
        means, spreads = mean_and_spread(*(np.array([p[k] for p in parameters], np.float64) for k in (0, 1)))
        return [
            Place(float(d), float(c), *its, *((float(m), float(s)) if m > 0 else (None, None)))
            for d, c, its, m, s in zip(density, level, parameters, means, spreads, strict=True)
        ]

    def _distance(self, row: int) -> tuple[float | None, float | None, float | None]:
        """Return the distance parameters of a cell; without a layer, those of the whole map."""
        sky, facts = self.sky, self.sky.facts
        if row >= 0 and sky.dist_mu_mpc is not None and sky.dist_sigma_mpc is not None and sky.dist_norm is not None:
            mu, sigma, norm = (float(a[row]) for a in (sky.dist_mu_mpc, sky.dist_sigma_mpc, sky.dist_norm))
            known = np.isfinite([mu, sigma, norm]).all() and sigma > 0 and norm > 0
            return (mu, sigma, norm) if known else (None, None, None)
        if facts.distance_mpc is None or not facts.distance_std_mpc:
            return None, None, None
        mu, sigma = facts.distance_mpc, facts.distance_std_mpc
        return mu, sigma, 1.0 / (mu * mu + sigma * sigma)
