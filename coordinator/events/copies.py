"""What copies of one notice say together: the same over two transports, or in several formats of one stream."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

import msgspec

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose
from coordinator.alerts.purpose import strictest_stated

Said = TypeVar("Said")

SENT = frozenset({"multiorder", "flat"})
"""Kinds of maps that a stream sends; that of a cone is our own making."""

WITH_A_PLACE = frozenset({"cone", "ellipse", "polygon", "annuli"})


def usable(localization: Localization) -> bool:
    """Say whether a sky can be searched as it is."""
    return localization.skymap_sha256 is not None and localization.refused is None


def form_of(alert: Alert) -> str:
    """Return the sort of format an alert came in: json (Avro says the same), voevent or text."""
    said = alert.format.lower()
    return "voevent" if said.startswith("voevent") else "text" if "text" in said else "json"


def one_of_each(alerts: Iterable[Alert]) -> list[Alert]:
    """Make one alert of all copies of each notice, which have its `notice_id`."""
    by_id = sorted(alerts, key=lambda alert: alert.notice_id)
    return [united(list(copies)) for _, copies in groupby(by_id, key=lambda alert: alert.notice_id)]


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


def _worth(alert: Alert) -> tuple[bool, bool, bool, bool, bool, bool, str, bytes]:
    """Rank copies of one notice without regard to which came first.

    Of equals that in JSON counts: it states what readers of the older formats have to know (a containment, whether
    the systematic error is in a radius).
    """
    where = alert.localization
    plain = msgspec.json.encode(replace(alert, purpose=None), order="deterministic")
    has_place = where.kind in WITH_A_PLACE and where.refused is None
    sent = usable(where) and where.kind in SENT
    searched = usable(where) or has_place
    known = where.kind != "none"
    return sent, searched, has_place, where.url is not None, known, form_of(alert) == "json", alert.raw_sha256, plain
