"""What is known around candidates is asked once for each candidate and place."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from builders.vetting import T0, a_detection, a_sky, an_event

from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.surroundings import Remembered, look_around
from coordinator.services.vetter import Vetter
from coordinator.simulation.virtual_loop import run_virtual
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.neighbours import Answer, Neighbours, Star, Surroundings
from coordinator.vetting.sighting import Sighting


def at(name: str, ra_deg: float = 10.0) -> Candidate:
    return candidate_of([Sighting(name, ra_deg, 20.0)], id=name)


@dataclass
class Catalogue:
    """Knows a star at every place, and who asked."""

    asked: list[str] = field(default_factory=list)

    def around(self, candidates: Sequence[Candidate]) -> Surroundings:
        self.asked += [c.id for c in candidates]
        return Surroundings({c.id: Neighbours(stars=(Answer("all", (Star(str(c.ra_deg), 0.0),)),)) for c in candidates})


def test_a_candidate_is_looked_up_once() -> None:
    catalogue, remembered = Catalogue(), Remembered()
    look_around(catalogue.around, [at("a"), at("b")], remembered)
    known = look_around(catalogue.around, [at("a"), at("b"), at("c")], remembered)
    assert catalogue.asked == ["a", "b", "c"]
    assert set(known.by_candidate) == {"a", "b", "c"}


def test_a_candidate_that_moved_is_looked_up_again() -> None:
    catalogue, remembered = Catalogue(), Remembered()
    look_around(catalogue.around, [at("a")], remembered)
    known = look_around(catalogue.around, [at("a", 11.0)], remembered)
    assert catalogue.asked == ["a", "a"]
    assert known.of("a").stars[0].found[0].name == "11.0"


def test_what_is_gone_is_forgotten() -> None:
    catalogue, remembered = Catalogue(), Remembered()
    look_around(catalogue.around, [at("a"), at("b")], remembered)
    look_around(catalogue.around, [at("b")], remembered)
    assert set(remembered) == {"b"}


class Later:
    """Ten hours after the event."""

    def now(self) -> datetime:
        return T0 + timedelta(hours=10)


async def the_map(sha256: str) -> SkyMap:
    return a_sky(sha256=sha256)


def test_a_vetter_weighs_what_catalogues_know_and_asks_them_once() -> None:
    catalogue, journal = Catalogue(), InMemoryJournal()

    async def revised(revision: int) -> None:
        event = an_event(revision=revision)
        scheduler = await Writer.elected(journal, "scheduler")
        await scheduler.append([entry_of("event_revised", event, sky_time=T0, event=event.key)])

    async def story(loop: asyncio.AbstractEventLoop) -> list[dict[str, Any]]:
        vetter = Vetter(journal, InMemoryBlobs(), Later(), the_map, around=catalogue.around)
        await revised(1)
        running = asyncio.create_task(vetter.run())
        await vetter.store("t1", [a_detection("d1")])
        await asyncio.sleep(5)
        await revised(2)
        await asyncio.sleep(5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return [s.entry.body for s in journal.stored if s.entry.kind == "candidates_scored"]

    said = run_virtual(story)
    assert [one["event_revision"] for one in said] == [1, 2]
    for one in said:
        (candidate,) = one["candidates"]
        (check,) = [c for c in candidate["checks"] if c["name"] == "star"]
        assert (check["log_bayes"], check["passed"], check["source"]) == (-6.0, False, "all")
        assert catalogue.asked == [candidate["id"]]
