"""People's words about candidates: verdict and follow-up obey, the odds stay, and a word can be taken back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders.dispatch import START, ToyPlanner, a_telescope
from builders.observatory import Bench as SchedulerBench
from builders.observatory import on_bench as on_scheduler_bench
from builders.vetter_bench import TELESCOPE, Bench, on_bench
from builders.vetting import T0, a_detection

from coordinator.dispatch.facts import OperatorActed
from coordinator.services.candidate_words import require_candidate
from coordinator.services.facts import entry_of
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import read_state, write_state
from coordinator.services.status import event_rows
from coordinator.services.vetter_snapshot import read_vetter, write_vetter
from coordinator.vetting.candidate import id_from
from coordinator.vetting.facts import CandidatesScored, PersonsWord, ScoredCandidate
from coordinator.vetting.people import standing
from telescopes.description.errors import Refused

EVENT = "lvk:S1"
ONE, TWO = (id_from(f"{TELESCOPE}:{name}") for name in ("d1", "d2"))


def a_word(says: str, candidate: str = ONE, number: int = 1) -> OperatorActed:
    details = {"event": EVENT} | ({} if says == "comment" else {"as": says})
    action = "comment_candidate" if says == "comment" else "mark_candidate"
    return OperatorActed(f"{says}-{number}", action, candidate, "Ada", f"because {number}", details)


def a_scored(candidate: str) -> ScoredCandidate:
    return ScoredCandidate(candidate, 150.0, 20.0, 0.1, 0.5, 0.0, "promising", 1, ())


async def say(bench: Bench, *words: OperatorActed) -> None:
    for word in words:
        await bench.say("operator_acted", word, subject=word.subject)
    await bench.settle(0.2)


async def two_candidates(bench: Bench) -> None:
    await bench.event()
    await bench.pointing()
    far = a_detection("d2", 8.1, place=(151.0, 20.5), pointing_id="p1", real_bogus=0.5)
    await bench.send(a_detection("d1", pointing_id="p1"), far)
    await bench.settle(0.2)


def of(bench: Bench, candidate: str) -> dict[str, Any]:
    return next(c for c in bench.newest()["candidates"] if c["id"] == candidate)


def folded(bench: Bench) -> ObservatoryState:
    state = ObservatoryState()
    for stored in bench.journal.stored:
        state.apply(stored)
    return state


def test_a_mark_decides_the_verdict_and_the_odds_stay_beside_it() -> None:
    async def story(bench: Bench) -> None:
        await two_candidates(bench)
        before = of(bench, ONE)
        await say(bench, a_word("rejected"), a_word("comment", number=2))
        after = of(bench, ONE)
        assert (after["verdict"], after["marked"], after["machine_verdict"]) == (
            "rejected",
            "rejected",
            before["verdict"],
        )
        assert (after["probability"], after["log_odds"]) == (before["probability"], before["log_odds"])
        assert [(w["says"], w["operator"], w["reason"]) for w in after["words"]] == [
            ("rejected", "Ada", "because 1"),
            ("comment", "Ada", "because 2"),
        ]
        (row,) = event_rows(folded(bench), {})
        assert row["marked"] == {ONE: "rejected"}

    on_bench(story)


def test_a_mark_outlives_new_detections_a_kill_and_a_new_name() -> None:
    async def story(bench: Bench) -> None:
        await two_candidates(bench)
        await say(bench, a_word("rejected"))
        await bench.restart()
        await bench.send(a_detection("d0", 7.5, pointing_id="p1"))  # It was there before: its name changes.
        await bench.settle(0.2)
        renamed = of(bench, id_from(f"{TELESCOPE}:d0"))
        assert (renamed["detections"], renamed["verdict"]) == (2, "rejected")

    on_bench(story)


def test_a_mark_can_be_taken_back() -> None:
    async def story(bench: Bench) -> None:
        await two_candidates(bench)
        before = of(bench, ONE)
        await say(bench, a_word("rejected"))
        await say(bench, a_word("withdrawn", number=2))
        after = of(bench, ONE)
        assert (after["verdict"], after["marked"], len(after["words"])) == (before["verdict"], None, 2)

    on_bench(story)


def test_follow_up_goes_to_what_a_person_calls_the_counterpart_and_to_nothing_rejected() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.pointing()
        await say(bench, a_word("counterpart", TWO))
        far = a_detection("d2", 8.1, place=(155.0, 25.0), pointing_id="p1", real_bogus=0.1)
        await bench.send(a_detection("d1", pointing_id="p1"), far)
        await bench.settle(0.2)
        assert of(bench, TWO)["probability"] < 0.05
        assert {e["candidate"] for e in bench.entries("follow_up_requested")} == {TWO}
        await say(bench, a_word("rejected", TWO, 2), a_word("rejected", ONE, 3))
        asked = len(bench.entries("follow_up_requested"))
        await bench.observed("p1", 12.0)
        await bench.settle(0.2)
        assert len(bench.entries("follow_up_requested")) == asked

    on_bench(story)


def test_words_and_lineage_survive_snapshots() -> None:
    async def story(bench: Bench) -> None:
        await two_candidates(bench)
        await say(bench, a_word("rejected"), a_word("comment", TWO, 2))
        await bench.send(a_detection("d3", 8.1, place=(151.0, 20.5 + 2.6 / 3600), pointing_id="p1"))
        await bench.settle(0.2)
        await bench.send(a_detection("d4", 8.3, place=(151.0, 20.5 + 1.3 / 3600), pointing_id="p1"))
        await bench.settle(0.2)
        (merge,) = bench.entries("candidates_merged")
        assert (list(merge["now"]), sorted(merge["before"])) == ([TWO], sorted([TWO, id_from(f"{TELESCOPE}:d3")]))
        kept = bench.vetter.state
        again = read_vetter(write_vetter(kept, "j"), "j")
        assert (again.words, again.lineage, again.kept_seq) == (kept.words, kept.lineage, kept.kept_seq)
        state = folded(bench)
        back = read_state(write_state(state, "j"), "j")
        assert (back.hash(), back.candidate_words) == (state.hash(), state.candidate_words)

    on_bench(story)


def test_a_merge_is_said_once_also_by_a_vetter_that_was_killed_before_it() -> None:
    async def story(bench: Bench) -> None:
        await two_candidates(bench)
        await bench.send(a_detection("d3", 8.1, place=(151.0, 20.5 + 2.6 / 3600), pointing_id="p1"))
        await bench.settle(0.2)
        await bench.send(a_detection("d4", 8.3, place=(151.0, 20.5 + 1.3 / 3600), pointing_id="p1"))
        await bench.restart()
        await bench.settle(0.2)
        await bench.restart()
        await bench.settle(0.2)
        assert len(bench.entries("candidates_merged")) == 1

    on_bench(story)


def test_a_word_about_no_candidate_or_that_says_nothing_is_refused() -> None:
    scored = CandidatesScored(EVENT, 1, 1.0)
    with pytest.raises(Refused, match="is not known here"):
        require_candidate(a_word("rejected"), scored, {TWO})
    with pytest.raises(Refused, match="no such mark: lovely"):
        require_candidate(a_word("lovely"), scored, {ONE})
    require_candidate(a_word("rejected"), scored, {ONE})
    require_candidate(a_word("rejected"), replace(scored, table_sha256="a" * 64), ())


def test_the_newest_mark_stands() -> None:
    first = PersonsWord(ONE, "counterpart", "Ada", "bright", T0)
    second = PersonsWord(ONE, "rejected", "Bo", "a spectrum", T0 + timedelta(hours=1))
    assert standing([first, second]) == second
    assert standing([first, second, PersonsWord(ONE, "withdrawn", "Bo", "the wrong slit", T0)]) is None


def test_the_scheduler_journals_a_word_once_and_refuses_one_about_nothing() -> None:
    async def play(bench: SchedulerBench) -> None:
        scored = CandidatesScored(EVENT, 1, 0.5, (a_scored(ONE),), best=ONE, weighed=1)
        await bench._write("vetter", entry_of("candidates_scored", scored, sky_time=START, event=EVENT))
        await bench.settle()
        seq = await bench.scheduler.act(a_word("rejected"))
        assert await bench.scheduler.act(a_word("rejected")) == seq
        with pytest.raises(Refused, match="is not known here"):
            await bench.scheduler.act(a_word("rejected", TWO, 2))
        await bench.settle()
        (word,) = bench.state.candidate_words[EVENT]
        assert (word.says, word.operator, word.reason, word.candidate) == ("rejected", "Ada", "because 1", ONE)

    on_scheduler_bench([a_telescope("tel-a")], ToyPlanner({}, []), play)
