"""Places on the sky as mounts name them: ICRS and the apparent place of the date ("JNow"); how far apart two are."""

import math
from datetime import datetime

import erfa
import numpy as np

from telescopes.description.geometry import separation_deg, unit_vectors

TT_MINUS_UTC_S = 69.184
"""Exact since 2017; a leap second would move an apparent place by less than a milliarcsecond."""
J2000_UTC = datetime.fromisoformat("2000-01-01T12:00:00+00:00")
J2000_JD = 2451545.0
SECONDS_PER_DAY = 86400.0


def apparent(ra_deg: float, dec_deg: float, when: datetime) -> tuple[float, float]:
    """Turn an ICRS place into that of the true equator and equinox of date, aberration included; degrees."""
    first, second = _tt(when)
    ra, dec, origins = erfa.atci13(math.radians(ra_deg), math.radians(dec_deg), 0.0, 0.0, 0.0, 0.0, first, second)
    return math.degrees(ra - origins) % 360.0, math.degrees(dec)


def icrs(ra_deg: float, dec_deg: float, when: datetime) -> tuple[float, float]:
    """Turn a place of the true equator and equinox of date back into ICRS; degrees."""
    first, second = _tt(when)
    origins = float(erfa.eo06a(first, second))
    ra, dec, _ = erfa.atic13(math.radians(ra_deg) + origins, math.radians(dec_deg), first, second)
    return math.degrees(ra) % 360.0, math.degrees(dec)


def apart_arcsec(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Angle between two places (ra_deg, dec_deg)."""
    one = np.atleast_2d(unit_vectors(*a))
    return float(separation_deg(one, unit_vectors(*b))[0]) * 3600.0


def _tt(when: datetime) -> tuple[float, float]:
    """Return a time as a Julian date of terrestrial time in two parts."""
    return J2000_JD, ((when - J2000_UTC).total_seconds() + TT_MINUS_UTC_S) / SECONDS_PER_DAY
