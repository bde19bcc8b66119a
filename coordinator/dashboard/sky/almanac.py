"""Sun, Moon and the Earth's orientation over a stretch of time, for a page to draw them at any instant of it (pure)."""

from datetime import datetime
from typing import Any

import numpy as np

from telescopes.description.ephemeris import Almanac, Array

MOST_ROWS = 240
STEP_S = 3600.0
TURNS_A_DAY = 1.00273781191135448
"""Of the Earth rotation angle (IERS Conventions 2010); mean sidereal time is faster, by 0.7 degrees since 1970."""

DIGITS = 3
"""Of degrees: some arcseconds; the Moon as seen from a site lies up to a degree away from what is given."""


def almanac(epoch: datetime, begin: datetime, end: datetime) -> dict[str, Any]:
    """Return places of Sun and Moon (from the Earth's centre, ICRS degrees) at equal steps, seconds after `epoch`.

    `to_cirs` turns ICRS vectors to the celestial intermediate system of the middle of the stretch, so that with the
    Earth rotation angle, whose value at the epoch (degrees) and rate are given, a site's zenith can be worked out.
    """
    stretch_s = max((end - begin).total_seconds(), STEP_S)
    rows = min(int(np.ceil(stretch_s / STEP_S)) + 1, MOST_ROWS)
    times_s = np.linspace(begin.timestamp(), begin.timestamp() + stretch_s, rows)
    made = Almanac.over(float(times_s[0]), float(times_s[-1]))
    moon = np.stack([np.interp(times_s, made.knot_s, made.moon_km[:, i]) for i in range(3)], axis=-1)
    return {
        "begin_s": round((begin - epoch).total_seconds()),
        "step_s": round(stretch_s / (rows - 1), 3),
        "sun": _places(made.sun_at(times_s)),
        "moon": _places(moon),
        "moon_lit": [round(float(lit), 2) for lit in made.moon_illuminated(times_s)],
        "to_cirs": [[round(float(one), 9) for one in row] for row in made.to_cirs],
        "rotation_deg": round(_rotation_deg(epoch), 5),
        "rotation_deg_s": 360.0 * TURNS_A_DAY / 86400.0,
    }


def _places(vectors: Array) -> list[list[float]]:
    ra = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0])) % 360.0
    dec = np.degrees(np.arctan2(vectors[:, 2], np.hypot(vectors[:, 0], vectors[:, 1])))
    return [[round(float(r), DIGITS), round(float(d), DIGITS)] for r, d in zip(ra, dec, strict=True)]


def _rotation_deg(at: datetime) -> float:
    """Return the Earth rotation angle (IERS Conventions 2010, equation 5.15), UT1 taken as UTC."""
    days = at.timestamp() / 86400.0 + 2440587.5 - 2451545.0
    return 360.0 * ((0.7790572732640 + TURNS_A_DAY * days) % 1.0)
