"""Times as VOEvents state them, in UTC: the scale stands in the name of the coordinate system (`TT-ICRS-GEO`)."""

from datetime import UTC, datetime, timedelta

from coordinator.alerts.fields import instant

LEAP_SECONDS = (
    (datetime(2017, 1, 1, tzinfo=UTC), 37),
    (datetime(2015, 7, 1, tzinfo=UTC), 36),
    (datetime(2012, 7, 1, tzinfo=UTC), 35),
    (datetime(2009, 1, 1, tzinfo=UTC), 34),
    (datetime(2006, 1, 1, tzinfo=UTC), 33),
    (datetime(1999, 1, 1, tzinfo=UTC), 32),
)
"""TAI minus UTC in seconds from this day on (IERS Bulletin C; no leap second is announced after 2017)."""

AHEAD_OF_TAI_S = {"TAI": 0.0, "TT": 32.184, "TDT": 32.184, "ET": 32.184, "TDB": 32.184, "GPS": -19.0}
"""Scales that run ahead of UTC; TDB differs from TT by less than 2 ms."""


def utc(stated: str | None, system: str) -> datetime | None:
    """Return a stated time in UTC; None if it cannot be read.

    Parameters
    ----------
    stated : str or None
        ISO 8601, with or without a zone.
    system : str
        Coordinate system, as in `UTC-FK5-GEO`. A barycentric time is left as stated: at the Earth it differs from UTC
        by up to 8.3 minutes, more than its scale does, so shifting it by a minute would only pretend precision.
    """
    found = instant(stated)
    scale, _, rest = system.upper().partition("-")
    if found is None or scale not in AHEAD_OF_TAI_S or rest.endswith("BARY"):
        return found
    leap_s = next((seconds for since, seconds in LEAP_SECONDS if found >= since), LEAP_SECONDS[-1][1])
    try:
        return found - timedelta(seconds=leap_s + AHEAD_OF_TAI_S[scale])
    except OverflowError:
        return None
