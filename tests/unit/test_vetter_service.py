"""The vetter: what is acknowledged is kept, and odds follow the journal."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from math import log10
from typing import Any

import msgspec
import numpy as np
import pytest
from builders.vetter_bench import SKY, TELESCOPE, Bench, LoopSky, on_bench
from builders.vetting import T0, a_detection, a_sky, an_event

from coordinator.dispatch.facts import PointingNoted
from coordinator.services.journal import Writer
from coordinator.services.vetter import Vetter, VetterSettings
from coordinator.simulation.virtual_loop import run_virtual
from coordinator.vetting.candidate import id_from
from coordinator.vetting.rule import OddsRule
from coordinator.vetting.table import read_table
from telescopes.description.errors import ArmillaryError, Broken, Refused, RetryLater
from telescopes.description.messages import (
    ALREADY_EXISTS,
    INVALID_ARGUMENT,
    OK,
    Detection,
    ExposureResult,
    ItemResult,
    PointingReport,
)
from telescopes.description.states import PointingState


def test_a_detection_is_in_the_journal_before_it_is_acknowledged() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.pointing()
        (result,) = await bench.send(a_detection("d1", pointing_id="p1"))
        assert result == ItemResult("d1", OK)
        (stored,) = bench.entries("detections_stored")
        assert stored["detections"][0]["event"] == "lvk:S1"
        assert stored["detections"][0]["telescope"] == TELESCOPE

    on_bench(story)


def test_odds_follow_within_a_tenth_of_a_second() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.pointing()
        await bench.send(a_detection("d1", pointing_id="p1"))
        await bench.settle(0.1)
        assert bench.newest()["best"] == id_from(f"{TELESCOPE}:d1")

    on_bench(story)


def test_a_batch_that_comes_again_is_answered_and_not_kept_twice() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        batch = [a_detection("d1"), a_detection("d2", 8.5), a_detection("d1")]
        assert [r.code for r in await bench.send(*batch)] == [OK, OK, ALREADY_EXISTS]
        assert [r.code for r in await bench.send(*batch)] == [ALREADY_EXISTS] * 3
        await bench.restart()
        assert [r.code for r in await bench.send(*batch)] == [ALREADY_EXISTS] * 3

    bench = on_bench(story)
    assert sum(len(e["detections"]) for e in bench.entries("detections_stored")) == 2


def test_two_telescopes_may_number_their_detections_alike() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        assert [r.code for r in await bench.send(a_detection("1"))] == [OK]
        assert [r.code for r in await bench.vetter.store("another", [a_detection("1", 40.0)])] == [OK]
        assert [r.code for r in await bench.vetter.store("another", [a_detection("1", 40.0)])] == [ALREADY_EXISTS]
        assert [r.code for r in await bench.vetter.store("another", [a_detection("another:2", 41.0)])] == [OK]

    bench = on_bench(story)
    assert sum(len(e["detections"]) for e in bench.entries("detections_stored")) == 3


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"ra_deg": float("nan")}, "ra_deg"),
        ({"dec_deg": 95.0}, "dec_deg is 95"),
        ({"mag_ab": float("inf")}, "mag_ab"),
        ({"real_bogus": 1.5}, "real_bogus"),
        ({"cutout_png": b"x" * (64 * 1024 + 1)}, "cutout_png"),
        ({"mid_exposure": datetime(2026, 3, 20)}, "mid_exposure"),  # noqa: DTZ001
        ({"filter": "x" * 41}, "filter"),
        ({"host_redshift": -5.0}, "host_redshift"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_itself_with_the_reason(wrong: dict[str, Any], what: str) -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        good, bad = a_detection("good"), replace(a_detection("bad"), **wrong)
        first, second = await bench.send(bad, good)
        assert (first.item_id, first.code, second.code) == ("bad", INVALID_ARGUMENT, OK)
        assert what in first.reason

    bench = on_bench(story)
    assert [d["detection"]["detection_id"] for e in bench.entries("detections_stored") for d in e["detections"]] == [
        "good"
    ]


def test_a_depth_that_is_measured_after_the_end_counts() -> None:
    async def play(bench: Bench) -> None:
        await bench.event()
        await bench.pointing("p1")
        await bench.observed("p1", 1.0, limit=19.5)
        start = T0 + timedelta(hours=1)
        for deep, state in ((21.5, PointingState.COMPLETED), (23.0, PointingState.EXPOSING)):
            shot = ExposureResult(0, "r", start, start + timedelta(minutes=1), 60.0, deep)
            report = PointingReport(f"r-{deep}", "p1", 1, state, start, 2, exposures=(shot,))
            await bench.say("pointing_noted", PointingNoted("p1", report))
        await bench.settle()
        assert [look.limit_mag_ab for look in bench.vetter.state.looks("lvk:S1")] == [21.5]

    on_bench(play)


def test_a_look_is_as_deep_as_all_its_exposures_together() -> None:
    async def play(bench: Bench) -> None:
        await bench.event()
        for name, reached in (("p1", None), ("p2", 23.0)):
            await bench.pointing(name)
            await bench.observed(name, 1.0, limit=19.5)
            start = T0 + timedelta(hours=1)
            shots = tuple(ExposureResult(n, "r", start, start + timedelta(minutes=1), 60.0, 20.0) for n in range(3))
            report = PointingReport(f"r-{name}", name, 1, PointingState.COMPLETED, start, 2, exposures=shots)
            noted = PointingNoted(name, report, "a-blob" if reached else None, reached)
            await bench.say("pointing_noted", noted)
        await bench.settle()
        limits = [look.limit_mag_ab for look in bench.vetter.state.looks("lvk:S1")]
        assert limits == [pytest.approx(20.0 + 1.25 * log10(3)), 23.0]

    on_bench(play)


def test_a_cutout_lies_in_the_blobs() -> None:
    async def story(bench: Bench) -> None:
        await bench.send(a_detection("d1", cutout_png=b"picture"))
        (stored,) = bench.entries("detections_stored")
        kept = stored["detections"][0]
        assert kept["detection"]["cutout_png"] == ""
        assert await bench.blobs.get(kept["cutout_sha256"]) == b"picture"

    on_bench(story)


@pytest.mark.parametrize("letter", ["u", "\u20ac"])
def test_a_large_batch_is_split_and_no_body_is_too_large(letter: str) -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.pointing()
        many = [
            a_detection(f"d{n:04}" + "x" * 190, pointing_id="p1", image_uri=letter * 500, place=(150 + n / 500, 20.0))
            for n in range(300)
        ]
        assert all(r.code == OK for r in await bench.send(*many))
        await bench.settle()
        best = bench.newest()
        table = read_table(await bench.blobs.get(best["table_sha256"]))
        assert len(table) == 300
        assert table[0].id == best["best"] == best["candidates"][0]["id"]

    bench = on_bench(story)
    assert max(len(msgspec.json.encode(s.entry.body)) for s in bench.journal.stored) <= 64 * 1024


def test_a_detection_without_a_known_pointing_belongs_to_every_event_whose_region_holds_it() -> None:
    elsewhere = a_sky(sha256="b" * 64, ra_deg=300.0, dec_deg=-30.0)

    async def story(bench: Bench) -> None:
        await bench.event()
        other = an_event(key="lvk:S2", localization=replace(an_event().localization, skymap_sha256="b" * 64))
        await bench.event(other)
        await bench.send(a_detection("near", pointing_id="unheard-of"))
        await bench.settle()

    bench = on_bench(story, maps={"a" * 64: SKY, "b" * 64: elsewhere})
    assert {e["event"] for e in bench.entries("candidates_scored")} == {"lvk:S1"}
    assert bench.entries("detections_stored")[0]["detections"][0]["event"] is None


def test_a_pointing_offered_a_moment_ago_is_known() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.pointing("p9")
        await bench.send(a_detection("d1", pointing_id="p9"))  # The follower had no turn in between.

    assert on_bench(story).entries("detections_stored")[0]["detections"][0]["event"] == "lvk:S1"


def test_a_retraction_leaves_nothing_and_asks_for_nothing() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.pointing()
        await bench.send(a_detection("d1", pointing_id="p1"))
        await bench.settle()
        asked = len(bench.entries("follow_up_requested"))
        await bench.event(an_event(retracted=True, revision=2))
        await bench.settle(0.2)
        assert bench.newest()["p_none"] == 1.0
        assert bench.newest()["event_revision"] == 2
        assert len(bench.entries("follow_up_requested")) == asked

    on_bench(story)


def test_a_new_map_changes_the_odds_at_once() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.pointing()
        await bench.send(a_detection("d1", pointing_id="p1"))
        await bench.settle()
        before = bench.newest()["candidates"][0]["credible_level"]
        moved = replace(an_event().localization, skymap_sha256="b" * 64)
        await bench.event(an_event(revision=2, localization=moved))
        await bench.settle(0.2)
        assert before < 0.1 < 0.99 < bench.newest()["candidates"][0]["credible_level"]

    on_bench(story, maps={"a" * 64: SKY, "b" * 64: a_sky(sha256="b" * 64, ra_deg=300.0, dec_deg=-30.0)})


def test_odds_that_did_not_change_are_not_said_again() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.pointing()
        await bench.send(a_detection("d1", pointing_id="p1"))
        await bench.settle()
        said = len(bench.entries("candidates_scored"))
        await bench.restart()
        await bench.settle()
        assert len(bench.entries("candidates_scored")) == said

    on_bench(story)


def test_the_best_candidate_is_followed_up_once_until_it_was_looked_at() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.pointing()
        await bench.observed("p1", 8.0)
        await bench.send(a_detection("d1", pointing_id="p1", host_redshift=0.0093, host_separation_arcsec=5.0))
        await bench.settle()
        (first,) = bench.entries("follow_up_requested")
        assert first["visit"] == f"follow-up:{id_from(TELESCOPE + ':d1')}:r:1"
        await bench.restart()
        await bench.settle()
        assert len(bench.entries("follow_up_requested")) == 1
        await bench.pointing("p2", visit=first["visit"])
        await bench.observed("p2", 10.0)
        await bench.send(a_detection("d2", 10.0, pointing_id="p2"))
        await bench.settle()
        assert [e["visit"][-2:] for e in bench.entries("follow_up_requested")] == [":1", ":2"]

    on_bench(story)


def test_a_candidate_that_its_follow_up_did_not_see_loses() -> None:
    async def story(bench: Bench) -> None:
        await bench.event()
        await bench.pointing()
        await bench.observed("p1", 8.0)
        await bench.send(a_detection("d1", 8.005, pointing_id="p1"))
        await bench.settle()
        before = bench.newest()["candidates"][0]["log_odds"]
        await bench.pointing("p2")
        await bench.observed("p2", 9.0)
        await bench.settle()
        checks = {c["name"]: c["log_bayes"] for c in bench.newest()["candidates"][0]["checks"]}
        assert checks["seen again"] == -2.0
        assert bench.newest()["candidates"][0]["log_odds"] < before - 1.5

    on_bench(story)


def test_a_restart_in_the_middle_loses_nothing() -> None:
    many = [a_detection(f"d{n}", 8 + n / 10, pointing_id="p1", place=(150 + n / 50, 20.0)) for n in range(20)]

    async def story(bench: Bench, kill_after: tuple[int, ...]) -> None:
        await bench.event()
        await bench.pointing()
        for n, detection in enumerate(many):
            await bench.send(detection)
            if n in kill_after:
                await bench.restart()
        await bench.settle()

    plain = on_bench(lambda bench: story(bench, ()))
    broken = on_bench(lambda bench: story(bench, (0, 7, 19)))
    assert plain.newest() == broken.newest()
    assert plain.newest()["weighed"] == 20
    assert plain.entries("follow_up_requested") == broken.entries("follow_up_requested")


def test_the_order_of_arrival_leaves_the_same_odds() -> None:
    rng = np.random.default_rng(5)
    many = [
        a_detection(f"d{n}", 8 + float(rng.uniform(0, 3)), pointing_id="p1", place=(150 + n % 4 / 500, 20.0))
        for n in range(20)
    ]

    def odds(order: list[Detection]) -> dict[str, Any]:
        async def story(bench: Bench) -> None:
            await bench.event()
            await bench.pointing()
            for detection in order:
                await bench.send(detection)
                await bench.settle(0.03)
            await bench.settle()

        return on_bench(story).newest()

    shuffled = [many[i] for i in rng.permutation(len(many))]
    assert odds(many) == odds(shuffled)


def test_a_map_that_cannot_be_read_yet_is_tried_again() -> None:
    async def story(bench: Bench) -> None:
        bench.busy_loads = 2
        await bench.event()
        await bench.pointing()
        await bench.send(a_detection("d1", pointing_id="p1"))
        await bench.settle(10.0)
        assert bench.newest()["candidates"][0]["credible_level"] is not None

    on_bench(story)


@pytest.mark.parametrize("family", [Refused, Broken])
def test_a_map_that_cannot_be_used_leaves_the_sky_unknown(family: type[ArmillaryError]) -> None:
    async def story(bench: Bench) -> None:
        bench.wrong = family("cannot be read", where="map", mend="restore the blob")
        await bench.event()
        await bench.pointing()
        await bench.send(a_detection("d1", pointing_id="p1"))
        await bench.settle()
        assert bench.newest()["candidates"][0]["credible_level"] is None

    on_bench(story, maps={})


def test_a_vetter_that_was_replaced_stops() -> None:
    async def main(loop: asyncio.AbstractEventLoop) -> None:
        bench = await Bench(loop).start()
        await bench.event()
        await Writer.elected(bench.journal, "vetter")
        with pytest.raises(Broken, match="was replaced"):
            await bench.send(a_detection("d1"))
        await bench.kill()

    run_virtual(main)


def test_before_it_has_read_the_journal_it_asks_for_patience() -> None:
    async def main(loop: asyncio.AbstractEventLoop) -> None:
        bench = Bench(loop)
        cold = Vetter(bench.journal, bench.blobs, LoopSky(loop), bench.load_map)
        with pytest.raises(RetryLater):
            await cold.store(TELESCOPE, [a_detection("d1")])

    run_virtual(main)


def test_odds_begin_with_what_was_looked_at_and_say_so() -> None:
    async def story(bench: Bench) -> None:
        await bench.event(an_event(classification={"Terrestrial": 0.1}))
        await bench.pointing()
        await bench.send(a_detection("d1", pointing_id="p1"))
        await bench.settle()
        assert "nobody knows what was searched" in bench.newest()["believed"]
        await bench.observed("p1", 9.0)
        await bench.settle()
        said = bench.newest()["believed"]
        assert "that it lies in the sky we looked at" in said and "brighter than what was reached" in said
        assert "0.90 that it is no noise" in said and "1 candidate, standing for" in said

    on_bench(story)


def test_who_sent_the_event_says_what_light_is_expected_also_when_that_is_known_later() -> None:
    async def story(bench: Bench) -> None:
        await bench.event(an_event(messenger=None))
        await bench.pointing()
        await bench.send(a_detection("d1", pointing_id="p1"))
        await bench.observed("p1", 9.0)
        await bench.settle()
        assert "an afterglow" not in bench.newest()["believed"]
        await bench.event(an_event(messenger="EM", revision=2))
        await bench.settle()
        assert "an afterglow" in bench.newest()["believed"]

    on_bench(story)


def test_a_rule_names_the_verdict_and_a_restart_with_another_names_it_anew() -> None:
    async def story(bench: Bench) -> None:
        bench.settings = VetterSettings(odds=OddsRule(promising=0.9999, possible=0.9998))
        await bench.restart()
        await bench.event()
        await bench.pointing()
        await bench.send(a_detection("d1", pointing_id="p1"))
        await bench.settle()
        (before,) = bench.newest()["candidates"]
        assert before["verdict"] == "unlikely" and before["probability"] > 0.5
        bench.settings = VetterSettings()
        await bench.restart()
        await bench.settle()
        (after,) = bench.newest()["candidates"]
        assert (after["verdict"], after["probability"]) == ("promising", before["probability"])

    on_bench(story)
