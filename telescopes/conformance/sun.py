"""Where the Sun stands, to a tenth of a degree: no telescope is to be pointed there, not even for a test."""

import math
from datetime import UTC, datetime

J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)


def sun_place(when: datetime) -> tuple[float, float]:
    """Return right ascension and declination, degrees.

    Notes
    -----
    The low-precision formula of the Astronomical Almanac, good to 0.01 degrees between 1950 and 2050.
    """
    days = (when - J2000).total_seconds() / 86_400.0
    mean_deg, anomaly = 280.460 + 0.9856474 * days, math.radians(357.528 + 0.9856003 * days)
    longitude = math.radians(mean_deg + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly))
    tilt = math.radians(23.439 - 4e-7 * days)
    ra = math.atan2(math.cos(tilt) * math.sin(longitude), math.cos(longitude))
    return math.degrees(ra) % 360.0, math.degrees(math.asin(math.sin(tilt) * math.sin(longitude)))
