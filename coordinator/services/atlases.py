"""Events' sky maps made ready for look-ups, each read once while it is an event's newest."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from coordinator.events.event import Event
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.case import Atlas
from telescopes.description.errors import Broken, Refused

log = structlog.get_logger("vetter")


@dataclass
class Atlases:
    """The newest sky of each event; `load_map` finds a map by its sha256."""

    load_map: Callable[[str], Awaitable[SkyMap]]
    _known: dict[str, tuple[str, Atlas | None]] = field(default_factory=dict)

    async def of(self, event: Event) -> Atlas | None:
        """Return the event's sky, made ready; None where it has none that can be read."""
        sha256 = event.skymap_sha256
        if sha256 is None:
            return None
        known = self._known.get(event.key)
        if known is None or known[0] != sha256:
            try:
                atlas = Atlas.of(await self.load_map(sha256))
            except (Refused, Broken) as error:  # Without it the sky says nothing; the other checks do.
                log.error("its sky cannot be used", event_key=event.key, because=str(error))
                atlas = None
            known = self._known[event.key] = (sha256, atlas)
        return known[1]
