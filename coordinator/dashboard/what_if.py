"""What if the search of an event had other limits: asked by who may decide it, and given to nobody."""

from collections.abc import Mapping, Sequence
from typing import Any

from coordinator.dashboard.act_words import WORDS
from coordinator.dashboard.acting import Acting
from coordinator.dashboard.acts import act_named
from coordinator.dispatch.event_limits import EventLimits
from coordinator.security.person import Person, require_may_act
from coordinator.services.event_acts import read_limits

LIMITS = act_named("event", "replan").takes


def said_in(query: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Read limits from an address; of `without` and `visits` there may be several."""
    said: dict[str, str] = {}
    for name, text in query:
        value = text.strip()
        if name in LIMITS and value:
            said[name] = f"{said[name]},{value}" if name in said else value
    return {name: WORDS[name].read(name, text) for name, text in said.items()}


async def ask(acting: Acting, event: str, said: Mapping[str, str], person: Person) -> dict[str, Any]:
    """Ask the scheduler.

    Raises
    ------
    Refused
        Only who may decide about events may ask; or there are no such limits, or the event is not searched.
    RetryLater
        Somebody else asks, or a part of the observatory is being restarted.
    """
    require_may_act(person, None)
    limits: EventLimits = read_limits(said)
    return await acting.what_if(event, limits, person)
