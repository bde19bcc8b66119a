"""A flood of old messages: an event that was old news when it was heard of moves no telescope by itself."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from coordinator.alerts.alert import Alert, Purpose
from coordinator.events.event import Event

OLDEST = timedelta(hours=24)
FUTURE = timedelta(minutes=1)
"""An early warning may name a merger that is still to come; more than that is a mistake, or no warning."""

HANDED_IN = "skymap"
"""Bare maps say nothing of their purpose: one that is an observation was made so by a person."""


def old_news(event: Event, now: datetime, oldest: timedelta = OLDEST) -> str | None:
    """Say why an event is too old, or too early, to be searched by itself; None: it is not.

    Judged once, when the event is first heard of: a search that began in time goes on through the next nights, and a
    late refinement of it still counts. An event that says nothing of its time is not held back by it.

    Parameters
    ----------
    event : Event
        The event; its T0 counts, or where that is unknown the issue of its newest notice.
    now : datetime
        Sky time when it was first heard of, aware UTC.
    oldest : timedelta
        How old it may be then.
    """
    when = event.t0 or event.t_issued
    if when is None:
        return None
    if now - when > oldest:
        hours = (now - when) / timedelta(hours=1)
        return f"it was {hours:.0f} h old when it was first heard of"
    if when - now > FUTURE:
        hours = (when - now) / timedelta(hours=1)
        return f"its time lay {hours:.1f} h in the future when it was first heard of"
    return None


def handed_in(notices: Iterable[Alert]) -> bool:
    """Say whether a person handed an event in as an observation: then its age is known to somebody."""
    return any(notice.stream == HANDED_IN and notice.purpose is Purpose.OBSERVATION for notice in notices)
