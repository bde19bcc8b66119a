"""The map that a notice only linked, once somebody has fetched it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

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


def with_linked_maps(alerts: Iterable[Alert], found: Mapping[LinkId, LinkedMap]) -> list[Alert]:
    """Put what was found into the alerts that linked to it."""
    return [_with_map(alert, found.get((alert.notice_id, alert.localization.url or ""))) for alert in alerts]


def better_of(one: LinkedMap | None, other: LinkedMap) -> LinkedMap:
    """Choose between two things that were found at one link, without regard to which came first: a map, if any."""
    if one is None:
        return other
    return min(
        one, other, key=lambda found: (found.refused is not None, found.skymap_sha256 or "", found.refused or "")
    )


def _with_map(alert: Alert, found: LinkedMap | None) -> Alert:
    if found is None:
        return alert
    where = alert.localization
    if found.refused is not None:
        said = f"the map at {found.url}: {found.refused}"
        refused = {"refused": said} if where.kind == "link" else {"warnings": (*where.warnings, said)}
        return replace(alert, localization=replace(where, **refused))
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
