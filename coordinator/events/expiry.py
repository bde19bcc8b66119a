"""Low-significance events are never updated nor retracted by their stream: they end by themselves."""

from datetime import datetime, timedelta

from coordinator.alerts.alert import Phase
from coordinator.events.event import Event

AFTER = timedelta(hours=24)
CONFIRMED = frozenset({Phase.INITIAL, Phase.UPDATE})


def expired(event: Event, now: datetime, after: timedelta = AFTER) -> bool:
    """Say whether an event has run out; only one that its stream calls not significant ever does.

    Parameters
    ----------
    event : Event
        The event.
    now : datetime
        Sky time, aware UTC.
    after : timedelta
        How long after its last notice (or, undated, its T0) it stays open.
    """
    if event.significant is not False or event.phase in CONFIRMED:
        return False
    since = event.t_issued or event.t0
    return since is not None and now - since >= after
