"""What a message means, with its sky map read and a person's word heeded; nothing is stored yet."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from coordinator.alerts.alert import Alert, Localization
from coordinator.alerts.avro import SchemaSource
from coordinator.alerts.message import Alerts, Rejected, Understood
from coordinator.alerts.persons_word import PLACE_ALONE, SILENCE, PersonsWord, heed
from coordinator.alerts.registry import understand
from coordinator.events.copies import WITH_A_PLACE
from coordinator.events.stages import namespace
from telescopes.description.errors import Refused

MAX_WARNINGS = 16
MAX_WARNING = 256


@dataclass(frozen=True, slots=True)
class MapSummary:
    """What a sky map says in a few numbers; None: it does not say."""

    area50_deg2: float
    area90_deg2: float
    t0: datetime | None = None
    distance_mpc: float | None = None
    distance_std_mpc: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MadeMap:
    """A map made of a stated position: its FITS bytes, their sha256, and how large it is."""

    data: bytes
    sha256: str
    area50_deg2: float
    area90_deg2: float
    warnings: tuple[str, ...] = ()


MapReader = Callable[[bytes], Awaitable[MapSummary]]
"""Reads a map, Refused if it is none. It is CPU work: the real system does it in a thread or a worker."""

MapMaker = Callable[[Localization, str], Awaitable[MadeMap | None]]
"""Makes the map of a stated position (its event's namespace says what its error lacks), None if it has no error."""


async def make_map_here(where: Localization, namespace: str) -> MadeMap | None:
    """Make a map at once; the real system does it in a thread."""
    from coordinator.services.place_map import place_map

    return place_map(where, namespace)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message with what its transport and a person say of it."""

    raw: bytes
    name: str
    source: str
    topic: str = ""
    headers: Mapping[str, str] | None = None
    word: PersonsWord = SILENCE


async def assess(
    delivery: Delivery,
    read_map: MapReader,
    schemas: SchemaSource | None = None,
    make_map: MapMaker = make_map_here,
) -> Understood:
    """Say what a delivered message means; `schemas` are those that Avro may name by id.

    An alert whose embedded map cannot be used stays an alert and says why; a bare map (or bare annuli) that
    cannot be used is rejected.
    A position with an error and without a map gets its map here, so that whoever plans knows nothing but maps.
    """
    meaning = understand(
        delivery.raw,
        name=delivery.name,
        source=delivery.source,
        topic=delivery.topic,
        headers=delivery.headers,
        schemas=schemas,
    )
    if not isinstance(meaning, Alerts):
        return meaning
    alerts: list[Alert] = []
    maps = dict(meaning.maps)
    for alert in meaning.alerts:
        checked = await _with_made_map(await _with_map(alert, maps, read_map), maps, make_map)
        if checked.localization.refused and checked.format in PLACE_ALONE:
            return Rejected(checked.localization.refused)
        alerts.append(heed(checked, delivery.word))
    return Alerts(tuple(alerts), maps)


async def _with_map(alert: Alert, maps: dict[str, bytes], read_map: MapReader) -> Alert:
    """Read the alert's map; one that is refused is taken out of `maps`, for the raw message still holds it."""
    sha256 = alert.localization.skymap_sha256
    if sha256 is None or sha256 not in maps:
        return alert
    try:
        summary = await read_map(maps[sha256])
    except Refused as refusal:
        del maps[sha256]
        return replace(alert, localization=Localization("none", refused=f"sky map: {refusal.what}"))
    where = replace(
        alert.localization,
        area50_deg2=summary.area50_deg2,
        area90_deg2=summary.area90_deg2,
        distance_mpc=summary.distance_mpc,
        distance_std_mpc=summary.distance_std_mpc,
        warnings=tuple(warning[:MAX_WARNING] for warning in summary.warnings[:MAX_WARNINGS]),
    )
    return replace(alert, localization=where, t0=alert.t0 or summary.t0)


async def _with_made_map(alert: Alert, maps: dict[str, bytes], make_map: MapMaker) -> Alert:
    """Make the map of a position that comes with an error alone."""
    where = alert.localization
    if where.kind not in WITH_A_PLACE or where.skymap_sha256 is not None or where.refused is not None:
        return alert
    try:
        made = await make_map(where, namespace(alert))
    except Refused as refusal:
        return replace(alert, localization=replace(where, kind="none", refused=f"position: {refusal.what}"))
    if made is None:
        return alert
    maps[made.sha256] = made.data
    where = replace(
        where,
        skymap_sha256=made.sha256,
        skymap_bytes=len(made.data),
        area50_deg2=made.area50_deg2,
        area90_deg2=made.area90_deg2,
        warnings=(*where.warnings, *made.warnings)[:MAX_WARNINGS],
    )
    return replace(alert, localization=where)
