"""Alerts to events: identity, revisions, retraction, purpose; in any order of arrival the same (law 5)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

import msgspec

from coordinator.alerts.alert import Alert, Phase, Purpose
from coordinator.alerts.purpose import strictest_stated
from coordinator.events.copies import one_of_each
from coordinator.events.event import Event
from coordinator.events.event_sky import open_link, sky_of
from coordinator.events.linked_map import LinkedMap, LinkId, OpenLink, better_of, with_linked_maps
from coordinator.events.names import name_of
from coordinator.events.order import order
from coordinator.events.stages import is_companion
from coordinator.events.trigger_time import trigger_time
from coordinator.events.twins import without_twins

Said = TypeVar("Said")
NO_MAPS: Mapping[LinkId, LinkedMap] = MappingProxyType({})
REHEARSALS = frozenset({Purpose.TEST, Purpose.MOCK, Purpose.INJECTION})


@dataclass
class EventBook:
    """All events, and what made them.

    Attributes
    ----------
    events : dict
        The state of each event by its key.
    alerts : dict
        The different alerts of each event by its key.
    linked : dict
        What was found at the links of its notices, by event key.
    """

    events: dict[str, Event] = field(default_factory=dict)
    alerts: dict[str, list[Alert]] = field(default_factory=dict)
    linked: dict[str, dict[LinkId, LinkedMap]] = field(default_factory=dict)

    def add(self, alert: Alert) -> bool:
        """Take one alert; say whether its event changed."""
        known = self.alerts.setdefault(alert.event_key, [])
        if alert in known:
            return False
        known.append(alert)
        return self._fold(alert.event_key)

    def join(self, event_key: str, found: LinkedMap) -> bool:
        """Take what was found at the link of a notice, be it known yet or not; say whether its event changed."""
        linked = self.linked.setdefault(event_key, {})
        linked[found.id] = better_of(linked.get(found.id), found)
        return event_key in self.alerts and self._fold(event_key)

    def open_links(self, event_keys: Iterable[str], *, refused_too: bool = False) -> list[OpenLink]:
        """Return the maps that some events wait for; `refused_too`: also those of which only a refusal came."""
        waiting = [self._open_link(key, refused_too) for key in sorted(event_keys)]
        return [link for link in waiting if link is not None]

    def _open_link(self, event_key: str, refused_too: bool) -> OpenLink | None:
        event, linked = self.events.get(event_key), self.linked.get(event_key, NO_MAPS)
        if event is None or event.retracted:
            return None
        tried = {id_: found for id_, found in linked.items() if not (refused_too and found.refused)}
        notice = open_link(_heeded(self.alerts[event_key], tried)[1])
        url = None if notice is None else notice.localization.url
        return None if notice is None or url is None else OpenLink(event_key, notice.notice_id, url)

    def _fold(self, event_key: str) -> bool:
        event = fold(self.alerts[event_key], self.linked.get(event_key, NO_MAPS))
        changed = event != self.events.get(event_key)
        self.events[event_key] = event
        return changed


def fold(alerts: Iterable[Alert], linked: Mapping[LinkId, LinkedMap] = NO_MAPS) -> Event:
    """Say what the alerts of one event mean together.

    A retraction holds whatever its date, and leaves the sky as the notices state it. A notice whose purpose nobody
    stated does not speak for an event of which others stated it: a stray map must not steer telescopes. A rehearsal
    under the name of a real event is set aside: it is not counted, and it changes nothing.

    Parameters
    ----------
    alerts : iterable of Alert
        All of one event, in any order, repeated or not.
    linked : mapping
        What was found at their links.
    """
    notices, positive = _heeded(alerts, linked)
    purpose = strictest_stated(notice.purpose for notice in notices)
    retractions = [notice for notice in notices if notice.phase is Phase.RETRACTION]
    stated = _stated(notices)
    current = (retractions or stated)[-1]
    best = positive[-1] if positive else current
    t0 = trigger_time(positive)
    return Event(
        key=current.event_key,
        name=name_of(current.event_key, [notice.name for notice in stated], t0),
        revision=len(notices),
        retracted=bool(retractions),
        messenger=_last(stated, lambda notice: notice.messenger),
        phase=current.phase,
        stage=best.stage,
        purpose=purpose,
        t0=t0,
        t_issued=current.t_issued,
        localization=sky_of(positive),
        significant=_last(positive, lambda notice: notice.significant),
        far_hz=_last(positive, lambda notice: notice.far_hz),
        classification=_last(positive, lambda notice: notice.classification or None) or {},
        properties=_last(positive, lambda notice: notice.properties or None) or {},
        external_coincidence=_last(positive, lambda notice: notice.external_coincidence),
        stated_coincidence=_last(positive, lambda notice: notice.stated_coincidence),
        group=_last(positive, lambda notice: notice.group),
        closed=_closed(positive),
        streams=tuple(sorted({notice.stream for notice in stated})),
    )


def event_hash(book: EventBook) -> str:
    """Return a hash of the state of all events, in which the order of arrival leaves no trace."""
    states = [msgspec.to_builtins(book.events[key]) for key in sorted(book.events)]
    return hashlib.sha256(msgspec.json.encode(states, order="deterministic")).hexdigest()


def _heeded(alerts: Iterable[Alert], linked: Mapping[LinkId, LinkedMap]) -> tuple[list[Alert], list[Alert]]:
    """Return the distinct notices that count, in their order, and those among them that speak of the event.

    Copies are joined before the maps that they link to: which of them leads must not depend on what was fetched. For a
    retracted event nobody follows links any more, so what was fetched before does not count for it either.
    """
    notices = one_of_each(alerts)
    if any(notice.purpose is Purpose.OBSERVATION for notice in notices):
        notices = [notice for notice in notices if notice.purpose not in REHEARSALS]
    if any(notice.phase is Phase.RETRACTION for notice in notices):
        linked = NO_MAPS
    notices = sorted(with_linked_maps(without_twins(notices), linked), key=order)
    return notices, [notice for notice in _stated(notices) if notice.phase is not Phase.RETRACTION]


def _stated(notices: Sequence[Alert]) -> list[Alert]:
    """Leave out notices of unknown purpose where others state theirs."""
    stated = [notice for notice in notices if notice.purpose is not None]
    return stated or list(notices)


def _closed(positive: Sequence[Alert]) -> str | None:
    """Say why the best word about the event is that it is none; None: it is not."""
    speaking = [notice for notice in positive if notice.no_event is not None or not is_companion(notice)]
    return speaking[-1].no_event if speaking else None


def _last(notices: Sequence[Alert], of: Callable[[Alert], Said | None]) -> Said | None:
    """Return the last thing that any of the notices says."""
    return next((said for said in map(of, reversed(notices)) if said is not None), None)
