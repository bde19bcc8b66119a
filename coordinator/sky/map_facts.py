"""What a sky map's headers say of the event and of themselves."""

import math
import re
from datetime import UTC, datetime, timedelta

from coordinator.alerts.fields import instant
from coordinator.sky.fits_header import Header
from coordinator.sky.skymap import MapFacts

MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)


def facts_of(primary: Header, header: Header, sha256: str) -> MapFacts:
    """Read the facts from the table's header, else from the primary one."""
    both = (header, primary)
    return MapFacts(
        sha256=sha256,
        t0=instant(_text(both, "DATE-OBS")) or _from_mjd(both),
        distance_mpc=_positive(both, "DISTMEAN"),
        distance_std_mpc=_positive(both, "DISTSTD"),
        object_id=_text(both, "OBJECT"),
        instruments=tuple(re.split(r"[,\s]+", _text(both, "INSTRUME") or "")) if _text(both, "INSTRUME") else (),
        creator=_text(both, "CREATOR"),
        issued=instant(_text(both, "DATE")),
    )


def _text(headers: tuple[Header, Header], key: str) -> str | None:
    for header in headers:
        value = header.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _positive(headers: tuple[Header, Header], key: str) -> float | None:
    for header in headers:
        value = header.get(key)
        if isinstance(value, int | float) and math.isfinite(value) and value > 0:
            return float(value)
    return None


def _from_mjd(headers: tuple[Header, Header]) -> datetime | None:
    days = _positive(headers, "MJD-OBS")
    try:
        return None if days is None else MJD_EPOCH + timedelta(days=days)
    except OverflowError:
        return None
