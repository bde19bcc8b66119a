"""What is journalled of coincidences, how long it holds, and what an event becomes by it; pure.

A fact names every member's own sky: where one of them is newer, or an event has ended, it does not hold any more and
each has its own sky back, before anything new is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from coordinator.alerts.alert import Localization
from coordinator.events.event import Coincidence, Event


@dataclass(frozen=True, slots=True)
class Tie:
    """One coincidence, as it is journalled: `key` is the other event, `dt_s` its time after the lead's.

    `overlap` is None where one of the two has no map; False-alarm rates are joint ones in Hz, None: unknown.
    """

    key: str
    name: str
    kind: str
    dt_s: float
    window_s: tuple[float, float]
    overlap: float | None
    far_temporal_hz: float | None
    far_spacetime_hz: float | None
    stated: bool = False


@dataclass(frozen=True, slots=True)
class CoincidenceFound:
    """A fact: an event is searched together with others, or meets others in time that its map excludes.

    Attributes
    ----------
    lead : str
        The event that is searched.
    partners, excluded : tuple of Tie
        Those that belong to it, and those that are near in time and elsewhere on the sky.
    sky : Localization, optional
        Where all of them may be; None: as the lead's own alerts say.
    own : dict
        The sky that each one's own alerts gave, by event key.
    tell : bool
        A person must look: maps exclude each other, or cannot be combined.
    """

    lead: str
    name: str
    partners: tuple[Tie, ...]
    excluded: tuple[Tie, ...]
    sky: Localization | None
    own: dict[str, str | None]
    far_hz: float | None
    because: str
    tell: bool = False

    @property
    def named(self) -> frozenset[str]:
        """Every event that it speaks of."""
        return frozenset({self.lead, *self.own, *(tie.key for tie in (*self.partners, *self.excluded))})


@dataclass(frozen=True, slots=True)
class CoincidenceLost:
    """A fact: what was searched together is searched apart again."""

    lead: str
    partners: tuple[str, ...]
    because: str


NOBODY: Mapping[str, str] = MappingProxyType({})


def holds(fact: CoincidenceFound, events: Mapping[str, Event], apart: Mapping[str, str] = NOBODY) -> bool:
    """Say whether a fact still fits what the alerts say of everybody in it, and nobody in it is set apart."""
    if any(key in apart for key in fact.own):
        return False
    members = [events.get(key) for key in fact.own]
    known = [event for event in members if event is not None]
    if len(known) != len(members) or len({event.purpose for event in known}) > 1:
        return False
    return all(not event.ended and event.skymap_sha256 == fact.own[event.key] for event in known)


def correlated(event: Event, fact: CoincidenceFound | None) -> Event:
    """Return an event as it is searched; `fact` is one that holds and has the event in it."""
    if fact is None or not (fact.partners or fact.sky):
        return event
    alone = fact.sky is None and event.skymap_sha256 not in (None, fact.own[fact.lead])
    if alone and event.key != fact.lead:
        return event  # maps that could not be combined: nobody else searches this one's sky
    members = tuple(key for key in fact.own if key != event.key)
    said = Coincidence(fact.lead, members, fact.far_hz, event.skymap_sha256, fact.because)
    where = event.localization if fact.sky is None or event.key != fact.lead else fact.sky
    return replace(event, localization=where, coincidence=said)


def all_correlated(
    events: Mapping[str, Event], facts: Mapping[str, CoincidenceFound], apart: Mapping[str, str] = NOBODY
) -> dict[str, Event]:
    """Return all events as they are searched, by what is journalled of their coincidences (by lead).

    `apart` are those that coincide with nobody any more, by key with why: dismissed by a person, or run out.
    """
    of_member = {key: fact for fact in facts.values() if holds(fact, events, apart) for key in fact.own}
    return {key: correlated(event, of_member.get(key)) for key, event in events.items()}


def why_lost(fact: CoincidenceFound, events: Mapping[str, Event], apart: Mapping[str, str] = NOBODY) -> str:
    """Say in a sentence what ended a coincidence."""
    retracted = [events[key].name for key in fact.own if key in events and events[key].retracted]
    if retracted:
        return f"{', '.join(retracted)} is retracted: the others have their own sky back."
    closed = [events[key].name for key in fact.own if key in events and events[key].closed is not None]
    if closed:
        return f"{', '.join(closed)} is taken for no event: the others have their own sky back."
    over = [f"{events[key].name} {apart[key]}" for key in fact.own if key in events and key in apart]
    if over:
        return f"{', '.join(over)}: the others have their own sky back."
    return "The newest alerts do not place them together any more: each has its own sky back."
