"""Which events are over without a word of their stream: by age, or because a person said so (pure)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from coordinator.events.event import Event
from coordinator.events.expiry import AFTER, expired
from coordinator.services.deciding import DISMISS, RETRACT
from coordinator.services.state import ObservatoryState


def has_run_out(event: Event, state: ObservatoryState, now: datetime, after: timedelta = AFTER) -> bool:
    """Say whether an event has run out; a person who approves it opens it for as long as a newest notice would."""
    return expired(event, now, after, approved=state.approved.get(event.key))


def apart(state: ObservatoryState, now: datetime, after: timedelta = AFTER) -> Mapping[str, str]:
    """Return events that coincide with nobody, each with why: whoever is searched with them has its own sky back."""
    ran_out = {e.key: "has run out" for e in state.alerts.events.values() if has_run_out(e, state, now, after)}
    ended = (DISMISS, RETRACT)
    return ran_out | {key: "is dismissed by a person" for key, v in state.verdicts.items() if v.action in ended}
