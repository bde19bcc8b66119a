"""What a network did for an event, gathered from the journals of all its teams: offers, looks, and what is a repeat."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import (
    PointingApproved,
    PointingMoved,
    PointingNoted,
    PointingOffered,
    RevocationRequested,
)
from coordinator.dispatch.ownership import FOLLOW_UP, worth
from coordinator.events.event import Event
from coordinator.planning.value import SkyValue
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored


@dataclass
class Gathered:
    """One book over all teams.

    Attributes
    ----------
    events : tuple of str
        Whose looks are counted: the event and, where it has one, the partner that is searched with it.
    skies : mapping of str to SkyValue
        What looks are worth by each of the maps that it may be searched by, by the sha256 of its file.
    offered : Counter of str
        Offers to each telescope.
    duplicates : int
        Offers of a search of whose value less than half was new when they were made, by the map that their team
        searched by, whoever held the rest.
    revoked : int
        Offers that were asked back.
    """

    events: tuple[str, ...]
    skies: Mapping[str, SkyValue]
    book: Book = field(default_factory=Book)
    offered: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    revoked: int = 0
    _by: dict[tuple[int, str], SkyValue] = field(default_factory=dict)

    @classmethod
    def of(
        cls, events: tuple[str, ...], skies: Mapping[str, SkyValue], journals: Sequence[Sequence[Stored]]
    ) -> "Gathered":
        """Read journals side by side, in order of time."""
        gathered = cls(events, skies)
        teams = (
            [(s.entry.sky_time, team, s.seq, s) for s in journal if _counts(s)] for team, journal in enumerate(journals)
        )
        for _, team, _, stored in heapq.merge(*teams):
            gathered._take(team, stored)
        return gathered

    def _take(self, team: int, stored: Stored) -> None:
        fact, at = fact_of(stored.entry), stored.entry.sky_time
        match fact:
            case Event(key=key, skymap_sha256=str(sha256)) if key in self.events and sha256 in self.skies:
                self._by[team, key] = self.skies[sha256]
            case PointingOffered():
                self.offered[fact.pointing.telescope_id] += 1
                self.duplicates += self._is_repeat(team, fact)
                self.book.offer(fact, at)
            case PointingApproved():
                self.book.approve(fact)
            case RevocationRequested():
                self.revoked += self.book.assignments[fact.pointing_id].revocation is None
                self.book.ask_back(fact)
            case PointingMoved():
                self.book.move(fact, at)
            case PointingNoted():
                self.book.note(fact)

    def _is_repeat(self, team: int, fact: PointingOffered) -> bool:
        asked = fact.pointing
        if asked.event_id not in self.events or asked.visit.startswith(FOLLOW_UP):
            return False
        alone = Book()
        alone.offer(fact, asked.planned_start)
        look = alone.look(alone.assignments[asked.pointing_id])
        taken = self.book.taken_looks(asked.event_id, asked.visit)
        return worth(look, taken, self._by[team, asked.event_id]).is_repeat()

    @property
    def offers(self) -> int:
        """Offers to all telescopes."""
        return self.offered.total()

    @property
    def looks(self) -> list[Assignment]:
        """What was observed for the event, in order of its end."""
        done = [a for event in self.events for a in self.book.of_event(event) if a.observed]
        return sorted(done, key=lambda a: (a.ended, a.id))


def _counts(stored: Stored) -> bool:
    return stored.entry.kind.startswith(("pointing_", "event_re"))
