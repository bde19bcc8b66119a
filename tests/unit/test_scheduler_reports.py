"""What the scheduler makes of reports: the sky really looked at, late truth, and reports that are long."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from math import log10

import msgspec
import pytest
from builders.dispatch import START, ToyPlanner, a_curve, a_planned, a_report, a_telescope, an_alert, cells
from builders.observatory import Bench, on_bench

from telescopes.description.depths import together_mag_ab
from telescopes.description.messages import ALREADY_EXISTS, NOT_FOUND, OK, ExposureResult, ItemResult, PointingReport
from telescopes.description.states import PointingState as S

FLAT = a_curve([1.0] * 12)


def two_telescopes() -> list:
    return [a_telescope("tel-a"), a_telescope("tel-b")]


@pytest.mark.parametrize(
    ("said", "is_elsewhere"),
    [
        ({"actual_ra_deg": 10.0, "actual_dec_deg": 20.0}, False),
        ({"actual_ra_deg": 10.01, "actual_dec_deg": 20.0}, False),
        ({"actual_ra_deg": 10.5, "actual_dec_deg": 20.0}, True),
        ({"actual_ra_deg": 10.0, "actual_dec_deg": 20.0, "actual_position_angle_deg": 45.0}, True),
        ({"actual_ra_deg": 10.0, "actual_dec_deg": 20.0, "actual_position_angle_deg": 0.5}, False),
        ({}, False),
    ],
    ids=["as asked", "a little off", "off", "turned", "a little turned", "not said"],
)
def test_the_sky_that_was_really_looked_at_is_what_counts(said: dict[str, float], is_elsewhere: bool) -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("p", S.ACCEPTED, 1)])
        await bench.scheduler.report("tel-a", [a_report("p", S.COMPLETED, 2, fraction_done=1.0, **said)])
        assert (bench.state.pointings.assignments["p"].actual_ranges is not None) is is_elsewhere

    planner = ToyPlanner({"sky-1": FLAT}, [a_planned("p", "tel-a", 100, cells(0, 1))])
    on_bench(two_telescopes(), planner, play)


def test_late_truth_is_no_repeat_of_what_had_not_begun() -> None:
    fields = [a_planned("cut-off", "tel-a", 100, cells(0, 1)), a_planned("again", "tel-b", 900, cells(0, 1))]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(1.0)
        await bench.link("tel-a", "lost")
        await bench.settle(3.0)
        await bench.scheduler.report("tel-b", [a_report("again", S.ACCEPTED, 1)])
        await bench.scheduler.report("tel-a", [a_report("cut-off", S.COMPLETED, 2, fraction_done=1.0, late=True)])
        assert not bench.state.pointings.assignments["cut-off"].late_repeat

    on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play)


def test_late_truth_repeats_what_is_being_looked_at() -> None:
    fields = [a_planned("cut-off", "tel-a", 100, cells(0, 1)), a_planned("again", "tel-b", 900, cells(0, 1))]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(1.0)
        await bench.link("tel-a", "lost")
        await bench.settle(3.0)
        await bench.scheduler.report("tel-b", [a_report("again", S.ACCEPTED, 1), a_report("again", S.EXPOSING, 2)])
        await bench.scheduler.report("tel-a", [a_report("cut-off", S.COMPLETED, 2, fraction_done=1.0, late=True)])
        assert bench.state.pointings.assignments["cut-off"].late_repeat

    on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play)


def test_a_report_of_a_thousand_exposures_is_kept_whole() -> None:
    minute = timedelta(minutes=1)
    frames = tuple(
        ExposureResult(n, "r", START + n * minute, START + (n + 1) * minute, 60.0, 19.0 + n % 7, image_uri="x" * 300)
        for n in range(1000)
    )

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("p", S.ACCEPTED, 1)])
        (answer,) = await bench.scheduler.report("tel-a", [a_report("p", S.COMPLETED, 2, exposures=frames)])
        assert answer.code == OK
        held = bench.state.pointings.assignments["p"]
        assert (held.actual_start, held.actual_end) == (START, START + 1000 * minute)
        together = together_mag_ab(f.limiting_mag_ab for f in frames if f.limiting_mag_ab is not None)
        assert held.limit_mag_ab == together
        assert together is not None and together > 25.0 + 1.25 * log10(142)
        (stored,) = [s for s in bench.journal.stored if s.entry.kind == "pointing_completed"]
        every = await bench.scheduler.blobs.get(stored.entry.body["exposures_sha256"])
        assert msgspec.json.decode(every, type=tuple[ExposureResult, ...]) == frames

    planner = ToyPlanner({"sky-1": FLAT}, [a_planned("p", "tel-a", 100, cells(0, 1))])
    on_bench(two_telescopes(), planner, play)


def a_long_batch(pointing: str) -> list[PointingReport]:
    """Two hundred reports, the last one first."""
    between = [a_report(pointing, S.EXPOSING, n) for n in range(199, 1, -1)]
    return [a_report(pointing, S.FAILED, 200), *between, a_report(pointing, S.ACCEPTED, 1)]


FIELDS = [a_planned("p", "tel-a", 100, cells(0, 1)), a_planned("q", "tel-b", 100, cells(2, 3))]


@pytest.mark.parametrize(("pointing", "code"), [("p", OK), ("nowhere", NOT_FOUND)])
def test_a_long_batch_is_judged_in_the_agents_order_and_keeps_nobody_waiting(pointing: str, code: int) -> None:
    long = [*a_long_batch(pointing), *(a_report("nowhere", S.EXPOSING, n) for n in range(300, 600))]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        ended = []

        async def send(telescope: str, reports: list[PointingReport]) -> Sequence[ItemResult]:
            answers = await bench.scheduler.report(telescope, reports)
            ended.append(telescope)
            return answers

        answers, _ = await asyncio.gather(send("tel-a", long), send("tel-b", [a_report("q", S.ACCEPTED, 1)]))
        assert ended == ["tel-b", "tel-a"]
        assert [a.item_id for a in answers] == [r.report_id for r in long]
        assert [a.code for a in answers] == [code] * 200 + [NOT_FOUND] * 300
        assert bench.state.pointings.assignments["p"].state is (S.FAILED if pointing == "p" else S.OFFERED)

    on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, FIELDS), play)


def test_a_batch_that_is_cut_short_is_sent_again_and_every_report_is_kept_once() -> None:
    long = a_long_batch("p")

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        sending = asyncio.create_task(bench.scheduler.report("tel-a", long))
        while not (kept := bench.state.pointings.assignments["p"].report_ids):
            await asyncio.sleep(0)
        sending.cancel()
        await asyncio.wait({sending})
        assert sending.cancelled()
        assert set(kept) < {r.report_id for r in long}
        answers = await bench.scheduler.report("tel-a", long)
        assert {a.item_id for a in answers if a.code == ALREADY_EXISTS} >= set(kept)
        assert {a.code for a in answers} == {OK, ALREADY_EXISTS}
        stored = [s.entry.body["report"]["report_id"] for s in bench.journal.stored if s.entry.body.get("report")]
        assert sorted(stored) == sorted(r.report_id for r in long)
        assert bench.state.pointings.assignments["p"].state is S.FAILED

    on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, FIELDS), play)
