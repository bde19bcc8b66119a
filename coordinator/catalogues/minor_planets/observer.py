"""Where an observer stands in the solar system."""

from collections.abc import Sequence
from datetime import UTC, datetime

import erfa
import numpy as np

from telescopes.description.ephemeris import AU_KM, DAY_S, UNIX_EPOCH_JD, Array, tt_minus_utc_s
from telescopes.description.telescope import Site

JD_OF_MJD_0 = 2400000.5
MJD_OF_1970 = 40587.0


def mjd_utc(when: datetime) -> float:
    """MJD of an instant, UTC."""
    return when.timestamp() / DAY_S + MJD_OF_1970


def when_of(mjd: float) -> datetime:
    """Return the instant of an MJD (UTC), to the millisecond."""
    return datetime.fromtimestamp(round((mjd - MJD_OF_1970) * DAY_S, 3), UTC)


def mjd_tt(utc: float) -> float:
    """TT of a UTC, both MJD."""
    return utc + tt_minus_utc_s((utc - MJD_OF_1970) * DAY_S) / DAY_S


def earth_au(tt_mjd: Array | float) -> Array:
    """Place of the Earth's centre from the Sun's, au, ICRS; shape (n, 3).

    Notes
    -----
    ERFA's epv00: wrong by 11 km at most, which at 1 au is 0.015 arcseconds.
    """
    heliocentric, _ = erfa.epv00(JD_OF_MJD_0, np.atleast_1d(tt_mjd))
    return np.asarray(heliocentric["p"], np.float64)


def observers_au(sites: Sequence[Site | None], utc_mjd: Array) -> Array:
    """Places of observers from the Sun's centre, au, ICRS; shape (n, 3).

    Parameters
    ----------
    sites : sequence of Site or None, length n
        None: the Earth's centre.
    utc_mjd : float64 array, shape (n,)
        Within a day or so of one another.

    Notes
    -----
    Precession and nutation are taken once (0.1 arcseconds a day, as seen from the Earth's centre). UT1 - UTC and polar
    motion are left out: 0.4 km, 0.0006 arcseconds at 1 au.
    """
    shift_d = mjd_tt(float(utc_mjd[0])) - float(utc_mjd[0])
    placed = {site: _from_centre_m(site) for site in set(sites)}
    here = np.array([placed[site] for site in sites])
    turn = erfa.era00(UNIX_EPOCH_JD, utc_mjd - MJD_OF_1970)
    cos, sin = np.cos(turn), np.sin(turn)
    cirs = np.stack(
        [cos * here[:, 0] - sin * here[:, 1], sin * here[:, 0] + cos * here[:, 1], here[:, 2]],
        axis=-1,
    )
    to_cirs = erfa.c2i06a(JD_OF_MJD_0, float(utc_mjd.mean()) + shift_d)
    return np.asarray(earth_au(utc_mjd + shift_d) + cirs @ to_cirs / 1000.0 / AU_KM)


def observer_au(site: Site | None, utc_mjd: float) -> Array:
    """Place of one observer at one time, shape (3,); see `observers_au`."""
    return np.asarray(observers_au([site], np.array([utc_mjd]))[0])


def _from_centre_m(site: Site | None) -> Array:
    """Place on the Earth's ellipsoid, metres, turning with the Earth."""
    if site is None:
        return np.zeros(3)
    place = erfa.gd2gc(1, np.radians(site.longitude_deg), np.radians(site.latitude_deg), site.elevation_m)
    return np.asarray(place, np.float64)
