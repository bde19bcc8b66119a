"""What a survey's filter watches for: the events as the journal tells them, each with its sky and its time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from coordinator.events.event import Event
from coordinator.events.rules import Action, Decision
from coordinator.events.survey_watch import AFTER, BEFORE, Watch, watch_for
from coordinator.services.facts import fact_of
from coordinator.services.journal import Blobs, Journal, Only, Tail
from coordinator.services.survey_filter import SurveyFilter
from coordinator.sky.ranges import Ranges
from telescopes.description.clocks import SkyClock
from telescopes.description.errors import Refused, RetryLater

log = structlog.get_logger("survey")

KINDS = Only(frozenset({"event_revised", "event_retracted", "event_decided"}))
LOOK_S = 5.0
LATE = timedelta(days=2)
"""For so long after its last instant an event is still watched for: what was seen in time may come late."""

RegionReader = Callable[[bytes], Awaitable[Ranges]]
"""Returns the credible region of a map; Refused if it is none. It is CPU work: done in a thread."""


@dataclass
class SurveyWatching:
    """Follows the journal, and gives a filter the watches of the active events.

    An event is active until it is retracted, closed or ignored, and while its time is not over. One without a sky map
    is not watched for.

    Attributes
    ----------
    journal, blobs, clock :
        Events, their maps, and the sky's time.
    sieve : SurveyFilter
        Who is given the watches.
    region_of : callable
        Reads the region of a map.
    before, after : timedelta
        From when on, and until when a detection may belong to an event, from its T0.
    """

    journal: Journal
    blobs: Blobs
    clock: SkyClock
    sieve: SurveyFilter
    region_of: RegionReader
    before: timedelta = BEFORE
    after: timedelta = AFTER
    _events: dict[str, Event] = field(default_factory=dict)
    _ignored: set[str] = field(default_factory=set)
    _skies: dict[str, Ranges] = field(default_factory=dict)
    _seq: int = 0

    async def catch_up(self) -> None:
        """Learn of every active event: before that, nothing may be dropped."""
        while self._fold(await self.journal.read(self._seq, only=KINDS)):
            pass
        await self._look()

    async def run(self) -> None:
        """Follow for ever."""
        while True:
            self._fold(await self.journal.follow(self._seq, only=KINDS, wait_s=LOOK_S))
            await self._look()

    def _fold(self, tail: Tail) -> bool:
        """Take what is new; say whether there was anything."""
        self._seq = tail.head_seq
        for stored in tail.entries:
            match fact_of(stored.entry):
                case Event() as event:
                    self._events[event.key] = event
                case Decision(action=Action.IGNORE):
                    self._ignored.add(stored.entry.event or "")
                case Decision():
                    self._ignored.discard(stored.entry.event or "")
        return bool(tail.entries)

    async def _look(self) -> None:
        """Watch for what is active now."""
        active = [event for key, event in sorted(self._events.items()) if self._is_active(key, event)]
        found = [await self._watch(event) for event in active]
        self.sieve.watches = tuple(watch for watch in found if watch is not None)
        used = {event.skymap_sha256 for event in active}
        self._skies = {sha256: sky for sha256, sky in self._skies.items() if sha256 in used}

    def _is_active(self, key: str, event: Event) -> bool:
        if event.retracted or event.closed is not None or event.t0 is None or key in self._ignored:
            return False
        return self.clock.now() <= event.t0 + self.after + LATE

    async def _watch(self, event: Event) -> Watch | None:
        sha256 = event.skymap_sha256
        if sha256 is None:
            return None
        if sha256 not in self._skies:
            try:
                self._skies[sha256] = await self.region_of(await self.blobs.get(sha256))
            except RetryLater as later:
                log.warning("not watched yet", event_key=event.key, because=str(later))
                return None
            except Refused as refusal:
                log.error("cannot be watched", event_key=event.key, because=str(refusal))
                self._skies[sha256] = Ranges.empty()
        return watch_for(event, self._skies[sha256], before=self.before, after=self.after)
