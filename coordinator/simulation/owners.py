"""Who owns a patch of sky, cell by cell, and which looks were repeats: law 2 and law 8 without the rules' own words."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import PointingMoved, PointingOffered
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.services.state import ObservatoryState
from coordinator.simulation.weighing import Scales, limit_of
from coordinator.sky.curve import ProbabilityCurve
from telescopes.description.states import LATE_TRUTH

HALF = 0.5 - 1e-9


def doubly_looked_at(entries: Iterable[Stored], sky: Callable[[str], ProbabilityCurve]) -> Iterator[str]:
    """Yield a sentence for every cell with two live owners at a depth, and for every repeat that is told wrong.

    Parameters
    ----------
    entries
        A journal from its first entry, in which no field is meant to overlap another by less than its half.
    sky
        Finds a sky map's curve by its sha256.
    """
    watch = OwnerWatch(sky)
    for stored in entries:
        fact = fact_of(stored.entry)
        yield from watch.before(fact)
        watch.state.apply(stored)
        yield from watch.after(fact)


@dataclass
class OwnerWatch:
    """Looks at the facts one by one; who asks it folds each into `state` between `before` and `after`."""

    sky: Callable[[str], ProbabilityCurve]
    state: ObservatoryState = field(default_factory=ObservatoryState)

    def before(self, fact: object) -> Iterator[str]:
        """Hold a fact against what was before it."""
        if isinstance(fact, PointingMoved) and fact.to in LATE_TRUTH and fact.pointing_id in self._all:
            yield from self._repeat(fact)

    def after(self, fact: object) -> Iterator[str]:
        """Hold what a fact has led to against law 2."""
        if isinstance(fact, PointingOffered):
            yield from self._owners(self._all[fact.pointing.pointing_id])

    @property
    def _all(self) -> dict[str, Assignment]:
        return self.state.pointings.assignments

    def _owners(self, mine: Assignment) -> Iterator[str]:
        """Law 2: nobody else owns half of it, as deep, in its visit."""
        book = self.state.pointings
        for other in book.live(event=mine.offered.pointing.event_id):
            if other.id == mine.id or other.key != mine.key or limit_of(other) != limit_of(mine):
                continue
            shared = book.ranges(mine).intersection(book.ranges(other)).area_deg2
            if shared > HALF * min(book.ranges(mine).area_deg2, book.ranges(other).area_deg2):
                yield f"{mine.id} and {other.id} own the same sky"

    def _repeat(self, fact: PointingMoved) -> Iterator[str]:
        """Law 8: what late truth reveals to be a repeat is said to be one, and nothing else is."""
        mine, book = self._all[fact.pointing_id], self.state.pointings
        event = self.state.events.get(mine.offered.pointing.event_id)
        if event is None or event.skymap_sha256 is None or event.retracted:
            return
        besides = [
            a
            for a in book.of_event(event.key)
            if a.id != mine.id and a.key == mine.key and not a.late_repeat and (a.observed or (a.live and a.started))
        ]
        beside = [(book.ranges(a), limit_of(a)) for a in besides]
        its = Scales(self.sky(event.skymap_sha256), by_distance=False).weigh((book.ranges(mine), None), beside)
        is_repeat = its.own > 0.0 and its.new < HALF * its.own
        newer_map = event.revision != mine.offered.pointing.event_revision
        foreseeable = not (fact.late or newer_map or any(a.late for a in besides))
        if is_repeat and foreseeable:
            yield f"{mine.id} repeats what was looked at, and nothing came late"
        elif is_repeat is not fact.late_repeat and not foreseeable:
            yield f"{mine.id} is {'a' if is_repeat else 'no'} late repeat, and the journal says otherwise"
