"""Where the zenith of a site, the Sun and the Moon stand: enough for limits, and fast.

The few directions that turn with the Earth are brought to ICRS, not the many fields to the date. Precession
and nutation are taken once per stretch of time (they move 0.1 arcseconds a day), and so is the annual aberration
(20 arcseconds; it moves 0.4 a day). Left out: UT1 - UTC (below a second of time), diurnal aberration and polar
motion (0.3 arcseconds each), refraction (limits are geometric).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import erfa
import numpy as np
from numpy.typing import NDArray

from telescopes.description.telescope import Site

Array = NDArray[np.float64]

UNIX_EPOCH_JD = 2440587.5
DAY_S = 86400.0
AU_KM = 149597870.7
LIGHT_AU_PER_DAY = 173.1446326846693
TT_MINUS_TAI_S = 32.184
FIRST_YEAR, LAST_YEAR = 1900, 2098
"""Years in which times may be: the Earth's orbit is known to 2100 (ERFA's epv00), and windows go on from there."""
STEP_S = 3600.0
"""Sun and Moon are computed hourly and interpolated: the Moon bends off the chord by 0.001 degrees."""


def unix_s(when: datetime) -> float:
    """Seconds since 1970 of an aware instant."""
    return when.timestamp()


def utc_of(seconds: float) -> datetime:
    """Aware UTC of seconds since 1970, to the millisecond."""
    return datetime.fromtimestamp(round(float(seconds), 3), UTC)


def directions(ra_deg: Sequence[float] | Array, dec_deg: Sequence[float] | Array) -> Array:
    """Unit vectors, shape (n, 3), of ICRS positions."""
    ra, dec = np.radians(np.atleast_1d(ra_deg)), np.radians(np.atleast_1d(dec_deg))
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)


def tt_minus_utc_s(seconds: float) -> float:
    """TT - UTC at an instant; after the last leap second known here its value is kept."""
    when = datetime.fromtimestamp(seconds, UTC)
    table = erfa.leap_seconds.get()
    now = when.year * 12 + when.month
    known = table[table["year"] * 12 + table["month"] <= now]
    return float(known["tai_utc"][-1] if known.size else table["tai_utc"][0]) + TT_MINUS_TAI_S


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """The directions up, north and east of a site in ICRS, one row per instant; `theta_rad` its sidereal angle."""

    up: Array
    theta_rad: Array
    latitude_rad: float
    to_cirs: Array

    @property
    def north(self) -> Array:
        """Asked for where there is a mask of the horizon."""
        cos, sin = np.cos(self.theta_rad), np.sin(self.theta_rad)
        height = np.full_like(cos, np.cos(self.latitude_rad))
        return _rows(-np.sin(self.latitude_rad) * cos, -np.sin(self.latitude_rad) * sin, height) @ self.to_cirs

    @property
    def east(self) -> Array:
        """The same."""
        return _rows(-np.sin(self.theta_rad), np.cos(self.theta_rad), np.zeros_like(self.theta_rad)) @ self.to_cirs


@dataclass(frozen=True, slots=True, eq=False)
class Almanac:
    """Sun, Moon and the orientation of the Earth over a stretch of time; the same for all sites.

    Attributes
    ----------
    to_cirs : float64 array, shape (3, 3)
        Turns ICRS vectors to the celestial intermediate system of the middle of the stretch.
    knot_s : float64 array, shape (n,)
        Seconds since 1970 of the rows of `sun` and `moon_km`.
    sun : float64 array, shape (n, 3)
        Apparent direction of the Sun from the Earth's centre, ICRS.
    moon_km : float64 array, shape (n, 3)
        Place of the Moon from the Earth's centre, ICRS.
    velocity : float64 array, shape (3,)
        Velocity of the Earth in the middle of the stretch, in units of that of light, ICRS.
    """

    to_cirs: Array
    knot_s: Array
    sun: Array
    moon_km: Array
    velocity: Array

    @classmethod
    def over(cls, start_s: float, end_s: float) -> "Almanac":
        """Prepare a stretch of time, seconds since 1970; instants up to a day outside stay usable for the Earth."""
        steps = max(1, int(np.ceil((end_s - start_s) / STEP_S)))
        knot_s = np.linspace(start_s, max(end_s, start_s + 1.0), steps + 1)
        shift = tt_minus_utc_s(start_s)
        days = knot_s / DAY_S + shift / DAY_S
        to_cirs = np.asarray(erfa.c2i06a(UNIX_EPOCH_JD, float(days.mean())))
        helio, bary = erfa.epv00(UNIX_EPOCH_JD, days)
        velocity = bary["v"] / LIGHT_AU_PER_DAY
        sun = -helio["p"] / np.linalg.norm(helio["p"], axis=-1, keepdims=True) + velocity
        moon = erfa.moon98(UNIX_EPOCH_JD, days)["p"] * AU_KM
        return cls(to_cirs, knot_s, sun, moon, velocity[len(velocity) // 2])

    def apparent(self, fields: Array) -> Array:
        """Directions in which ICRS unit vectors, shape (n, 3), are seen from the moving Earth."""
        return _unit(fields + self.velocity)

    def axes(self, site: Site, times_s: Array) -> Axes:
        """Up, north and east of a site at instants (seconds since 1970), shape (n, 3) each."""
        times_s = np.atleast_1d(times_s)
        lat = float(np.radians(site.latitude_deg))
        theta = erfa.era00(UNIX_EPOCH_JD, times_s / DAY_S) + np.radians(site.longitude_deg)
        up = _rows(np.cos(lat) * np.cos(theta), np.cos(lat) * np.sin(theta), np.full_like(theta, np.sin(lat)))
        return Axes(up @ self.to_cirs, theta, lat, self.to_cirs)

    def sun_at(self, times_s: Array) -> Array:
        """Direction of the Sun (its parallax of 9 arcseconds left out), shape (n, 3)."""
        return _unit(_between(self.knot_s, self.sun, times_s))

    def moon_illuminated(self, times_s: Array) -> Array:
        """Share of the Moon's disc that is lit, 0 (new) to 1 (full), shape (n,); seen from the Earth's centre."""
        moon_au = _between(self.knot_s, self.moon_km, np.atleast_1d(times_s)) / AU_KM
        to_sun = self.sun_at(np.atleast_1d(times_s)) - moon_au  # the Sun's distance varies by 2 %: 0.00005 of the disc
        return np.asarray((1.0 - np.einsum("ij,ij->i", _unit(to_sun), _unit(moon_au))) / 2.0)

    def moon_from(self, site: Site, times_s: Array) -> Array:
        """Direction of the Moon as seen from the site (its parallax is up to 57 arcminutes), shape (n, 3)."""
        times_s = np.atleast_1d(times_s)
        here = np.asarray(
            erfa.gd2gc(1, np.radians(site.longitude_deg), np.radians(site.latitude_deg), site.elevation_m)
        )
        era = erfa.era00(UNIX_EPOCH_JD, times_s / DAY_S)
        x = np.cos(era) * here[0] - np.sin(era) * here[1]
        y = np.sin(era) * here[0] + np.cos(era) * here[1]
        place_km = _rows(x, y, np.full_like(x, here[2])) / 1000.0 @ self.to_cirs
        return _unit(_between(self.knot_s, self.moon_km, times_s) - place_km)


def _between(knot_s: Array, rows: Array, times_s: Array) -> Array:
    """Interpolate each column linearly."""
    x, y, z = (np.interp(times_s, knot_s, rows[:, i]) for i in range(3))
    return _rows(x, y, z)


def _rows(x: Array, y: Array, z: Array) -> Array:
    """Put components side by side, shape (..., 3)."""
    rows = np.empty((*np.shape(x), 3))
    rows[..., 0], rows[..., 1], rows[..., 2] = x, y, z
    return rows


def _unit(vectors: Array) -> Array:
    """Scale to length one."""
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.asarray(vectors / np.sqrt(x * x + y * y + z * z)[..., None])
