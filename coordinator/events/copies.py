"""Which messages are one notice: the same over two transports, or in two formats of one stream."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import TypeVar

import msgspec

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose
from coordinator.alerts.purpose import strictest_stated
from coordinator.events.order import order
from coordinator.events.stages import namespace

Said = TypeVar("Said")

LONG_APART = timedelta(minutes=30)
APART = {Phase.PRELIMINARY: timedelta(minutes=3), Phase.EARLY_WARNING: timedelta(minutes=3)}
"""Twins are dated up to 18 s apart; the second preliminary follows the first by about 5 minutes."""

SENT = frozenset({"multiorder", "flat"})
"""Kinds of maps that a stream sends; that of a cone is our own making."""

WITH_A_PLACE = frozenset({"cone", "ellipse", "polygon"})


def usable(localization: Localization) -> bool:
    """Say whether a sky can be searched as it is."""
    return localization.skymap_sha256 is not None and localization.refused is None


def one_of_each(alerts: Iterable[Alert]) -> list[Alert]:
    """Make one alert of all copies of each notice, which have its `notice_id`."""
    by_id = sorted(alerts, key=lambda alert: alert.notice_id)
    return [united(list(copies)) for _, copies in groupby(by_id, key=lambda alert: alert.notice_id)]


def without_twins(notices: Iterable[Alert]) -> list[tuple[Alert, tuple[str, ...]]]:
    """Join notices that are the same in two formats, whose ids have nothing in common; each comes with all its ids.

    LVK: a VOEvent and a JSON notice of one phase, nearest in time first (the VOEvent alone has a serial). IceCube: a
    VOEvent and a JSON notice of one revision.
    """
    mine = sorted(notices, key=order)
    twins = {a.notice_id: b for a, b in _twins(mine)}
    taken = {b.notice_id for b in twins.values()}
    alone = [(n, (n.notice_id,)) for n in mine if n.notice_id not in taken and n.notice_id not in twins]
    pairs = [(n, twins[n.notice_id]) for n in mine if n.notice_id in twins]
    return [*alone, *((united([a, b]), (a.notice_id, b.notice_id)) for a, b in pairs)]


def united(copies: list[Alert]) -> Alert:
    """Make one of some copies: the one with the usable map, the rest filled in, under the strictest purpose.

    But a retraction of an observation is one, even if somebody passes a copy of it on as a rehearsal.
    """
    best, *others = sorted(copies, key=_worth, reverse=True)
    for other in others:
        best = _filled(best, other)
    if any(copy.phase is Phase.RETRACTION and copy.purpose is Purpose.OBSERVATION for copy in copies):
        return replace(best, phase=Phase.RETRACTION, purpose=Purpose.OBSERVATION)
    return replace(best, purpose=strictest_stated(copy.purpose for copy in copies))


def _twins(notices: list[Alert]) -> Iterable[tuple[Alert, Alert]]:
    """Pair notices of two formats, each with the one that is most like it."""
    voevents = [n for n in notices if _is_voevent(n)]
    others = [n for n in notices if not _is_voevent(n)]
    pairs = [(a, b) for a in others for b in voevents if _may_be_twins(a, b)]
    used: set[str] = set()
    for a, b in sorted(pairs, key=lambda pair: _unlikeness(*pair)):
        if a.notice_id not in used and b.notice_id not in used:
            used |= {a.notice_id, b.notice_id}
            yield a, b


def _may_be_twins(a: Alert, b: Alert) -> bool:
    if namespace(a) == "icecube":
        return a.revision_number is not None and a.revision_number == b.revision_number and a.phase is b.phase
    if namespace(a) != "lvk" or a.phase is None or a.phase is not b.phase or a.stream == "skymap":
        return False
    return _apart(a, b) <= APART.get(a.phase, LONG_APART)


def _unlikeness(a: Alert, b: Alert) -> tuple[bool, timedelta, str, str]:
    other_coincidence = (a.external_coincidence is None) != (b.external_coincidence is None)
    return other_coincidence, _apart(a, b), a.notice_id, b.notice_id


def _apart(a: Alert, b: Alert) -> timedelta:
    if a.t_issued is None or b.t_issued is None:
        return timedelta(0)
    return abs(a.t_issued - b.t_issued)


def _is_voevent(alert: Alert) -> bool:
    return alert.format.lower().startswith("voevent")


def _filled(best: Alert, other: Alert) -> Alert:
    """Let a copy say what the better one leaves open."""
    where = best.localization
    if where.url is None and other.localization.url is not None and where.kind in WITH_A_PLACE:
        where = replace(where, url=other.localization.url)
    unsaid = {
        name: getattr(other, name)
        for name in ("t0", "t_issued", "stage", "phase", "messenger", "revision_number", "significant", "far_hz")
        if getattr(best, name) is None
    }
    return replace(
        best,
        **unsaid,
        localization=where,
        classification=best.classification or other.classification,
        properties=best.properties or other.properties,
        instruments=best.instruments or other.instruments,
        no_event=best.no_event or other.no_event,
        external_coincidence=best.external_coincidence or other.external_coincidence,
        stated_coincidence=best.stated_coincidence or other.stated_coincidence,
        group=best.group or other.group,
        native_ids=_both(best.native_ids, other.native_ids),
        links=_both(best.links, other.links),
    )


def _both(mine: tuple[Said, ...], others: tuple[Said, ...]) -> tuple[Said, ...]:
    return (*mine, *(one for one in others if one not in mine))


def _worth(alert: Alert) -> tuple[bool, bool, bool, bool, bool, str, bytes]:
    """Rank copies of one notice without regard to which came first."""
    where = alert.localization
    plain = msgspec.json.encode(replace(alert, purpose=None), order="deterministic")
    has_place = where.kind in WITH_A_PLACE and where.refused is None
    sent = usable(where) and where.kind in SENT
    searched = usable(where) or has_place
    return sent, searched, has_place, where.url is not None, where.kind != "none", alert.raw_sha256, plain
