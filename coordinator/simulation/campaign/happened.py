"""What happens in a campaign's event, whatever its kind: the truth, what is told of it, and in which skies it lies."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from coordinator.simulation.campaign.words import HeardWord
from coordinator.simulation.world.cones import ConeEvent
from coordinator.simulation.world.of_event import Shown
from coordinator.simulation.world.sequence import SimulatedEvent
from coordinator.sky.skymap import SkyMap
from coordinator.sky.write_multiorder import write_multiorder

BEFORE = timedelta(seconds=60)
"""A night begins so long before the first word or the merger, whichever is earlier."""


def night_begins(t0: datetime, words: Sequence[HeardWord]) -> datetime:
    """Say when the night of an event begins."""
    return min(t0, *(word.issued for word in words)) - BEFORE


@dataclass(frozen=True, slots=True, eq=False)
class MapTold:
    """A map as it is told, and as the intake keeps it."""

    sky: SkyMap
    file: bytes

    @classmethod
    def of(cls, sky: SkyMap) -> "MapTold":
        """Write a map that is told."""
        return cls(sky, write_multiorder(sky))

    @property
    def sha256(self) -> str:
        """What it is named by."""
        return hashlib.sha256(self.file).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Happened:
    """An event and its truth.

    Attributes
    ----------
    key : str
        What it is called by those who hear of it, and search it.
    kind : str
        What it is: BNS, NSBH, BBH, noise; with a burst: BNS+GRB; GRB, neutrino, supernova neutrinos.
    truth : SimulatedEvent or ConeEvent
        How it came about.
    words : tuple of HeardWord
        Notices about it, in order of time, a partner's among them.
    maps : tuple of MapTold
        Those of its own words, in order; by the last one the sky counts, unless there is a partner.
    partner_key : str or None
        Another event that belongs to it, a burst; None: it is alone.
    partner : ConeEvent or None
        That one's truth.
    partner_maps : tuple of MapTold
        Those of its words, in order.
    shown : (source, distance) or None
        What shines, where that is drawn with the event; a merger's is made with its world.
    """

    key: str
    kind: str
    t0: datetime
    truth: SimulatedEvent | ConeEvent
    words: tuple[HeardWord, ...]
    maps: tuple[MapTold, ...]
    retracted: bool = False
    partner_key: str | None = None
    partner: ConeEvent | None = None
    partner_maps: tuple[MapTold, ...] = ()
    shown: Shown | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Events under which it may be looked at; the one that is searched in the end comes first."""
        return (self.key,) if self.partner_key is None else (self.key, self.partner_key)

    @property
    def best_map(self) -> SkyMap:
        """The last map of its own."""
        return self.maps[-1].sky
