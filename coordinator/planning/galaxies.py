"""Galaxies that may host the source: where they are, how far, how bright; and which of a map's cells each is in."""

from dataclasses import dataclass
from dataclasses import fields as fields_of

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.planning.stretches import Ints, stretches
from coordinator.sky.nested import MAX_ORDER, pixel_at
from coordinator.sky.skymap import SkyMap
from telescopes.description.ephemeris import Array, directions


@dataclass(frozen=True, slots=True, eq=False)
class Galaxies:
    """Galaxies with a known distance, sorted along the nested curve.

    Attributes
    ----------
    key : int64 array, shape (n,)
        Nested pixel of order 29, not decreasing.
    ra_deg, dec_deg, distance_mpc : float64 arrays, shape (n,)
        All known.
    distance_err_mpc, b_mag, k_mag, mass_msun : float64 arrays, shape (n,)
        NaN where unknown; apparent magnitudes, stellar mass in solar masses.
    row : int64 array, shape (n,)
        Row of the catalogue, by which its name is found.
    """

    key: Ints
    ra_deg: Array
    dec_deg: Array
    distance_mpc: Array
    distance_err_mpc: Array
    b_mag: Array
    k_mag: Array
    mass_msun: Array
    row: Ints

    def __len__(self) -> int:
        return self.key.size

    @classmethod
    def of(
        cls,
        ra_deg: ArrayLike,
        dec_deg: ArrayLike,
        distance_mpc: ArrayLike,
        *,
        distance_err_mpc: ArrayLike = np.nan,
        b_mag: ArrayLike = np.nan,
        k_mag: ArrayLike = np.nan,
        mass_msun: ArrayLike = np.nan,
    ) -> "Galaxies":
        """Sort galaxies given in any order; those at one place by distance."""
        ra, dec = np.atleast_1d(np.asarray(ra_deg, np.float64)), np.atleast_1d(np.asarray(dec_deg, np.float64))
        others = (distance_mpc, distance_err_mpc, b_mag, k_mag, mass_msun)
        columns = [np.broadcast_to(np.asarray(column, np.float64), ra.shape) for column in others]
        key = pixel_at(MAX_ORDER, ra, dec)
        by = np.lexsort((columns[0], key))
        distance, error, b, k, mass = (column[by] for column in columns)
        return cls(key[by], ra[by], dec[by], distance, error, b, k, mass, by)

    @classmethod
    def joined(cls, lots: "list[Galaxies]") -> "Galaxies":
        """Put lots together that follow one another along the curve; at least one."""
        return cls(*(np.concatenate([getattr(lot, f.name) for lot in lots]) for f in fields_of(cls)))

    def chosen(self, which: Ints | NDArray[np.bool_]) -> "Galaxies":
        """Some of them; numbers must not decrease."""
        return Galaxies(*(getattr(self, f.name)[which] for f in fields_of(Galaxies)))

    @property
    def vectors(self) -> Array:
        """ICRS unit vectors, shape (n, 3)."""
        return directions(self.ra_deg, self.dec_deg)


def cells_of_galaxies(sky: SkyMap, key: Ints) -> Ints:
    """Row of the map that holds each galaxy, -1 where the map says nothing.

    Parameters
    ----------
    key : int64 array, shape (n,)
        Nested pixels of order 29, not decreasing.
    """
    shift = 2 * (MAX_ORDER - sky.order)
    low = sky.ipix << shift
    first = np.searchsorted(key, low)
    last = np.searchsorted(key, low + (np.int64(1) << shift))
    row = np.full(key.size, -1)
    row[stretches(first, last - first)] = np.repeat(np.arange(low.size), last - first)
    return row
