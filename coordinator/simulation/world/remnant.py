"""Whether a merger leaves anything that can shine: two neutron stars do, a black hole may swallow its star whole."""

from typing import Literal

import numpy as np

from coordinator.lightcurves.cosmology import redshift_at
from coordinator.simulation.world.binaries import Binary

HEAVIEST_STAR_MSUN = 3.0
"""Above this the heavier one is a black hole (assumed)."""

STAR_KM = 12.0
FARTHEST_Z = 3.0
_KM_PER_MSUN = 1.4766
_A, _B, _C, _D = 0.406, 0.139, 0.255, 1.761


def class_of(binary: Binary) -> Literal["BNS", "NSBH", "BBH"]:
    """Say what merged by the true masses."""
    heavy, light = _true_masses(binary)
    if light > HEAVIEST_STAR_MSUN:
        return "BBH"
    return "NSBH" if heavy > HEAVIEST_STAR_MSUN else "BNS"


def leaves_something(binary: Binary) -> bool:
    """Say whether matter is left outside.

    Notes
    -----
    For a black hole ``max(a (1 - 2C) / eta^(1/3) - b r C / eta + c, 0)^d`` in units of the star's mass, with the star's
    compactness C (radius 12 km), the symmetric mass ratio eta and the innermost orbit r in units of the hole's mass
    (Foucart, Hinderer and Nissanke 2018, Phys. Rev. D 98, 081501).
    """
    heavy, light = _true_masses(binary)
    return heavy <= HEAVIEST_STAR_MSUN or remnant_share(heavy, light, binary.spin1) > 0.0


def _true_masses(binary: Binary) -> tuple[float, float]:
    """Masses of the heavier and the lighter one, without what their distance adds; beyond z = 3 as there."""
    shift = 1.0 + float(np.nan_to_num(redshift_at(binary.distance_mpc), nan=FARTHEST_Z))
    masses = binary.mass1_detector_msun / shift, binary.mass2_detector_msun / shift
    return max(masses), min(masses)


def remnant_share(hole_msun: float, star_msun: float, spin: float) -> float:
    """Share of the star's mass that is left outside a black hole of this spin, -1 to 1."""
    ratio = hole_msun / star_msun
    eta = ratio / (1.0 + ratio) ** 2
    compact = _KM_PER_MSUN * star_msun / STAR_KM
    left = _A * (1.0 - 2.0 * compact) / eta ** (1.0 / 3.0) - _B * innermost_orbit(spin) * compact / eta + _C
    return float(max(left, 0.0) ** _D)


def innermost_orbit(spin: float) -> float:
    """Radius of the innermost stable orbit over the hole's mass (Bardeen, Press and Teukolsky 1972): 6 without spin."""
    first = 1.0 + np.cbrt(1.0 - spin**2) * (np.cbrt(1.0 + spin) + np.cbrt(1.0 - spin))
    second = np.sqrt(3.0 * spin**2 + first**2)
    return float(3.0 + second - np.sign(spin) * np.sqrt((3.0 - first) * (3.0 + first + 2.0 * second)))
