"""Others are asked after the verdict: nothing waits for them, and what they say makes the odds again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from builders.vetter_bench import FaintJournal
from builders.vetting import T0, a_detection, a_sighting, a_sky, an_event

from coordinator.events.event import Event
from coordinator.services.enrichment import Enrichment, EnrichmentRule, Question, is_news, questions, surroundings_of
from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.vetter import Vetter
from coordinator.services.vetter_snapshot import read_vetter, write_vetter
from coordinator.simulation.virtual_loop import run_virtual
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.candidate import candidate_of, id_from
from coordinator.vetting.facts import CandidatesScored, NeighboursFound, ScoredCandidate
from coordinator.vetting.neighbours import Answer, Neighbours, Reported, Star, Surroundings, together
from telescopes.description.clocks import LinkTime

RULE = EnrichmentRule(again_s=60.0)
STAR = Neighbours(stars=(Answer("gaia", (Star("s1", 0.5, 15.0),)),))
SILENCE = Neighbours(stars=(Answer("gaia", silent_because="did not answer"),))
ID = id_from("t1:d1")


@dataclass
class SlowSource:
    """Answers after a while, what it is told to."""

    after_s: float = 0.0
    answers: list[Neighbours] = field(default_factory=lambda: [STAR])
    asked: list[Question] = field(default_factory=list)
    id: str = "gaia"
    fresh_s: float = 1e9

    async def ask(self, question: Question) -> Neighbours:
        self.asked.append(question)
        await asyncio.sleep(self.after_s)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@dataclass
class LoopLink:
    """Link time that runs with the loop."""

    loop: asyncio.AbstractEventLoop

    def now(self) -> LinkTime:
        return LinkTime(self.loop.time())


@dataclass
class Bench:
    """A vetter that asks sources, ten hours after the event."""

    loop: asyncio.AbstractEventLoop
    sources: list[SlowSource]
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)

    def now(self) -> Any:
        return T0

    async def start(self) -> None:
        async def load_map(sha256: str) -> SkyMap:
            return a_sky()

        asking = Enrichment(self.sources, LoopLink(self.loop), RULE)
        self.vetter = Vetter(self.journal, InMemoryBlobs(), self, load_map, enrichment=asking)
        await self.vetter.start()
        self.task = asyncio.create_task(self.vetter.run())

    async def restart(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.start()

    async def event(self, event: Event) -> None:
        writer = await Writer.elected(self.journal, "scheduler")
        kind = "event_retracted" if event.retracted else "event_revised"
        await writer.append([entry_of(kind, event, sky_time=T0, event=event.key)])

    def kinds(self) -> list[str]:
        told = ("candidates_scored", "neighbours_found")
        return [s.entry.kind for s in self.journal.stored if s.entry.kind in told]

    def found(self) -> list[dict[str, Any]]:
        return [s.entry.body for s in self.journal.stored if s.entry.kind == "neighbours_found"]


def on_bench(story: Callable[[Bench], Awaitable[None]], *sources: SlowSource, **parts: Any) -> Bench:
    async def run(loop: asyncio.AbstractEventLoop) -> Bench:
        bench = Bench(loop, list(sources), **parts)
        await bench.start()
        await bench.event(an_event())
        await bench.vetter.store("t1", [a_detection("d1", host_redshift=0.0093, host_separation_arcsec=5.0)])
        try:
            await story(bench)
        finally:
            bench.task.cancel()
            await asyncio.gather(bench.task, return_exceptions=True)
        return bench

    return run_virtual(run)


async def an_hour(bench: Bench) -> None:
    await asyncio.sleep(3600.0)


def scored(*candidates: tuple[str, float], verdict: str = "possible") -> CandidatesScored:
    rows = tuple(ScoredCandidate(i, 150.0, 20.0, 0.1, p, 0.0, verdict, 1, ()) for i, p in candidates)
    return CandidatesScored("lvk:S1", 1, 0.5, rows)


def a_find(near: Neighbours = STAR, candidate: str = ID, dec_deg: float = 20.0) -> NeighboursFound:
    return NeighboursFound("lvk:S1", candidate, "gaia", 150.0, dec_deg, near)


def test_the_verdict_is_in_the_journal_before_the_first_question_is_answered() -> None:
    async def story(bench: Bench) -> None:
        await asyncio.sleep(0.2)
        assert bench.kinds() == ["candidates_scored"]
        await asyncio.sleep(5000.0)
        assert bench.kinds()[1] == "neighbours_found"

    slow = SlowSource(after_s=4000.0)
    on_bench(story, slow)


def test_a_source_that_never_answers_keeps_no_verdict_and_no_other_source_waiting() -> None:
    async def story(bench: Bench) -> None:
        await asyncio.sleep(10.0)
        await bench.vetter.store("t1", [a_detection("d2", 9.0, place=(150.1, 20.0))])
        before = bench.kinds().count("candidates_scored")
        await asyncio.sleep(0.2)
        assert bench.kinds().count("candidates_scored") > before
        assert {f["source"] for f in bench.found()} == {"quick"}

    on_bench(story, SlowSource(after_s=1e9), SlowSource(id="quick"))


def test_an_answer_is_one_fact_that_a_restart_does_not_ask_for_again() -> None:
    source = SlowSource()

    async def story(bench: Bench) -> None:
        await an_hour(bench)
        await bench.restart()
        await an_hour(bench)

    bench = on_bench(story, source)
    assert len(source.asked) == len(bench.found()) == 1
    assert bench.vetter.state.found["lvk:S1"][ID, "gaia"].near == STAR


def test_silence_is_said_once_asked_again_and_followed_by_the_answer() -> None:
    source = SlowSource(answers=[SILENCE, SILENCE, SILENCE, STAR])
    bench = on_bench(an_hour, source)
    assert len(source.asked) == 4
    assert [bool(f["near"]["stars"][0]["silent_because"]) for f in bench.found()] == [True, False]


def test_what_is_no_longer_fresh_is_asked_again_and_the_same_is_not_said_twice() -> None:
    source = SlowSource(fresh_s=600.0)
    bench = on_bench(an_hour, source)
    assert len(source.asked) == 6
    assert len(bench.found()) == 1


@pytest.mark.parametrize("keeps", [True, False])
def test_an_answer_for_which_the_journal_was_away_is_said_once_all_the_same(keeps: bool) -> None:
    """Whether the journal kept it, and its word of that was lost, or did not."""
    bench = on_bench(an_hour, SlowSource(), journal=FaintJournal(nth=1, kind="neighbours_found", keeps=keeps))
    assert [f["candidate"] for f in bench.found()] == [ID]


def test_nobody_is_asked_about_an_event_that_has_ended() -> None:
    source = SlowSource(after_s=1.0)

    async def story(bench: Bench) -> None:
        await bench.event(an_event(retracted=True, revision=2))
        await an_hour(bench)

    on_bench(story, source)
    assert source.asked == []


def test_the_best_are_asked_about_and_the_rejected_and_hopeless_never() -> None:
    odds = scored(("a", 0.5), ("b", 0.2), ("c", 1e-5))
    assert [q.candidate for q in questions(odds, {}, "gaia", RULE)] == ["a", "b"]
    assert [q.candidate for q in questions(odds, {}, "gaia", EnrichmentRule(best=1))] == ["a"]
    assert questions(scored(("a", 0.5), verdict="rejected"), {}, "gaia", RULE) == []


def test_a_candidate_whose_place_was_mended_is_asked_about_again() -> None:
    odds = scored((ID, 0.5))
    assert questions(odds, {(ID, "gaia"): a_find()}, "gaia", RULE) == []
    assert len(questions(odds, {(ID, "gaia"): a_find(dec_deg=20.001)}, "gaia", RULE)) == 1
    assert len(questions(odds, {(ID, "gaia"): a_find()}, "another", RULE)) == 1


def test_the_same_answer_at_another_time_is_no_news() -> None:
    now, later = (
        Neighbours(stars=(Answer("gaia", (Star("s1", off, 15.0),), at),)) for off, at in ((0.5, T0), (0.6, T0))
    )
    (answer,) = now.stars
    again = Neighbours(stars=(replace(answer, as_of=T0 + timedelta(days=1)),))
    assert not is_news(a_find(again), a_find(now))
    assert is_news(a_find(later), a_find(now))


def test_silence_takes_no_answer_back() -> None:
    assert is_news(a_find(SILENCE), None)
    assert not is_news(a_find(SILENCE), a_find(SILENCE))
    assert not is_news(a_find(SILENCE), a_find(STAR))
    assert is_news(a_find(STAR), a_find(SILENCE))


def test_what_was_found_follows_a_candidate_to_its_new_name() -> None:
    one = candidate_of([*candidate_of([a_sighting("b", 8.1)]).sightings, a_sighting("a", 8.0)])
    known = {(id_from("b"), "gaia"): a_find(STAR, id_from("b"))}
    assert surroundings_of(known, [one]).of(one.id) == STAR


def test_the_same_answer_twice_counts_once_and_both_sides_are_kept() -> None:
    other = Neighbours(stars=(Answer("tycho"),))
    assert together(STAR, other, STAR).stars == (*STAR.stars, *other.stars)
    both = Surroundings({"a": STAR}).beside(Surroundings({"a": other, "b": other}))
    assert both.of("a") == together(STAR, other)
    assert both.of("b") == other


def test_a_snapshot_keeps_what_was_found() -> None:
    async def story(bench: Bench) -> None:
        await an_hour(bench)

    state = on_bench(story, SlowSource()).vetter.state
    assert state.found
    assert read_vetter(write_vetter(state, "j1"), "j1").found == state.found


def reported(answer: Answer[Reported]) -> Neighbours:
    return Neighbours(reported=(answer,))


def last_word(bench: Bench) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the newest odds of the candidate, and what the check of others' reports says of it."""
    (one,) = [s.entry.body for s in bench.journal.stored if s.entry.kind == "candidates_scored"][-1]["candidates"]
    return one, next(c for c in one["checks"] if c["name"] == "reported")


def test_a_source_that_did_not_answer_is_unknown_and_moves_no_odds() -> None:
    silence = reported(Answer("tns", silent_because="answered nonsense"))
    bench = on_bench(an_hour, SlowSource(answers=[silence], id="tns"))
    every = [s.entry.body for s in bench.journal.stored if s.entry.kind == "candidates_scored"]
    one, check = last_word(bench)
    assert (check["passed"], check["log_bayes"]) == (None, 0.0)
    assert "did not answer" in check["because"]
    assert one["probability"] == every[0]["candidates"][0]["probability"]


def test_a_spectrum_that_others_report_makes_the_odds_again() -> None:
    report = Reported("SN 2026abc", 0.3, "SN Ia", 0.04)
    bench = on_bench(an_hour, SlowSource(answers=[reported(Answer("tns", (report,)))], id="tns"))
    one, check = last_word(bench)
    assert one["verdict"] == "rejected"
    assert check["passed"] is False
    assert "SN 2026abc" in check["because"]
