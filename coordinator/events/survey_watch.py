"""Where and when detections of surveys are wanted: the sky of the active events, for a while after each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from coordinator.alerts.mjd import MJD_ZERO
from coordinator.alerts.survey_header import DetectionHeader
from coordinator.alerts.survey_rules import Dropped
from coordinator.events.event import Event
from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import RANGE_ORDER, Ranges

BEFORE = timedelta(hours=1)
AFTER = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Watch:
    """The sky of an event, and for how long a detection in it may belong to the event."""

    event_key: str
    sky: Ranges
    start: datetime
    end: datetime


def watch_for(event: Event, sky: Ranges, *, before: timedelta = BEFORE, after: timedelta = AFTER) -> Watch | None:
    """Return what to watch for an event; None: it is retracted, or nobody knows when it was.

    Parameters
    ----------
    event : Event
        The event.
    sky : Ranges
        Its credible region (`coordinator.sky.regions.credible_ranges`).
    before, after : timedelta
        From when on, and until when, counted from its t0.
    """
    if event.retracted or event.t0 is None or not sky.low.size:
        return None
    return Watch(event.key, sky, event.t0 - before, event.t0 + after)


def placed(headers: Sequence[DetectionHeader], watches: Sequence[Watch]) -> list[tuple[str, ...] | Dropped]:
    """Say for each detection to which events it may belong by place and time, or why to none.

    A detection without place or time belongs to every event whose other condition it meets: unknown drops nothing.
    """
    unknown = np.nan
    ra = np.array([unknown if h.ra_deg is None else h.ra_deg for h in headers], np.float64)
    dec = np.array([unknown if h.dec_deg is None else h.dec_deg for h in headers], np.float64)
    seen = np.array([unknown if h.mjd_utc is None else h.mjd_utc for h in headers], np.float64)
    nowhere = ~(np.isfinite(ra) & (np.abs(dec) <= 90.0))
    pixels = pixel_at(RANGE_ORDER, np.where(nowhere, 0.0, ra), np.where(nowhere, 0.0, dec))
    there = [watch.sky.contains(pixels) | nowhere for watch in watches]
    then = [_within(seen, watch) for watch in watches]
    return [_verdict(i, watches, there, then) for i in range(len(headers))]


def _within(mjd_utc: NDArray[np.float64], watch: Watch) -> NDArray[np.bool_]:
    day = timedelta(days=1)
    start, end = (watch.start - MJD_ZERO) / day, (watch.end - MJD_ZERO) / day
    return np.asarray(np.isnan(mjd_utc) | ((mjd_utc >= start) & (mjd_utc <= end)))


def _verdict(
    at: int, watches: Sequence[Watch], there: Sequence[NDArray[np.bool_]], then: Sequence[NDArray[np.bool_]]
) -> tuple[str, ...] | Dropped:
    both = tuple(w.event_key for w, where, when in zip(watches, there, then, strict=True) if where[at] and when[at])
    if both:
        return both
    return Dropped.TIME if any(where[at] for where in there) else Dropped.SKY
