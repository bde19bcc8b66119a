"""Bodies of the solar system around candidates: asked once for each new sighting, never remembered by place."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from coordinator.vetting.candidate import Candidate
from coordinator.vetting.neighbours import Answer, MinorPlanet, Neighbours, Surroundings
from coordinator.vetting.sighting import Sighting

LOT = 64
"""So many candidates are looked up before others get their turn: some ten milliseconds with all known bodies."""


class KnownBodies(Protocol):
    """Knows where bodies of the solar system were, from what lies on this machine: it neither waits nor fails."""

    @property
    def edition(self) -> str:
        """By which elements it answers: another word where they are others."""
        ...

    def near(self, sightings: Sequence[Sighting]) -> Sequence[Answer[MinorPlanet]]:
        """Say for each sighting which bodies were there then."""
        ...


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found at the ends of one candidate, as it was then; `ends` and `answers` belong together."""

    candidate: Candidate
    ends: tuple[Sighting, ...]
    answers: tuple[Answer[MinorPlanet], ...]
    near: Neighbours


RememberedBodies = dict[str, Looked]
"""What was found, by candidate."""


def ends_of(candidate: Candidate) -> tuple[Sighting, ...]:
    """Return its first and last sighting of known time: what stays longer than a visit is no body of these anyway.

    Forced photometry measures a place that was given, and so was there no body.
    """
    seen = candidate.sightings
    first = next((s for s in seen if s.time is not None and s.places), None)
    if first is None:
        return seen[:1]
    last = next(s for s in reversed(seen) if s.time is not None and s.places)
    return (first,) if last is first else (first, last)


def look_for_bodies(known: KnownBodies, candidates: Sequence[Candidate], remembered: RememberedBodies) -> None:
    """Ask about sightings that nobody asked about before, all at once, and remember the answers."""
    wanted: list[tuple[Candidate, tuple[Sighting, ...], dict[Sighting, Answer[MinorPlanet]]]] = []
    for c in candidates:
        before = remembered.get(c.id)
        if before is None or before.candidate is not c:
            wanted.append(
                (c, ends_of(c), {} if before is None else dict(zip(before.ends, before.answers, strict=True)))
            )
    fresh = list(dict.fromkeys(s for _, ends, answered in wanted for s in ends if s not in answered))
    found = dict(zip(fresh, known.near(fresh), strict=True)) if fresh else {}
    for c, ends, answered in wanted:
        answers = tuple(answered[s] if s in answered else found[s] for s in ends)
        remembered[c.id] = Looked(c, ends, answers, Neighbours(minor_planets=(_joined(answers),)))


def bodies_around(known: KnownBodies, candidates: Sequence[Candidate]) -> Surroundings:
    """Say of each candidate which bodies were at its first or last sighting."""
    remembered: RememberedBodies = {}
    look_for_bodies(known, candidates, remembered)
    return Surroundings({name: looked.near for name, looked in remembered.items()})


@dataclass
class BodyWatch:
    """Remembers what is known of the bodies around each event's candidates, as long as the elements are the same."""

    known: KnownBodies
    pause_s: float = 60.0
    _edition: str = ""
    _outdated: bool = False
    _by_event: dict[str, RememberedBodies] = field(default_factory=dict)

    def renewed(self) -> bool:
        """Say, once, whether anything was answered by elements that are others now."""
        self._forget_the_old()
        outdated, self._outdated = self._outdated, False
        return outdated

    async def around(self, event: str, candidates: Sequence[Candidate]) -> Surroundings:
        """Look up what is new, some at a time; it remembers no more than these candidates of an event."""
        self._forget_the_old()
        before, edition = self._by_event.get(event, {}), self._edition
        kept = {c.id: before[c.id] for c in candidates if c.id in before}
        fresh = [c for c in candidates if c.id not in kept or kept[c.id].candidate is not c]
        for at in range(0, len(fresh), LOT):
            look_for_bodies(self.known, fresh[at : at + LOT], kept)
            await asyncio.sleep(0)
        if edition == self._edition:
            self._by_event[event] = kept
        else:  # they came in between: some of it is old
            self._outdated = True
        return Surroundings({c.id: kept[c.id].near for c in candidates})

    def _forget_the_old(self) -> None:
        """Forget what other elements answered; that there was such an answer is news until somebody asks for it."""
        edition = self.known.edition
        if edition != self._edition:
            self._outdated |= bool(self._by_event)
            self._edition = edition
            self._by_event.clear()


def _joined(answers: Sequence[Answer[MinorPlanet]]) -> Answer[MinorPlanet]:
    """Make one answer of those for two sightings: each body where it came nearest; silent only if both are."""
    spoken = [answer for answer in answers if answer.silent_because is None]
    if len(answers) == 1 or not spoken:
        return answers[0]
    nearest: dict[str, MinorPlanet] = {}
    for body in sorted((b for answer in spoken for b in answer.found), key=lambda b: b.separation_arcsec):
        nearest.setdefault(body.name, body)
    first = spoken[0]
    return Answer(first.source, tuple(nearest.values()), first.as_of, first.complete_to_mag)
