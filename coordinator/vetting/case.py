"""What a check is asked about: one candidate, what the map says of its place, and what is known of the event."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.detection import Distances
from coordinator.sky.curve import ProbabilityCurve
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
    """A sky map made ready for many look-ups; `strip_distances` are those along its curve; None: it knows none."""

    sky: SkyMap
    lookup: Lookup
    curve: ProbabilityCurve
    strip_distances: Distances | None

    @classmethod
    def of(cls, sky: SkyMap) -> "Atlas":
        """Rank the cells once, and lay them out."""
        curve = ProbabilityCurve.of(sky)
        if curve.dist_mu_mpc is None or curve.dist_sigma_mpc is None:
            return cls(sky, Lookup.of(sky), curve, None)
        return cls(sky, Lookup.of(sky), curve, Distances.of(curve.dist_mu_mpc, curve.dist_sigma_mpc))

    @property
    def source(self) -> str:
        """Which map it is, for people."""
        return f"sky map {self.sky.facts.sha256[:12]}"

    def places(self, ra_deg: Sequence[float], dec_deg: Sequence[float]) -> list[Place]:
        """Say what the map knows of each place."""
        density, level, rows = self.lookup.at(ra_deg, dec_deg)
        distances = self.distances(rows)
        return [place_of(float(d), float(c), its) for d, c, its in zip(density, level, distances.T, strict=True)]

    def distances(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what the map says of the distance in rows, -1 is outside; without a layer, what it says of the whole.

        Returns
        -------
        float64 array, shape (5, n)
            Mean, spread and the parameters mu, sigma and norm of `Place`, Mpc; NaN where it says nothing.
        """
        sky, facts = self.sky, self.sky.facts
        whole = np.full((3, 1), np.nan)
        if facts.distance_mpc is not None and facts.distance_std_mpc:
            mu, sigma = facts.distance_mpc, facts.distance_std_mpc
            whole = np.array([[mu], [sigma], [1.0 / (mu * mu + sigma * sigma)]])
        parameters = np.repeat(whole, rows.size, axis=1)
        if sky.dist_mu_mpc is not None and sky.dist_sigma_mpc is not None and sky.dist_norm is not None:
            inside = rows >= 0
            layers = (sky.dist_mu_mpc, sky.dist_sigma_mpc, sky.dist_norm)
            own = np.stack([np.asarray(layer[rows[inside]], np.float64) for layer in layers])
            sound = np.isfinite(own).all(axis=0) & (own[1] > 0) & (own[2] > 0)
            parameters[:, inside] = np.where(sound, own, np.nan)
        mean, spread = mean_and_spread(parameters[0], parameters[1])
        known = mean > 0
        return np.stack([np.where(known, mean, np.nan), np.where(known, spread, np.nan), *parameters])


def place_of(density_per_sr: float, level: float, distances: NDArray[np.float64]) -> Place:
    """Put together what was looked up of one place; `distances` as a column of `Atlas.distances`."""
    mean, spread, mu, sigma, norm = (None if math.isnan(x) else x for x in distances.tolist())
    return Place(density_per_sr, level, mu, sigma, norm, mean, spread)
