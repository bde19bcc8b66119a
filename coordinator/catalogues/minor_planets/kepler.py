"""Kepler's problem for any conic, many bodies at once."""

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.minor_planets.elements import GAUSS
from telescopes.description.ephemeris import Array

MU = GAUSS * GAUSS
_ROUND = 0.95
"""Rounder ellipses are solved by the eccentric anomaly; all else by the universal variable."""
_MOST_STEPS = 60
_SERIES = 0.1
_FLATTEST = -1.0e4
"""Beyond this cosh overflows; an orbit that comes here is given up and is NaN."""


def in_plane(q_au: Array, e: Array, since_perihelion_d: Array) -> tuple[Array, Array, Array, Array]:
    """Return place and velocity in the plane of the orbit.

    Parameters
    ----------
    q_au, e, since_perihelion_d : float64 arrays, shape (n,)
        Perihelion distance, eccentricity (any), time since perihelion.

    Returns
    -------
    x, y : float64 arrays, shape (n,)
        au; x points to the perihelion.
    vx, vy : float64 arrays, shape (n,)
        au per day. NaN where no solution was found.
    """
    found = np.full((4, q_au.size), np.nan)
    round_ = e < _ROUND
    if round_.all():
        found[:] = _ellipse(q_au, e, since_perihelion_d)
    else:
        found[:, round_] = _ellipse(q_au[round_], e[round_], since_perihelion_d[round_])
        found[:, ~round_] = _any_conic(q_au[~round_], e[~round_], since_perihelion_d[~round_])
    return found[0], found[1], found[2], found[3]


def _ellipse(q: Array, e: Array, t: Array) -> Array:
    """Solve by Halley's iteration of E - e sin E = M (Danby 1988, section 6.6)."""
    a = q / (1.0 - e)
    n = GAUSS / (a * np.sqrt(a))
    mean = n * t
    mean -= 2.0 * np.pi * np.round(mean / (2.0 * np.pi))
    anomaly = mean + 0.85 * e * np.sign(mean)
    sin, cos = np.sin(anomaly), np.cos(anomaly)
    for _ in range(_MOST_STEPS):
        f, slope = anomaly - e * sin - mean, 1.0 - e * cos
        step = f / (slope - 0.5 * f * e * sin / slope)
        anomaly -= step
        sin, cos = np.sin(anomaly), np.cos(anomaly)
        if not np.any(np.abs(step) > 1e-9):  # the next step would be its cube
            break
    b = a * np.sqrt(1.0 - e * e)
    rate = n / (1.0 - e * cos)
    return np.stack([a * (cos - e), b * sin, -a * sin * rate, b * cos * rate])


def _any_conic(q: Array, e: Array, t: Array) -> Array:
    """Solve by the universal variable s, counted from perihelion: t = q s + mu e s^3 c3(alpha s^2).

    Notes
    -----
    Stumpff's functions after Danby 1988, section 6.9. The time is convex in s (to half a turn of an ellipse), and the
    root of what is less (a cubic; of a hyperbola also (e - 1) sinh F) lies beyond the solution: Newton's steps from
    there never overshoot.
    """
    alpha = MU * (1.0 - e) / q
    bound = alpha > 0
    turned = t.copy()
    period = 2.0 * np.pi * q[bound] / ((1.0 - e[bound]) * np.sqrt(alpha[bound]))
    turned[bound] -= period * np.round(t[bound] / period)
    t = np.abs(turned)
    s = _cubic(q, e, t)
    open_ = alpha < 0
    root = np.sqrt(-alpha[open_])
    s[open_] = np.minimum(s[open_], np.arcsinh(t[open_] * root**3 / (MU * (e[open_] - 1.0))) / root)
    s[bound] = np.minimum(s[bound], np.pi / np.sqrt(alpha[bound]))
    done = np.zeros(q.size, bool)
    for _ in range(_MOST_STEPS):
        c2, c3 = _stumpff(alpha * s * s)
        step = (q * s + MU * e * s**3 * c3 - t) / (q + MU * e * s * s * c2)
        s -= step
        done = np.abs(step) <= 1e-12 * np.maximum(s, 1.0)
        if done.all():
            break
    c2, c3 = _stumpff(alpha * s * s)
    c1, sign = 1.0 - alpha * s * s * c3, np.where(turned < 0, -1.0, 1.0)
    r, fastest = q + MU * e * s * s * c2, np.sqrt(MU * (1.0 + e) / q)
    x, y = q - MU * s * s * c2, sign * (t - MU * s**3 * c3) * fastest
    found = np.stack([x, y, -sign * MU * s * c1 / r, (1.0 - MU * s * s * c2 / r) * fastest])
    return np.where(done, found, np.nan)


def _cubic(q: Array, e: Array, t: Array) -> Array:
    """Solve q s + mu e s^3 / pi^2 = t; c3 is nowhere less than 1 / pi^2 where it is asked for."""
    p, w = q * np.pi**2 / (MU * e), t * np.pi**2 / (MU * e)
    return np.asarray(2.0 * np.sqrt(p / 3.0) * np.sinh(np.arcsinh(1.5 * w / p * np.sqrt(3.0 / p)) / 3.0))


def _stumpff(z: Array) -> tuple[Array, Array]:
    """Return c2(z) = 1/2! - z/4! + ..., c3(z) = 1/3! - z/5! + ..."""
    c2, c3 = np.empty_like(z), np.empty_like(z)
    _series(z, np.abs(z) < _SERIES, c2, c3)
    up = z >= _SERIES
    root = np.sqrt(z[up])
    c2[up], c3[up] = (1.0 - np.cos(root)) / z[up], (root - np.sin(root)) / root**3
    down = z <= -_SERIES
    far = np.maximum(z[down], _FLATTEST)
    root = np.sqrt(-far)
    c2[down], c3[down] = (np.cosh(root) - 1.0) / -far, (np.sinh(root) - root) / root**3
    gone = ~np.isfinite(z)
    c2[gone] = c3[gone] = np.nan
    return c2, c3


def _series(z: Array, near: NDArray[np.bool_], c2: Array, c3: Array) -> None:
    x = z[near]
    c2[near] = (1 - x / 12 * (1 - x / 30 * (1 - x / 56 * (1 - x / 90 * (1 - x / 132))))) / 2
    c3[near] = (1 - x / 20 * (1 - x / 42 * (1 - x / 72 * (1 - x / 110 * (1 - x / 156))))) / 6
