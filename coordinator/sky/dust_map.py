"""A map of the Galaxy's dust, as planning needs it: coarse, and in ICRS."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.nested import MAX_ORDER

DUST_ORDER = 6
"""Pixels of a degree: dust varies within them, and so does what a field of view covers."""


@dataclass(frozen=True, slots=True, eq=False)
class DustMap:
    """Mean reddening in nested pixels of order 6.

    Attributes
    ----------
    reddening_mag : float64 array, shape (49152,)
        E(B-V) on the scale of Schlegel, Finkbeiner and Davis (1998), ICRS; NaN where the map has nothing.
    name : str
        Where it comes from, for people.
    """

    reddening_mag: NDArray[np.float64]
    name: str

    def at(self, key: NDArray[np.int64]) -> NDArray[np.float64]:
        """Reddening at places on the nested curve of order 29, shape (n,)."""
        return np.asarray(self.reddening_mag[key >> (2 * (MAX_ORDER - DUST_ORDER))])
