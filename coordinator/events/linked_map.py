"""The map that a notice only linked, once somebody has fetched it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce

import msgspec

from coordinator.alerts.alert import Alert

LinkId = tuple[str, str]
"""Which notice (`notice_id`), and which of its URLs."""


@dataclass(frozen=True, slots=True)
class LinkedMap:
    """What was found where a notice linked to; `refused`: why it cannot be used, and then there is no map.

    `kind` is multiorder or flat; areas in square degrees, distances in Mpc; None: the map does not say.
    """

    notice_id: str
    url: str
    kind: str = "none"
    skymap_sha256: str | None = None
    skymap_bytes: int | None = None
    area50_deg2: float | None = None
    area90_deg2: float | None = None
    distance_mpc: float | None = None
    distance_std_mpc: float | None = None
    warnings: tuple[str, ...] = ()
    refused: str | None = None

    @property
    def id(self) -> LinkId:
        """Which link it was."""
        return self.notice_id, self.url


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A map that an event waits for."""

    event_key: str
    notice_id: str
    url: str


def with_linked_maps(
    notices: Iterable[tuple[Alert, tuple[str, ...]]], found: Mapping[LinkId, LinkedMap]
) -> list[Alert]:
    """Put what was found into the notices that linked to it.

    Each notice comes with the ids of all its copies: the link may have been followed when only one of them was here.
    """
    return [_with_map(notice, _found_for(notice, ids, found)) for notice, ids in notices]


def better_of(one: LinkedMap | None, other: LinkedMap) -> LinkedMap:
    """Choose between two things that were found at one link, without regard to which came first: a map, if any."""
    return other if one is None else min(one, other, key=_quality)


def _quality(found: LinkedMap) -> tuple[bool, str, bytes]:
    return found.refused is not None, found.skymap_sha256 or "", msgspec.json.encode(found)


def _found_for(notice: Alert, ids: Iterable[str], found: Mapping[LinkId, LinkedMap]) -> LinkedMap | None:
    url = notice.localization.url
    followed = [found[id_, url] for id_ in ids if url is not None and (id_, url) in found]
    return reduce(better_of, followed) if followed else None


def _with_map(alert: Alert, found: LinkedMap | None) -> Alert:
    if found is None:
        return alert
    where = alert.localization
    if found.refused is not None:
        said = f"the map at {found.url}: {found.refused}"
        if where.kind == "link":
            return replace(alert, localization=replace(where, refused=said))
        return replace(alert, localization=replace(where, warnings=(*where.warnings, said), url=None))
    where = replace(
        where,
        kind=found.kind,
        skymap_sha256=found.skymap_sha256,
        skymap_bytes=found.skymap_bytes,
        area50_deg2=found.area50_deg2,
        area90_deg2=found.area90_deg2,
        distance_mpc=found.distance_mpc,
        distance_std_mpc=found.distance_std_mpc,
        warnings=found.warnings,
        refused=None,
    )
    return replace(alert, localization=where)
