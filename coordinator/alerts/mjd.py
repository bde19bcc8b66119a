"""Days counted from a zero, as surveys count them, turned into UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any

from coordinator.alerts.fields import number

MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
JD_OF_MJD_ZERO = 2400000.5
TAI_MINUS_UTC_S = 37.0
"""Since 2017, and no leap second is announced; no survey that counts in TAI sent an alert before."""


def utc_of_mjd(mjd: Any, *, tai: bool = False) -> datetime | None:
    """Return the time of a modified Julian day, to a millisecond, for a double holds no more of it.

    Parameters
    ----------
    mjd : object
        Days, UTC, or TAI if `tai`; what is no number is unknown.
    """
    days = number(mjd)
    if days is None:
        return None
    try:
        whole = MJD_ZERO + timedelta(days=int(days))
        milliseconds = round((days - int(days)) * 86_400_000.0 - (TAI_MINUS_UTC_S * 1000.0 if tai else 0.0))
        return whole + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def utc_of_jd(jd: Any) -> datetime | None:
    """Return the time of a Julian day, UTC."""
    days = number(jd)
    return None if days is None else utc_of_mjd(days - JD_OF_MJD_ZERO)
