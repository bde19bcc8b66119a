"""The book of all pointings: who owns which sky and which telescope's time, as the journal says."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from coordinator.dispatch.assignment import Assignment, approved, asked_back, moved, noted, offered
from coordinator.dispatch.facts import (
    PointingApproved,
    PointingMoved,
    PointingNoted,
    PointingOffered,
    RevocationRequested,
)
from coordinator.lightcurves.detection import LIMIT_STEP_MAG
from coordinator.sky.ranges import Ranges

NOTHING_TOLD: Mapping[str, Assignment] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class LookedAt:
    """Sky that is looked at, and how faint; None: nobody knows."""

    ranges: Ranges
    limit_mag_ab: float | None


@dataclass(frozen=True, slots=True, eq=False)
class HeldSky:
    """Sky that is held or was looked at, since when, and its first and last pixel on the nested curve."""

    start: datetime
    low: int
    high: int
    ranges: Ranges


@dataclass
class Book:
    """Assignments by id, with indexes; everything in it is a fold of facts.

    `command_head` is the last number in each telescope's command log.
    """

    assignments: dict[str, Assignment] = field(default_factory=dict)
    command_head: dict[str, int] = field(default_factory=dict)
    _live: dict[str, Assignment] = field(default_factory=dict)
    _by_key: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _by_event: dict[str, dict[str, Assignment]] = field(default_factory=dict)
    _observed: dict[tuple[str, str], dict[str, Assignment]] = field(default_factory=dict)
    _in_order: list[Assignment] | None = None
    _looks: dict[tuple[str, str], list[LookedAt]] = field(default_factory=dict)
    _elsewhere: dict[str, dict[str, list[HeldSky]]] = field(default_factory=dict)
    _late: set[str] = field(default_factory=set)
    _seen: dict[tuple[str, ...], tuple[frozenset[str], Ranges]] = field(default_factory=dict)
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

    def approve(self, fact: PointingApproved) -> None:
        """Fold a person's yes."""
        mine = self.assignments[fact.pointing_id]
        self._count(mine.telescope, fact.command_seq)
        self._put(approved(mine, fact))

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

    def forget(self, ids: Iterable[str]) -> None:
        """Let go of pointings that are not live; for whoever needs no more than the newest."""
        for one in [self.assignments[i] for i in ids]:
            del self.assignments[one.id]
            self._by_key[one.key].discard(one.id)
            self._by_event[one.key[0]].pop(one.id, None)
            self._elsewhere.pop(one.key[0], None)
            self._late.discard(one.id)
            self._note_observed(one, counts=False)
            self._decoded.pop(one.id, None)

    def _count(self, telescope: str, seq: int) -> None:
        self.command_head[telescope] = max(seq, self.command_head.get(telescope, 0))

    def _put(self, one: Assignment) -> None:
        before = self.assignments.get(one.id)
        if before is None or _holds(before) != _holds(one):
            self._elsewhere.pop(one.key[0], None)
        if one.late:
            self._late.add(one.id)
        self.assignments[one.id] = one
        self._by_key.setdefault(one.key, set()).add(one.id)
        self._by_event.setdefault(one.key[0], {})[one.id] = one
        self._note_observed(one, one.observed)
        self._in_order = None
        if one.live:
            self._live[one.id] = one
        else:
            self._live.pop(one.id, None)

    def _note_observed(self, one: Assignment, counts: bool) -> None:
        mine = self._observed.setdefault(one.key, {})
        if counts:
            mine[one.id] = one
        elif mine.pop(one.id, None) is None:
            return
        self._looks.pop(one.key, None)

    def live(self, telescope: str | None = None, event: str | None = None) -> Iterator[Assignment]:
        """Pointings that own sky and time now, in order of start, then id."""
        if self._in_order is None:
            self._in_order = sorted(self._live.values(), key=lambda a: (a.busy_from, a.id))
        if telescope is None and event is None:
            return iter(self._in_order)
        return (
            a
            for a in self._in_order
            if telescope in (None, a.telescope) and event in (None, a.offered.pointing.event_id)
        )

    def ranges(self, one: Assignment) -> Ranges:
        """Return the sky of a pointing, decoded once."""
        text = one.ranges
        known = self._decoded.get(one.id)
        if known is None or known[0] != text:
            known = self._decoded[one.id] = (text, Ranges.decode(text))
        return known[1]

    def observed(self, event: str, visit: str) -> Ranges:
        """Sky that counts as observed in a visit."""
        return self._union((event, visit), frozenset(self._observed.get((event, visit), ())))

    def observed_visits(self, event: str) -> list[str]:
        """Visits of an event in which something may count as observed."""
        return sorted(visit for key, visit in self._observed if key == event)

    def observed_looks(self, event: str, visit: str) -> list[LookedAt]:
        """Sky that counts as observed in a visit, apart for each limit, the shallowest first.

        Limits are told apart by 0.05 mag, as where they are weighed.
        """
        key = event, visit
        if key not in self._looks:
            groups: dict[float | None, set[str]] = {}
            for one in self._observed.get(key, {}).values():
                groups.setdefault(_rounded(one.depth_mag_ab), set()).add(one.id)
            ordered = sorted(groups.items(), key=lambda g: -99.0 if g[0] is None else g[0])
            self._looks[key] = [LookedAt(self._union((*key, str(m)), frozenset(ids)), m) for m, ids in ordered]
        return self._looks[key]

    def taken_looks(self, event: str, visit: str, but_asked_back: bool = False) -> list[LookedAt]:
        """Sky that is owned live or observed in a visit, and how faint; without what is asked back, if that is said."""
        owned = (a for a in self._live.values() if a.key == (event, visit))
        owned = (a for a in owned if not (but_asked_back and a.revocation is not None))
        return [*self.observed_looks(event, visit), *(self.look(a) for a in owned)]

    def begun(
        self, event: str, visit: str, besides: str, told: Mapping[str, Assignment] = NOTHING_TOLD
    ) -> list[Assignment]:
        """Pointings of a visit that are observed or being worked at, `besides` one and what is a repeat itself.

        `told` are pointings as they will be when what was reported of them is folded.
        """
        key = event, visit
        running = (a.id for a in self._live.values() if a.key == key and a.started)
        ids = {*self._observed.get(key, ()), *running, *(i for i, a in told.items() if a.key == key)} - {besides}
        mine = (told.get(i) or self.assignments[i] for i in sorted(ids))
        return [a for a in mine if not a.late_repeat and (a.observed or (a.live and a.started))]

    def look(self, one: Assignment) -> LookedAt:
        """The sky of a pointing, and how faint it is looked at."""
        return LookedAt(self.ranges(one), one.depth_mag_ab)

    @property
    def any_late(self) -> bool:
        """Whether anything was ever told after it had been given up."""
        return bool(self._late)

    def held_elsewhere(self, event: str, visit: str) -> list[HeldSky]:
        """Sky that is owned live or observed in an event's other visits, in no certain order."""
        known = self._elsewhere.setdefault(event, {})
        if visit not in known:
            held = (a for a in (*self.live(event=event), *self.observed_for(event)) if a.key[1] != visit)
            its = ((a.began, self.ranges(a)) for a in held)
            known[visit] = [HeldSky(at, int(r.low[0]), int(r.high[-1]), r) for at, r in its if r.low.size]
        return known[visit]

    def observed_for(self, event: str) -> Iterator[Assignment]:
        """Pointings that count as observed, of all visits of an event, in no certain order."""
        return (a for key, mine in self._observed.items() if key[0] == event for a in mine.values())

    def times_observed(self, event: str) -> int:
        """How many they are."""
        return sum(len(mine) for key, mine in self._observed.items() if key[0] == event)

    def _union(self, key: tuple[str, ...], ids: frozenset[str]) -> Ranges:
        """Union of the skies of some pointings; the last one of each key is kept, and grows."""
        known, sky = self._seen.get(key, (frozenset[str](), Ranges.empty()))
        if ids != known:
            start, rest = (sky, ids - known) if known <= ids else (Ranges.empty(), ids)
            sky = Ranges.union_of([start, *(self.ranges(self.assignments[i]) for i in sorted(rest))])
            self._seen[key] = (ids, sky)
        return sky

    def ids_of(self, event: str | None = None) -> list[str]:
        """Ids of all pointings, or of those of an event, in order."""
        return sorted(self.assignments if event is None else self._by_event.get(event, ()))

    def of_event(self, event: str) -> list[Assignment]:
        """All pointings of an event, in order of start, then id."""
        return sorted(self._by_event.get(event, {}).values(), key=lambda a: (a.busy_from, a.id))


def _holds(one: Assignment) -> tuple[bool, bool, datetime | None, str]:
    return one.live, one.observed, one.actual_start, one.ranges


def _rounded(limit_mag_ab: float | None) -> float | None:
    return None if limit_mag_ab is None else round(round(limit_mag_ab / LIMIT_STEP_MAG) * LIMIT_STEP_MAG, 2)
