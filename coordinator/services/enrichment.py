"""Asking others about the best candidates after their verdict: what they know is a fact, and the odds are made again.

Nothing waits for it: a source that is away, slow or wrong costs its own loop some time and says so once in the journal.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from coordinator.services.vetter_state import VetterState
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.facts import CandidatesScored, NeighboursFound, ScoredCandidate
from coordinator.vetting.neighbours import Neighbours, Surroundings, together, undated
from coordinator.vetting.rule import POSSIBLE
from telescopes.description.clocks import LinkClock
from telescopes.description.durations import separation_deg
from telescopes.description.errors import RetryLater


@dataclass(frozen=True, slots=True)
class Question:
    """What is known of a candidate when others are asked about it; `seen_at` is when it was seen last.

    `besides`: what will be asked next; whoever can look several places up in one go may do so.
    """

    candidate: str
    ra_deg: float
    dec_deg: float
    seen_at: datetime | None = None
    besides: tuple["Question", ...] = field(default=(), compare=False)


class Source(Protocol):
    """Somebody who may know what lies at a place; it never raises."""

    @property
    def id(self) -> str:
        """Its name."""
        ...

    @property
    def fresh_s(self) -> float:
        """How long an answer is good, link seconds."""
        ...

    async def ask(self, question: Question) -> Neighbours:
        """Return what it knows; where it did not answer, an answer that says why."""
        ...


@dataclass(frozen=True, slots=True)
class EnrichmentRule:
    """Who is asked about.

    Attributes
    ----------
    best : int
        So many candidates of an event.
    threshold : float
        From this probability on.
    pause_s, again_s : float
        Link time between two questions to one source, and until one that was not answered is asked again.
    moved_arcsec : float
        A candidate whose position was mended by more is asked about again.
    """

    best: int = 20
    threshold: float = POSSIBLE / 5
    pause_s: float = 1.0
    again_s: float = 120.0
    moved_arcsec: float = 1.0


Known = Mapping[tuple[str, str], NeighboursFound]
"""What was found of an event's candidates, by candidate and source."""


def questions(scored: CandidatesScored, known: Known, source: str, rule: EnrichmentRule) -> list[Question]:
    """List what one source is still to be asked, the most probable candidate first (pure)."""
    worth = [c for c in scored.candidates if c.probability >= rule.threshold and c.verdict != "rejected"]
    return [
        Question(c.id, c.ra_deg, c.dec_deg, None if c.last_seen is None else datetime.fromisoformat(c.last_seen))
        for c in worth[: rule.best]
        if not _is_known(c, known.get((c.id, source)), rule)
    ]


def _is_known(one: ScoredCandidate, found: NeighboursFound | None, rule: EnrichmentRule) -> bool:
    if found is None or found.silent:
        return False
    off_deg = separation_deg(one.ra_deg, one.dec_deg, found.ra_deg, found.dec_deg)
    return off_deg * 3600.0 <= rule.moved_arcsec


def is_news(found: NeighboursFound, before: NeighboursFound | None) -> bool:
    """Say whether a fact tells more than the one before (pure).

    Silence never takes an answer back, and the same answer a day later is the same.
    """
    if before is None or found.silent:
        return before is None
    return replace(found, near=undated(found.near)) != replace(before, near=undated(before.near))


def surroundings_of(known: Known, candidates: Iterable[Candidate]) -> Surroundings:
    """Gather what was found around each candidate, also under the id that it had before (pure)."""
    if not known:
        return Surroundings()
    every = list(candidates)
    ids = {c.id for c in every}
    lost = {name for name, _ in known if name not in ids}
    several = [c for c in every if len(c.sightings) > 1] if lost else []
    now_called = {name: c.id for name in sorted(lost) for c in several if c.was(name)}
    by_id: dict[str, dict[str, Neighbours]] = {}
    # What was said of its own name counts before what was said of an older one.
    for name, source in sorted(known, key=lambda key: (key[0] in ids, key)):
        its = now_called.get(name, name)
        by_id.setdefault(its, {})[source] = known[name, source].near
    return Surroundings({i: together(*(near[s] for s in sorted(near))) for i, near in by_id.items()})


@dataclass
class Enrichment:
    """A loop for each source; what it learns is handed to `note`, which takes what is news.

    Attributes
    ----------
    sources : sequence of Source
        Who is asked.
    link : LinkClock
        By whose seconds silence is waited out.
    """

    sources: Sequence[Source]
    link: LinkClock
    rule: EnrichmentRule = field(default_factory=EnrichmentRule)
    _rest_until: dict[tuple[str, str, str], float] = field(default_factory=dict)

    async def run(self, state: Callable[[], VetterState], note: Callable[[NeighboursFound], Awaitable[None]]) -> None:
        """Ask until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for source in self.sources:
                tasks.create_task(self._keep_asking(source, state, note))

    async def _keep_asking(
        self, source: Source, state: Callable[[], VetterState], note: Callable[[NeighboursFound], Awaitable[None]]
    ) -> None:
        while True:
            await asyncio.sleep(self.rule.pause_s)
            chosen = self._next(source.id, state())
            if chosen is None:
                continue
            event, question = chosen
            near = await source.ask(question)
            found = NeighboursFound(event, question.candidate, source.id, question.ra_deg, question.dec_deg, near)
            key = event, question.candidate, source.id
            self._rest_until[key] = self.link.now() + (self.rule.again_s if found.silent else source.fresh_s)
            try:
                await note(found)
            except RetryLater as error:  # The journal is away: it is asked again, of the cache.
                del self._rest_until[key]
                await asyncio.sleep(error.after_s)

    def _next(self, source: str, state: VetterState) -> tuple[str, Question] | None:
        """Choose what to ask: of the newest event the first candidate that it was not asked about, or too long ago."""
        now = self.link.now()
        for event in sorted(state.scored, key=lambda key: -state.scored_seq[key]):
            its = state.events.get(event)
            if its is None or its.ended:
                continue
            until = {name: at for (key, name, who), at in self._rest_until.items() if (key, who) == (event, source)}
            fresh = {key: fact for key, fact in state.found.get(event, {}).items() if until.get(key[0], now + 1) > now}
            due = questions(state.scored[event], fresh, source, self.rule)
            due = [one for one in due if until.get(one.candidate, now) <= now]
            if due:
                return event, replace(due[0], besides=tuple(due[1:]))
        return None
