"""Alerts to events: identity, revisions, retraction, purpose; in any order of arrival the same (law 5)."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import msgspec

from coordinator.alerts.alert import Alert, Localization, Phase
from coordinator.alerts.purpose import strictest_stated
from coordinator.events.event import Event
from coordinator.events.order import order

Said = TypeVar("Said")


@dataclass
class EventBook:
    """All events, and the distinct notices that made them.

    Attributes
    ----------
    events : dict
        The state of each event by its key.
    notices : dict
        By event key, then by notice id.
    """

    events: dict[str, Event] = field(default_factory=dict)
    notices: dict[str, dict[str, Alert]] = field(default_factory=dict)

    def add(self, alert: Alert) -> bool:
        """Take one alert; say whether its event changed."""
        notices = self.notices.setdefault(alert.event_key, {})
        known = notices.get(alert.notice_id)
        notices[alert.notice_id] = alert if known is None else one_of_copies(known, alert)
        event = fold(notices.values())
        changed = event != self.events.get(alert.event_key)
        self.events[alert.event_key] = event
        return changed


def fold(alerts: Iterable[Alert]) -> Event:
    """Say what the distinct notices of one event mean together.

    A retraction holds whatever its date, and leaves the sky as it was. A notice whose purpose nobody stated does not
    speak for an event of which others stated it: a stray map must not steer telescopes.
    """
    notices = sorted(alerts, key=order)
    purpose = strictest_stated(notice.purpose for notice in notices)
    stated = [notice for notice in notices if purpose is None or notice.purpose is not None]
    retractions = [notice for notice in notices if notice.phase is Phase.RETRACTION]
    positive = [notice for notice in stated if notice.phase is not Phase.RETRACTION]
    current = (retractions or stated)[-1]
    return Event(
        key=current.event_key,
        name=_last(stated, lambda notice: notice.name) or current.name,
        revision=len(notices),
        retracted=bool(retractions),
        messenger=_last(stated, lambda notice: notice.messenger),
        phase=current.phase,
        stage=current.stage,
        purpose=purpose,
        t0=_last(positive, lambda notice: notice.t0),
        t_issued=current.t_issued,
        localization=_localization(positive),
        significant=_last(positive, lambda notice: notice.significant),
        far_hz=_last(positive, lambda notice: notice.far_hz),
        classification=_last(positive, lambda notice: notice.classification or None) or {},
        properties=_last(positive, lambda notice: notice.properties or None) or {},
        external_coincidence=_last(positive, lambda notice: notice.external_coincidence),
        stated_coincidence=_last(positive, lambda notice: notice.stated_coincidence),
        group=_last(positive, lambda notice: notice.group),
        streams=tuple(sorted({notice.stream for notice in stated})),
    )


def usable(localization: Localization) -> bool:
    """Say whether a sky can be searched."""
    return localization.skymap_sha256 is not None and localization.refused is None


def one_of_copies(one: Alert, other: Alert) -> Alert:
    """Make one of two copies of the same notice: that with the usable map, under the stricter purpose."""
    best = max(one, other, key=_worth)
    return replace(best, purpose=strictest_stated([one.purpose, other.purpose]))


def event_hash(book: EventBook) -> str:
    """Return a hash of the state of all events, in which the order of arrival leaves no trace."""
    states = [msgspec.to_builtins(book.events[key]) for key in sorted(book.events)]
    return hashlib.sha256(msgspec.json.encode(states, order="deterministic")).hexdigest()


def _localization(notices: list[Alert]) -> Localization:
    """Take the last usable sky; where there is none, the last word about it."""
    found = [notice.localization for notice in notices]
    preferred = [where for where in found if usable(where)] or [where for where in found if where.kind != "none"]
    return (preferred or found or [Localization("none")])[-1]


def _last(notices: list[Alert], of: Callable[[Alert], Said | None]) -> Said | None:
    """Return the last thing that any of the notices says."""
    return next((said for said in map(of, reversed(notices)) if said is not None), None)


def _worth(alert: Alert) -> tuple[bool, bool, str, bytes]:
    """Rank copies of one notice without regard to which came first."""
    where = alert.localization
    plain = msgspec.json.encode(replace(alert, purpose=None), order="deterministic")
    return usable(where), where.kind != "none", alert.raw_sha256, plain
