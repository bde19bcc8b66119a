"""The vetter where things come together badly: events that share a candidate, kills, many words, names said twice."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from builders.vetter_bench import TELESCOPE, Bench, on_bench
from builders.vetting import a_detection, an_event

from coordinator.dispatch.facts import OperatorActed
from coordinator.services.journal import BODY_LIMIT_BYTES, InMemoryBlobs
from coordinator.services.vetter import VetterSettings
from coordinator.vetting.candidate import id_from
from coordinator.vetting.follow_up import FollowUpRule
from telescopes.description.messages import ALREADY_EXISTS, OK

HOSTED = {"host_redshift": 0.0093, "host_separation_arcsec": 5.0}
ONE = id_from(f"{TELESCOPE}:d1")
ARCSEC = 1 / 3600


def a_comment(number: int, candidate: str = ONE, text: str = "x" * 500) -> OperatorActed:
    return OperatorActed(f"c{number}", "comment_candidate", candidate, "Ada", text, {"event": "lvk:S1"})


def a_mark(number: int, says: str, candidate: str = ONE) -> OperatorActed:
    details = {"event": "lvk:S1", "as": says}
    return OperatorActed(f"m{number}", "mark_candidate", candidate, "Ada", "seen", details)


def test_two_events_that_share_a_candidate_each_ask_once_for_a_look_of_their_own() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.event(an_event(key="lvk:S2", name="S2"))
        await bench.send(a_detection("d1", **HOSTED))
        await bench.settle(1.0)
        for n in range(4):
            await bench.send(a_detection(f"other{n}", 8.0 + n / 100, place=(151.0 + n, 21.0)))
            await bench.settle(1.0)

    bench = on_bench(story)
    asked = bench.entries("follow_up_requested")
    assert Counter(e["event"] for e in asked if e["candidate"] == ONE) == {"lvk:S1": 1, "lvk:S2": 1}
    assert len({e["visit"] for e in asked}) == len(asked)


def test_any_number_of_words_fits_into_the_journal_and_the_mark_that_stands_is_among_them() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.send(a_detection("d1"))
        await bench.settle(0.2)
        await bench.say("operator_acted", a_mark(0, "rejected"))
        for n in range(60):
            await bench.say("operator_acted", a_comment(n, text="\U0001f52d" * 500))
        await bench.settle(1.0)
        await bench.restart()
        await bench.send(a_detection("d2", 9.0))
        await bench.settle(1.0)
        (one,) = bench.newest()["candidates"]
        assert (one["marked"], one["detections"]) == ("rejected", 2)
        assert one["words"][0]["says"] == "rejected"
        assert len(bench.vetter.state.words["lvk:S1"]) == 61

    bench = on_bench(story)
    assert all(len(msgspec.json.encode(e)) <= BODY_LIMIT_BYTES for e in bench.entries("candidates_scored"))


def test_many_candidates_with_many_words_fit_and_marks_go_before_remarks() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        seen = [a_detection(f"d{n}", place=(147.0 + 0.1 * n, 21.0)) for n in range(60)]
        await bench.send(*seen)
        await bench.settle(0.5)
        names = [id_from(f"{TELESCOPE}:d{n}") for n in range(60)]
        await bench.say("operator_acted", a_mark(0, "counterpart", names[0]))
        for n in range(1, 40):
            for k in range(8):
                await bench.say("operator_acted", a_comment(100 * n + k, names[n]))
        await bench.settle(1.0)
        marked = [c["id"] for c in bench.newest()["candidates"] if c["marked"] == "counterpart"]
        assert marked == [names[0]]

    bench = on_bench(story)
    assert all(len(msgspec.json.encode(e)) <= BODY_LIMIT_BYTES for e in bench.entries("candidates_scored"))


class SlowBlobs(InMemoryBlobs):
    async def put(self, data: bytes) -> str:
        await asyncio.sleep(0.5)
        return await super().put(data)


def test_a_merge_is_said_also_where_its_detection_came_between_the_odds_and_their_entry() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        many = [a_detection(f"m{n}", place=(148.0 + 0.05 * n, 21.0)) for n in range(45)]
        await bench.send(*many, a_detection("d1"), a_detection("d3", place=(150.0, 20.0 + 2.6 * ARCSEC)))
        await bench.settle(3.0)
        await bench.send(a_detection("x", 8.2, place=(152.0, 19.0)))
        await bench.settle(0.3)
        assert bench.newest()["weighed"] == 47
        await bench.send(a_detection("d4", 8.3, place=(150.0, 20.0 + 1.3 * ARCSEC)))
        await bench.settle(0.4)
        assert (bench.newest()["weighed"], bench.entries("candidates_merged")) == (48, [])
        await bench.restart()
        await bench.settle(3.0)
        assert bench.newest()["weighed"] == 47

    bench = on_bench(story, blobs=SlowBlobs())
    (merge,) = bench.entries("candidates_merged")
    assert list(merge["now"]) == [ONE]


def test_a_mark_outlives_a_merge_with_what_was_marked_and_taken_back_before() -> None:
    other = id_from(f"{TELESCOPE}:d3")

    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.send(a_detection("d1"), a_detection("d3", place=(150.0, 20.0 + 2.6 * ARCSEC)))
        await bench.settle(0.5)
        for word in (a_mark(1, "counterpart"), a_mark(2, "rejected", other), a_mark(3, "withdrawn", other)):
            await bench.say("operator_acted", word)
            await bench.settle(0.5)
        await bench.send(a_detection("d4", 8.3, place=(150.0, 20.0 + 1.3 * ARCSEC)))
        await bench.settle(0.5)
        assert len(bench.entries("candidates_merged")) == 1
        for _ in range(2):
            (one,) = bench.newest()["candidates"]
            assert (one["marked"], len(one["words"])) == ("counterpart", 3)
            await bench.restart()
            await bench.settle(0.5)
        await bench.say("operator_acted", a_mark(4, "withdrawn", other))  # One candidate by now: meant by each name.
        await bench.settle(0.5)
        (one,) = bench.newest()["candidates"]
        assert one["marked"] is None

    bench = on_bench(story)
    merged = next(e for e in bench.entries("candidates_scored") if len(e["candidates"]) == 1)
    assert merged["candidates"][0]["marked"] == "counterpart"


def test_a_retraction_ends_what_was_asked_for_and_a_closed_event_asks_for_nothing() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.send(a_detection("d1", **HOSTED))
        await bench.settle(0.5)
        await bench.event(an_event(revision=2, retracted=True))
        await bench.settle(0.5)
        await bench.restart()
        await bench.settle(0.5)

    bench = on_bench(story)
    (ended,) = bench.entries("follow_up_ended")
    assert (ended["visit"], ended["because"]) == (bench.entries("follow_up_requested")[0]["visit"], "the event is over")
    assert bench.newest()["p_none"] == 1.0

    async def closed(bench: Bench) -> None:
        await bench.event(an_event(closed="taken for noise"))
        await bench.send(a_detection("d1", **HOSTED))
        await bench.settle(0.5)

    assert on_bench(closed).entries("follow_up_requested") == []


def test_one_name_in_two_spellings_is_one_detection() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        batch = a_detection("1"), a_detection(f"{TELESCOPE}:1", 9.0)
        assert [r.code for r in await bench.send(*batch)] == [OK, ALREADY_EXISTS]

    bench = on_bench(story)
    assert sum(len(e["detections"]) for e in bench.entries("detections_stored")) == 1


def test_a_look_that_nobody_could_take_is_given_up_and_another_is_asked_for_without_any_news() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.send(a_detection("d1", **HOSTED))
        await bench.settle(4 * 3600.0)
        assert len(bench.entries("follow_up_requested")) == 2

    bench = on_bench(story, settings=VetterSettings(follow_up=FollowUpRule(gaps_h=(0.0, 0.0), patience_h=3.0)))
    (ended,) = bench.entries("follow_up_ended")
    assert ended["visit"] == bench.entries("follow_up_requested")[0]["visit"]
    assert len(bench.entries("candidates_scored")) == 1


def test_what_fell_far_behind_is_not_looked_at_again() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.send(a_detection("d1", **HOSTED))
        await bench.settle(0.5)
        (request,) = bench.entries("follow_up_requested")
        assert request["candidate"] == ONE
        better = [a_detection(f"b{n}", place=(150.0 + n / 60, 20.0), **HOSTED) for n in range(1, 60)]
        bogus = replace(a_detection("d1b", 8.5, **HOSTED), real_bogus=0.0)
        await bench.send(*better, bogus)
        await bench.settle(0.5)
        assert bench.newest()["table_sha256"] is not None

    bench = on_bench(story)
    assert ONE in {e["candidate"] for e in bench.entries("follow_up_ended")}


@pytest.mark.parametrize("hours", [0.0, 5.0])
def test_a_late_detection_makes_the_odds_again_at_once(hours: float) -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.pointing()
        await bench.send(a_detection("d1", pointing_id="p1"))
        await bench.settle(hours * 3600.0 + 1.0)
        before = bench.newest()["candidates"][0]
        early = a_detection("d0", -48.0, pointing_id="p1")
        await bench.send(replace(early, mid_exposure=early.mid_exposure + timedelta(seconds=1)))
        await bench.settle(0.2)
        after = bench.newest()["candidates"][0]
        assert after["id"] == id_from(f"{TELESCOPE}:d0")
        assert after["probability"] < before["probability"]

    on_bench(story)
