"""Which events may be searched, and which come first."""

from collections.abc import Iterable
from math import inf

from coordinator.alerts.alert import Purpose
from coordinator.events.event import Event
from coordinator.events.event_sky import no_sky_because

WEIGHT = {True: 60, None: 40, False: 15}
"""Of a significant event, one that does not say, and a low-significance one; the rest is added to it."""

BRIGHT_CLASSES = ("BNS", "NSBH")
FOR_BRIGHT = 25
FOR_RARE = ((1e-9, 10), (3.2e-8, 5))
"""Below this false-alarm rate in Hz (about one in 30 years, one a year), joint where it coincides: so many points."""
FOR_COINCIDENCE = 20


def may_search(event: Event, accepts: Iterable[str] = (Purpose.OBSERVATION.value,)) -> str | None:
    """Say why a telescope that accepts these purposes may not search an event; None: it may (law 6)."""
    if event.retracted:
        return "the event is retracted"
    if event.closed is not None:
        return f"its newest notice takes it for no event: {event.closed}"
    forbidden = purpose_forbids(event, accepts)
    if forbidden is not None:
        return forbidden
    if event.searched_as is not None:
        return f"it is searched as {event.searched_as}, with which it coincides"
    if event.skymap_sha256 is None or event.localization.refused is not None:
        return no_sky_because(event.localization)
    return None


def purpose_forbids(event: Event, accepts: Iterable[str]) -> str | None:
    """Say why what an event is for forbids it to a telescope that accepts these purposes; None: it does not (law 6)."""
    if event.purpose is None:
        return "nobody said that it is an observation: a person must"
    if event.purpose.value not in tuple(accepts):
        return f"it is {_named(event.purpose)}, which the telescope does not accept"
    return None


def priority(event: Event) -> int:
    """Return how urgent an event is, 0 to 100: by significance, chance of a bright counterpart, rarity, and company."""
    if event.retracted or event.closed is not None:
        return 0
    bright = min(1.0, sum(max(0.0, event.classification.get(name, 0.0)) for name in BRIGHT_CLASSES))
    rates = [event.far_hz, None if event.coincidence is None else event.coincidence.far_hz]
    rarest = min((rate for rate in rates if rate is not None), default=inf)
    rare = next((points for far_hz, points in FOR_RARE if rarest < far_hz), 0)
    company = FOR_COINCIDENCE if event.coincidence is not None else 0
    return min(100, WEIGHT[event.significant] + round(FOR_BRIGHT * bright) + rare + company)


def _named(purpose: Purpose) -> str:
    return f"an {purpose.value}" if purpose.value[0] in "aeiou" else f"a {purpose.value}"
