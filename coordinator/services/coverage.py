"""Looks of others: written to a blob that the journal names, and read again for plans."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import structlog

from coordinator.dispatch.coverage import Coverage
from coordinator.events.event import Event
from coordinator.planning.request import Look
from coordinator.services.journal import Blobs
from coordinator.services.state import ObservatoryState
from coordinator.sky.ranges import Ranges
from telescopes.description.errors import ArmillaryError

log = structlog.get_logger("planning")


@dataclass(frozen=True, slots=True)
class Row:
    """One look as it is kept; `ranges` is `Ranges.encode`."""

    visit: str
    start: datetime
    ranges: str
    limit_mag_ab: float | None
    filter: str | None
    telescope: str | None


def summary(coverage: Coverage) -> dict[str, Any]:
    """Return what people are told of a report."""
    return {"id": coverage.id, **msgspec.to_builtins(coverage)}


def written(looks: Sequence[Look]) -> bytes:
    """Write looks down; the same looks give the same bytes."""
    rows = [Row(k.visit, k.start, k.ranges.encode(), k.limit_mag_ab, k.filter, k.telescope) for k in looks]
    return msgspec.json.encode(rows)


def read(data: bytes, event: str) -> tuple[Look, ...]:
    """Read looks again, as looks at the sky of an event."""
    rows = msgspec.json.decode(data, type=list[Row])
    return tuple(
        Look(event, r.visit, Ranges.decode(r.ranges), r.start, r.limit_mag_ab, r.filter, r.telescope) for r in rows
    )


@dataclass
class CoverageKeeper:
    """Looks of others by the name of their blob, each read once while its event is searched."""

    blobs: Blobs
    _known: dict[tuple[str, str], tuple[Look, ...]] = field(default_factory=dict)

    async def looks_of(self, events: Iterable[Event], state: ObservatoryState) -> tuple[Look, ...]:
        """Return what others have looked at of these events, and of those that are searched with them.

        What cannot be read is said and left out: a plan does not wait for it.
        """
        wanted = [
            (e.key, c.sha256)
            for e in events
            for key in (e.key, *(() if e.coincidence is None else e.coincidence.members))
            for c in state.coverage.get(key, ())
        ]
        self._known = {one: self._known[one] for one in wanted if one in self._known}
        found: list[Look] = []
        for event, sha256 in dict.fromkeys(wanted):
            if (event, sha256) not in self._known:
                try:
                    self._known[event, sha256] = read(await self.blobs.get(sha256), event)
                except ArmillaryError as error:
                    log.error("what others have looked at cannot be read", event_key=event, because=str(error))
                    continue
            found += self._known[event, sha256]
        return tuple(found)
