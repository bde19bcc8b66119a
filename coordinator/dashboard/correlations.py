"""With which other events one is searched, or meets in time, and why: the journal's facts about it (pure)."""

from typing import Any

import msgspec

from coordinator.events.coincidence_facts import CoincidenceFound
from coordinator.services.state import ObservatoryState


def correlations(state: ObservatoryState, key: str) -> list[dict[str, Any]]:
    """Return every coincidence that the journal holds of an event; none: it is searched by itself.

    `searched_as` is the event under whose key the common sky is searched, null where nothing is searched together:
    the maps exclude each other, or the fact does not hold any more. `ties` are the others, each with its place in
    time after the lead, the overlap of the maps, and how often chance does the same.
    """
    return [_view(state, key, fact) for _, fact in sorted(state.coincidences.items()) if key in fact.named]


def _view(state: ObservatoryState, key: str, fact: CoincidenceFound) -> dict[str, Any]:
    together = {k for k in fact.own if (e := state.events.get(k)) is not None and e.coincidence is not None}
    return {
        "lead": fact.lead,
        "lead_name": fact.name,
        "searched_as": fact.lead if {key, fact.lead} <= together else None,
        "far_hz": fact.far_hz,
        "because": fact.because,
        "tell": fact.tell,
        "ties": [
            {**msgspec.to_builtins(tie), "together": tie.key in together, "excluded": excluded}
            for excluded, ties in ((False, fact.partners), (True, fact.excluded))
            for tie in ties
        ],
    }
