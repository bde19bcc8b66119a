"""Where bodies are seen: two-body orbits, light time, and the observer's own place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.minor_planets.elements import Elements
from coordinator.catalogues.minor_planets.kepler import MU, in_plane
from telescopes.description.ephemeris import LIGHT_AU_PER_DAY, Array

OBLIQUITY_RAD = np.radians(84381.448 / 3600.0)
"""Of the ecliptic of J2000 (IAU 1976), as JPL and the Minor Planet Center use it."""

_FORWARD_SCATTER = ((3.33, 0.63), (1.87, 1.22))
"""A and B of the two phase functions (Bowell et al. 1989)."""


@dataclass(frozen=True, slots=True, eq=False)
class Orbits:
    """Elements made ready for many times.

    Attributes
    ----------
    q_au, e, tp_mjd : float64 arrays, shape (n,)
    p, q : float64 arrays, shape (n, 3)
        Unit vectors to the perihelion and 90 degrees on, ICRS.
    """

    q_au: Array
    e: Array
    tp_mjd: Array
    p: Array
    q: Array

    def __len__(self) -> int:
        return int(self.q_au.size)

    def at(self, rows: NDArray[np.int64]) -> "Orbits":
        """Return some of them."""
        return Orbits(self.q_au[rows], self.e[rows], self.tp_mjd[rows], self.p[rows], self.q[rows])

    @classmethod
    def of(cls, elements: Elements) -> "Orbits":
        """Turn the angles into directions, once."""
        r = elements.records
        node, peri, incl = (np.radians(r[name]) for name in ("node_deg", "peri_deg", "incl_deg"))
        cn, sn, cp, sp, ci, si = np.cos(node), np.sin(node), np.cos(peri), np.sin(peri), np.cos(incl), np.sin(incl)
        p = _equatorial(cn * cp - sn * sp * ci, sn * cp + cn * sp * ci, sp * si)
        q = _equatorial(-cn * sp - sn * cp * ci, -sn * sp + cn * cp * ci, cp * si)
        q_au, e, tp_mjd = (np.ascontiguousarray(r[name]) for name in ("q_au", "e", "tp_mjd"))
        return cls(q_au, e, tp_mjd, p, q)

    def heliocentric(self, tt_mjd: Array | float) -> tuple[Array, Array]:
        """Return places (au) and velocities (au/d) about the Sun, ICRS, shape (n, 3); NaN where none was found."""
        x, y, vx, vy = in_plane(self.q_au, self.e, tt_mjd - self.tp_mjd)
        place = x[:, None] * self.p + y[:, None] * self.q
        return place, vx[:, None] * self.p + vy[:, None] * self.q

    def seen_from(self, observer_au: Array, tt_mjd: Array | float) -> tuple[Array, Array]:
        """Return where the bodies are seen, by the light that they sent.

        Parameters
        ----------
        observer_au : float64 array, shape (3,) or (n, 3)
            From the Sun, ICRS.
        tt_mjd : float or float64 array, shape (n,)
            When the light arrives.

        Returns
        -------
        seen_au, sun_au : float64 arrays, shape (n, 3)
            From the observer and from the Sun to the body: the astrometric place, as stars of a catalogue measure it.

        Notes
        -----
        Over the light time (20 minutes at 2.4 au) the orbit is a parabola: 1e-5 arcseconds.
        """
        place, velocity = self.heliocentric(tt_mjd)
        pull = -MU / np.linalg.norm(place, axis=1, keepdims=True) ** 3 * place
        then = place
        for _ in range(3):
            late = np.linalg.norm(then - observer_au, axis=1, keepdims=True) / LIGHT_AU_PER_DAY
            then = place - velocity * late + 0.5 * pull * late * late
        return then - observer_au, then


def radec_deg(vectors: Array) -> tuple[Array, Array]:
    """Right ascension (0 to 360) and declination of vectors, shape (n, 3)."""
    x, y, z = vectors[:, 0], vectors[:, 1], vectors[:, 2]
    return np.degrees(np.arctan2(y, x)) % 360.0, np.degrees(np.arctan2(z, np.hypot(x, y)))


def magnitude(h_mag: Array, slope: Array, seen_au: Array, sun_au: Array) -> Array:
    """Return the V magnitude in the HG system (Bowell et al. 1989); NaN where H is unknown, G unknown is 0.15."""
    delta, r = np.linalg.norm(seen_au, axis=1), np.linalg.norm(sun_au, axis=1)
    cos = np.clip(np.einsum("ij,ij->i", seen_au, sun_au) / (delta * r), -1.0, 1.0)
    half = np.tan(np.arccos(cos) / 2.0)
    g = np.where(np.isfinite(slope), slope, 0.15)
    one, two = (np.exp(-a * half**b) for a, b in _FORWARD_SCATTER)
    with np.errstate(divide="ignore"):
        return np.asarray(h_mag + 5.0 * np.log10(r * delta) - 2.5 * np.log10((1.0 - g) * one + g * two))


def _equatorial(x: Array, y: Array, z: Array) -> Array:
    """Turn ecliptic components to ICRS, shape (n, 3)."""
    cos, sin = np.cos(OBLIQUITY_RAD), np.sin(OBLIQUITY_RAD)
    return np.stack([x, y * cos - z * sin, y * sin + z * cos], axis=-1)
