"""The pointings as an ECSV table: columns with units, and the plan's figures beside them."""

import io
from datetime import datetime
from typing import Any

import numpy as np
from astropy import units as u
from astropy.table import QTable
from astropy.time import Time
from astropy.utils.masked import Masked

from coordinator.planning.document import iso, plan_document
from coordinator.publishing.planned_search import PlannedSearch

TEXTS = ("id", "telescope", "instrument")
ANGLES = ("ra_deg", "dec_deg", "position_angle_deg")
SHARES = ("probability", "new_probability", "value", "new_value")


def as_ecsv(search: PlannedSearch) -> bytes:
    """Write the table; it reads back as it was written."""
    out = io.StringIO()
    table(search).write(out, format="ascii.ecsv")
    return out.getvalue().encode()


def table(search: PlannedSearch) -> QTable:
    """Return the pointings with units, times in UTC; an unknown depth is masked. `meta` holds the rest of the plan."""
    shown = QTable()
    for name in TEXTS:
        shown[name] = texts(_all(search, name))
    for name in ANGLES:
        shown[name] = np.array(_all(search, name), np.float64) * u.deg
    for name in ("start", "end", "latest_end"):
        shown[name] = times(_all(search, name))
    shown["filter"] = texts(_all(search, "filter"))
    shown["exposure_s"] = np.array(_all(search, "exposure_s"), np.float64) * u.s
    shown["count"] = np.array(_all(search, "count"), np.int64)
    shown["visit"] = texts(_all(search, "visit"))
    shown["limit_mag_ab"] = _depths(_all(search, "limit_mag_ab"))
    for name in SHARES:
        shown[name] = np.round(np.array(_all(search, name), np.float64), 9)
    shown["altitude_deg"] = np.array(_all(search, "altitude_deg"), np.float64) * u.deg
    shown["airmass"] = np.array(_all(search, "airmass"), np.float64)
    shown["why"] = texts(_all(search, "why"))
    shown.meta.update(meta(search))
    return shown


def meta(search: PlannedSearch) -> dict[str, Any]:
    """Return what the plan says besides its pointings: event, map, window, figures, every telescope's reason."""
    document = plan_document(search.event, search.start, search.end, {})
    said = {key: value for key, value in document.items() if key not in ("pointings", "timing", "changes")}
    said |= {"planned_at": iso(search.planned_at), "part": list(search.part), "notes": list(search.notes)}
    said |= {"covered": {"probability": round(search.probability, 7), "area_deg2": round(search.covered.area_deg2, 4)}}
    return said | {"empty_because": search.why_empty()}


def times(instants: list[datetime]) -> Time:
    """Instants as UTC times to the millisecond."""
    found = Time(np.array([i.timestamp() for i in instants], np.float64), format="unix", scale="utc", precision=3)
    found.format = "isot"
    return found


def texts(words: list[str]) -> Any:
    """Return a column of text, also when it is empty."""
    return np.array(words, dtype=str)


def _all(search: PlannedSearch, name: str) -> list[Any]:
    return [getattr(p, name) for p in search.pointings]


def _depths(limits: list[float | None]) -> Any:
    unknown = [limit is None for limit in limits]
    values = np.array([np.nan if limit is None else limit for limit in limits], np.float64) * u.mag
    return Masked(values, mask=unknown) if any(unknown) else values
