"""The book of all pointings: who owns which sky and which telescope's time, as the journal says."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from coordinator.dispatch.assignment import Assignment, asked_back, moved, noted, offered
from coordinator.dispatch.facts import PointingMoved, PointingNoted, PointingOffered, RevocationRequested
from coordinator.sky.ranges import Ranges


@dataclass
class Book:
    """Assignments by id, with indexes; everything in it is a fold of facts.

    `command_head` is the last number in each telescope's command log.
    """

    assignments: dict[str, Assignment] = field(default_factory=dict)
    command_head: dict[str, int] = field(default_factory=dict)
    _live: dict[str, Assignment] = field(default_factory=dict)
    _by_key: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _seen: dict[tuple[str, str], tuple[frozenset[str], Ranges]] = field(default_factory=dict)
    _decoded: dict[str, tuple[str, Ranges]] = field(default_factory=dict)

    @classmethod
    def of(cls, assignments: Iterable[Assignment], command_head: dict[str, int]) -> "Book":
        """Make a book again from what a snapshot holds."""
        book = cls(command_head=dict(command_head))
        for one in assignments:
            book._put(one)
        return book

    def offer(self, fact: PointingOffered, at: datetime) -> None:
        """Fold an offer."""
        self._count(fact.pointing.telescope_id, fact.command_seq)
        self._put(offered(fact, at))

    def ask_back(self, fact: RevocationRequested) -> None:
        """Fold a revocation's request."""
        mine = self.assignments[fact.pointing_id]
        self._count(mine.telescope, fact.command_seq)
        self._put(asked_back(mine, fact))

    def move(self, fact: PointingMoved, at: datetime) -> None:
        """Fold a move."""
        self._put(moved(self.assignments[fact.pointing_id], fact, at))

    def note(self, fact: PointingNoted) -> None:
        """Fold a report that moves nothing."""
        self._put(noted(self.assignments[fact.pointing_id], fact))

    def _count(self, telescope: str, seq: int) -> None:
        self.command_head[telescope] = max(seq, self.command_head.get(telescope, 0))

    def _put(self, one: Assignment) -> None:
        self.assignments[one.id] = one
        self._by_key.setdefault(one.key, set()).add(one.id)
        if one.live:
            self._live[one.id] = one
        else:
            self._live.pop(one.id, None)

    def live(self, telescope: str | None = None, event: str | None = None) -> Iterator[Assignment]:
        """Pointings that own sky and time now, in order of start, then id."""
        mine = (
            a
            for a in self._live.values()
            if telescope in (None, a.telescope) and event in (None, a.offered.pointing.event_id)
        )
        return iter(sorted(mine, key=lambda a: (a.busy_from, a.id)))

    def ranges(self, one: Assignment) -> Ranges:
        """Return the sky of a pointing, decoded once."""
        text = one.ranges
        known = self._decoded.get(one.id)
        if known is None or known[0] != text:
            known = self._decoded[one.id] = (text, Ranges.decode(text))
        return known[1]

    def observed(self, event: str, visit: str) -> Ranges:
        """Sky that counts as observed in a visit."""
        done = frozenset(i for i in self._by_key.get((event, visit), ()) if self.assignments[i].observed)
        known, sky = self._seen.get((event, visit), (frozenset[str](), Ranges.empty()))
        if done != known:
            start, rest = (sky, done - known) if known <= done else (Ranges.empty(), done)
            sky = Ranges.union_of([start, *(self.ranges(self.assignments[i]) for i in sorted(rest))])
            self._seen[event, visit] = (done, sky)
        return sky

    def taken(self, event: str, visit: str, besides: str | None = None) -> Ranges:
        """Sky that is owned live or observed in a visit, `besides` one pointing."""
        owned = [self.ranges(a) for a in self._live.values() if a.key == (event, visit) and a.id != besides]
        return Ranges.union_of([self.observed(event, visit), *owned])

    def looked_at(self, event: str, visit: str, besides: str) -> Ranges:
        """Sky that is observed in a visit or being looked at, `besides` one pointing."""
        begun = [a for a in self._live.values() if a.key == (event, visit) and a.started and a.id != besides]
        return Ranges.union_of([self.observed(event, visit), *(self.ranges(a) for a in begun)])

    def of_event(self, event: str) -> list[Assignment]:
        """All pointings of an event, in order of start, then id."""
        mine = (a for a in self.assignments.values() if a.offered.pointing.event_id == event)
        return sorted(mine, key=lambda a: (a.busy_from, a.id))
