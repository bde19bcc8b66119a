"""Low-significance events are never updated nor retracted by their stream: they end by themselves."""

from datetime import datetime, timedelta

from coordinator.alerts.alert import Phase
from coordinator.events.event import Event

AFTER = timedelta(hours=24)
CONFIRMED = frozenset({Phase.INITIAL, Phase.UPDATE})


def expired(event: Event, now: datetime, after: timedelta = AFTER, *, approved: datetime | None = None) -> bool:
    """Say whether an event has run out; only one that its stream calls not significant ever does.

    Parameters
    ----------
    event : Event
        The event.
    now : datetime
        Sky time, aware UTC.
    after : timedelta
        How long after its last notice (or, undated, its T0) it stays open.
    approved : datetime, optional
        When a person last approved it, which counts like a notice; None: nobody did.
    """
    if event.significant is not False or event.phase in CONFIRMED:
        return False
    since = [when for when in (event.t_issued or event.t0, approved) if when is not None]
    return bool(since) and now - max(since) >= after
