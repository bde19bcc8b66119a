"""The gravitational-wave detectors: where they stand and how strongly each hears a direction.

Places and arms are those of LALSuite's ``LALDetectors.h`` (LIGO-T980044, in the frame that turns with the Earth); the
response is ``D = (x x - y y) / 2`` and ``F+ = D : (p p - q q)``, ``Fx = D : (p q + q p)`` with the axes p and q of the
polarisation (Anderson et al. 2001, Phys. Rev. D 63, 042003).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LIGHT_M_S = 299792458.0
DUTY = 0.75
"""Share of time that a detector is up; assumed, about what the runs O3 and O4 had."""


@dataclass(frozen=True, slots=True)
class Site:
    """One detector: its place in metres and the unit vectors of its arms, turning with the Earth."""

    name: str
    place_m: tuple[float, float, float]
    x_arm: tuple[float, float, float]
    y_arm: tuple[float, float, float]


SITES = {
    "H1": Site(
        "H1",
        (-2161414.92636, -3834695.17889, 4600350.22664),
        (-0.22389266154, 0.79983062746, 0.55690487831),
        (-0.91397818574, 0.02609403989, -0.40492342125),
    ),
    "L1": Site(
        "L1",
        (-74276.0447238, -5496283.71971, 3224257.01744),
        (-0.95457412153, -0.14158077340, -0.26218911324),
        (0.29774156894, -0.48791033647, -0.82054461286),
    ),
    "V1": Site(
        "V1",
        (4546374.09900, 842989.697626, 4378576.96241),
        (-0.70045821479, 0.20848948619, 0.68256166277),
        (-0.05379255368, -0.96908180549, 0.24080451708),
    ),
    "K1": Site(
        "K1",
        (-3777336.024, 3484898.411, 3765313.697),
        (-0.3759040, -0.8361583, 0.3994189),
        (0.7164378, 0.01114076, 0.6975620),
    ),
}


@dataclass(frozen=True, slots=True)
class Network:
    """Detectors that are up, and how far each hears two neutron stars of 1.4 solar masses in the mean, Mpc."""

    range_mpc: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, **range_mpc: float) -> "Network":
        """Describe it as ``Network.of(H1=160.0, L1=160.0)``."""
        return cls(tuple(range_mpc.items()))

    @property
    def names(self) -> tuple[str, ...]:
        """Which detectors."""
        return tuple(name for name, _ in self.range_mpc)

    @property
    def ranges_mpc(self) -> Array:
        """Range of each, shape (detectors,)."""
        return np.array([its for _, its in self.range_mpc])

    @property
    def light_s(self) -> Array:
        """Places of the detectors in seconds of light, shape (detectors, 3)."""
        return np.array([SITES[name].place_m for name in self.names]) / LIGHT_M_S

    def up(self, rng: np.random.Generator, duty: float = DUTY) -> "Network":
        """Draw which of them are up."""
        return Network(tuple(one for one in self.range_mpc if rng.random() < duty))


O4 = Network.of(H1=160.0, L1=160.0, V1=55.0)
O5 = Network.of(H1=330.0, L1=330.0, V1=150.0, K1=25.0)
"""Lowest of what is promised for that run (arXiv:1304.0670, the observing plans of 2022)."""


def antennas(network: Network, direction: Array) -> tuple[Array, Array]:
    """F+ and Fx of each detector towards directions, for the polarisation angle 0.

    Parameters
    ----------
    direction : float64 array, shape (n, 3)
        Unit vectors towards the source, in the frame that turns with the Earth.

    Returns
    -------
    two float64 arrays, shape (detectors, n)
    """
    x, y, z = direction.T
    level = np.maximum(np.hypot(x, y), 1e-12)
    east = np.stack([-y / level, x / level, np.zeros_like(x)], axis=-1)
    north = np.stack([-x * z / level, -y * z / level, level], axis=-1)
    plus, cross = [], []
    for name in network.names:
        at_east, at_north = east @ _response(name), north @ _response(name)
        along, across = (at_east * east).sum(-1), (at_north * north).sum(-1)
        plus.append(along - across)
        cross.append(2.0 * (at_east * north).sum(-1))
    return np.array(plus), np.array(cross)


@cache
def _response(name: str) -> Array:
    x, y = np.array(SITES[name].x_arm), np.array(SITES[name].y_arm)
    return np.asarray((np.outer(x, x) - np.outer(y, y)) / 2.0)
