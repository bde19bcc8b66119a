"""The vetter asks for the look that tells most, after its verdict, and takes back what is decided."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from builders.vetting import T0, a_detection, a_sighting, a_sky, an_event

from coordinator.services.facts import entry_of
from coordinator.services.follow_ups import FollowUps
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.vetter import Vetter, VetterSettings
from coordinator.simulation.virtual_loop import run_virtual
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.facts import CandidatesScored, ScoredCandidate
from coordinator.vetting.follow_up import FollowUpRule
from coordinator.vetting.possible_looks import Possible

NETWORK = (Possible("deep", "r", 21.0, 5.0), Possible("deep", "g", 21.0, 5.0), Possible("shallow", "r", 15.0, 1.0))
HOSTED = {"host_redshift": 0.0093, "host_separation_arcsec": 5.0}


@dataclass
class Bench:
    """A vetter whose network is known, on a sky clock that runs with the loop."""

    loop: asyncio.AbstractEventLoop
    rule: FollowUpRule
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)

    def now(self) -> datetime:
        return T0 + timedelta(hours=8.1, seconds=self.loop.time())

    async def start(self) -> None:
        async def load_map(sha256: str) -> SkyMap:
            return a_sky()

        settings = VetterSettings(follow_up=self.rule)
        asks = FollowUps(NETWORK)
        self.vetter = Vetter(self.journal, InMemoryBlobs(), self, load_map, settings, follow_ups=asks)
        self.scheduler = await Writer.elected(self.journal, "scheduler")
        await self.event()
        await self.vetter.start()
        self.task = asyncio.create_task(self.vetter.run())

    async def event(self, **changes: Any) -> None:
        event = an_event(**changes)
        kind = "event_retracted" if event.retracted else "event_revised"
        await self.scheduler.append([entry_of(kind, event, sky_time=self.now(), event=event.key)])

    async def send(self, *detections: Any) -> None:
        await self.vetter.store("t1", list(detections))
        await asyncio.sleep(5.0)

    def kinds(self) -> list[str]:
        told = ("candidates_scored", "follow_up_requested", "follow_up_ended")
        return [s.entry.kind for s in self.journal.stored if s.entry.kind in told]

    def asked(self, kind: str = "follow_up_requested") -> list[dict[str, Any]]:
        return [s.entry.body for s in self.journal.stored if s.entry.kind == kind]


def on_bench(story: Callable[[Bench], Awaitable[None]], rule: FollowUpRule | None = None) -> Bench:
    async def main(loop: asyncio.AbstractEventLoop) -> Bench:
        bench = Bench(loop, rule or FollowUpRule())
        await bench.start()
        try:
            await story(bench)
        finally:
            bench.task.cancel()
            await asyncio.gather(bench.task, return_exceptions=True)
        return bench

    return run_virtual(main)


async def one_detection(bench: Bench) -> None:
    await bench.send(a_detection("d1", **HOSTED))


def test_the_look_that_tells_most_is_asked_for_once_after_the_verdict() -> None:
    bench = on_bench(one_detection)
    assert bench.kinds() == ["candidates_scored", "follow_up_requested"]
    (request,) = bench.asked()
    assert request["telescope"] == "deep"
    assert request["bits"] > 0
    assert request["wants_yes"] is False


def test_policy_ask_asks_a_person_and_never_nobody() -> None:
    assert on_bench(one_detection, FollowUpRule(policy="ask")).asked()[0]["wants_yes"] is True
    assert on_bench(one_detection, FollowUpRule(policy="never")).asked() == []


def test_what_was_asked_for_a_candidate_that_moves_is_taken_back_once() -> None:
    async def story(bench: Bench) -> None:
        await one_detection(bench)
        later = [(f"m{n}", 8.0 + n / 2, 20.0 + n * 20.0 / 3600.0) for n in (1, 2, 3)]
        await bench.send(*(a_detection(i, hours, place=(150.0, dec)) for i, hours, dec in later))

    bench = on_bench(story)
    (ended,) = bench.asked("follow_up_ended")
    assert ended["visit"] == bench.asked()[0]["visit"]
    assert ended["because"] == "it moves"


class Counting(tuple[Possible, ...]):
    """A network that counts how often it is gone through."""

    times = 0

    def __iter__(self) -> Iterator[Possible]:
        Counting.times += 1
        return super().__iter__()


def test_where_nothing_tells_anything_the_same_odds_are_reckoned_again_only_after_a_while() -> None:
    one = candidate_of([a_sighting("a", 8.0)])
    row = ScoredCandidate(one.id, 150.0, 20.0, 0.1, 0.4, 0.0, "possible", 1, (), 18.0, "r")
    odds, asks = CandidatesScored("lvk:S1", 1, 0.5, (row,)), FollowUps(Counting(NETWORK))

    def reckoned(minutes: float) -> int:
        before, now = Counting.times, T0 + timedelta(hours=8.1, minutes=minutes)
        asking = asks.propose(an_event(), odds, {one.id: one}, (), now, FollowUpRule(least_bits=2.0))
        assert asyncio.run(asking) is None
        return Counting.times - before

    assert [reckoned(m) > 0 for m in (0.0, 5.0, 11.0)] == [True, False, True]
