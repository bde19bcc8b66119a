"""What would be lost without a telescope: the same worlds played without it, event by event.

Where a telescope was offered nothing, that is taken as no loss, and nothing was played; sky that it was offered and did
not look at was kept from others. Others may take over its sky, so these losses do not add up to what the network
reaches. World, weather and faults are the same; what a camera's noise makes of a faint source is drawn anew where a
telescope is missing, and scatters both ways.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from coordinator.simulation.campaign.intervals import difference_of
from coordinator.simulation.campaign.measures import Outcome
from coordinator.simulation.campaign.play import PlayedEvent

LOST = {
    "detection_probability": attrgetter("detection_probability"),
    "probability_covered": attrgetter("probability_covered"),
    "counterpart_found": attrgetter("found_share"),
}


def worths(played: Sequence[PlayedEvent], policy: str, telescopes: Sequence[str]) -> dict[str, Any]:
    """Return by telescope what of each measure is lost without it, with intervals."""
    return {one: _worth(played, policy, one) for one in telescopes}


def _worth(played: Sequence[PlayedEvent], policy: str, telescope: str) -> dict[str, Any]:
    whole = [next((o for o in one.outcomes if o.policy == policy), None) for one in played]
    lesser = [_lesser(one, its, telescope) for one, its in zip(played, whole, strict=True)]

    def lost(value: Callable[[Outcome], float | None]) -> dict[str, Any]:
        before, after = ([None if o is None else value(o) for o in its] for its in (whole, lesser))
        gap = difference_of(before, after)
        return {**gap.row(), "significant": gap.is_significant}

    return {name: lost(value) for name, value in LOST.items()}


def _lesser(one: PlayedEvent, whole: Outcome | None, telescope: str) -> Outcome | None:
    """Return what came of an event without a telescope; None: unknown, or the telescope was not there."""
    if whole is None or telescope not in whole.telescopes:
        return None
    if not whole.telescopes[telescope].offers:
        return whole
    return next((o for o in one.left_out if o.without == telescope), None)
