"""Which notices are the same in several formats, though their ids have nothing in common."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import combinations
from math import cos, hypot, radians

from coordinator.alerts.alert import Alert, Localization, Phase
from coordinator.events.copies import form_of, united
from coordinator.events.order import order
from coordinator.events.stages import namespace

LONG_APART = timedelta(minutes=30)
APART = {Phase.PRELIMINARY: timedelta(minutes=3), Phase.EARLY_WARNING: timedelta(minutes=3)}
"""Twins of LVK are dated up to 18 s apart; the second preliminary follows the first by about 5 minutes."""

GBM = frozenset({"fermi.gbm", "fermi.gbm.subthresh"})
GBM_APART = timedelta(minutes=2)
"""A final position is told again hours later, sometimes with the very same numbers: that is a notice of its own."""

SAME_PLACE_DEG = 0.02
"""Text and VOEvents round to minutes of arc or to hundredths of a degree."""

TOLD_IN_SEVERAL = frozenset({"lvk", "icecube"}) | GBM


def without_twins(notices: Iterable[Alert]) -> list[tuple[Alert, tuple[str, ...]]]:
    """Join the notices of one event that are the same in several formats; each comes with all its ids.

    LVK: of one phase, nearest in time first (the VOEvent alone has a serial). IceCube: of one revision. Fermi GBM: of
    one kind, at one place, told within two minutes; the formats count its notices differently (a VOEvent those of its
    kind over all triggers, the unified schema those of the trigger), so numbers cannot tell.
    """
    mine = sorted(notices, key=order)
    groups = {id(group): group for group in _grouped(mine).values()}
    return [(_one_of(group), tuple(notice.notice_id for notice in group)) for group in groups.values()]


def _one_of(group: list[Alert]) -> Alert:
    return group[0] if len(group) == 1 else united(group)


def _grouped(mine: list[Alert]) -> dict[str, list[Alert]]:
    """Put the most alike together first; a group holds no more than one notice of each format."""
    groups = {notice.notice_id: [notice] for notice in mine}
    for a, b in sorted(_pairs(mine), key=lambda pair: _unlikeness(*pair)):
        one, other = groups[a.notice_id], groups[b.notice_id]
        if one is not other and not {*map(form_of, one)} & {*map(form_of, other)}:
            one.extend(other)
            groups.update({notice.notice_id: one for notice in other})
    return groups


def _pairs(mine: list[Alert]) -> Iterable[tuple[Alert, Alert]]:
    if not mine or namespace(mine[0]) not in TOLD_IN_SEVERAL:
        return []
    told = [notice for notice in mine if notice.stream != "skymap"]
    return [(a, b) for a, b in combinations(told, 2) if form_of(a) != form_of(b) and _may_be_twins(a, b)]


def _may_be_twins(a: Alert, b: Alert) -> bool:
    if namespace(a) in GBM:
        same = a.stage is not None and a.stage == b.stage and _same_place(a.localization, b.localization)
        return same and _apart(a, b) <= GBM_APART
    if a.phase is not b.phase:
        return False
    if namespace(a) == "icecube":
        return a.revision_number is not None and a.revision_number == b.revision_number
    return a.phase is not None and _apart(a, b) <= APART.get(a.phase, LONG_APART)


def _same_place(one: Localization, other: Localization) -> bool:
    """Say whether two formats state the same place, as far as they round; none in both is the same, too."""
    if one.kind != other.kind:
        return False
    if one.ra_deg is None or one.dec_deg is None or other.ra_deg is None or other.dec_deg is None:
        return one.ra_deg == other.ra_deg and one.dec_deg == other.dec_deg
    east = (one.ra_deg - other.ra_deg + 180.0) % 360.0 - 180.0
    off_deg = hypot(east * cos(radians(one.dec_deg)), one.dec_deg - other.dec_deg)
    return max(off_deg, abs((one.radius_deg or 0.0) - (other.radius_deg or 0.0))) <= SAME_PLACE_DEG


def _unlikeness(a: Alert, b: Alert) -> tuple[bool, timedelta, str, str]:
    other_coincidence = (a.external_coincidence is None) != (b.external_coincidence is None)
    return other_coincidence, _apart(a, b), a.notice_id, b.notice_id


def _apart(a: Alert, b: Alert) -> timedelta:
    if a.t_issued is None or b.t_issued is None:
        return timedelta(0)
    return abs(a.t_issued - b.t_issued)
