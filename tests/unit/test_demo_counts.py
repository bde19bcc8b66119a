"""What a demonstration says of itself is counted from the journal, and can come out badly."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from builders.dispatch import START, a_curve, a_report, a_telescope, cells

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.demo.commands import AtOnce, all_commands_s, at_once, first_command_s
from coordinator.demo.promises import Promise, promises
from coordinator.demo.recount import Recount
from coordinator.demo.summary import redundancy
from coordinator.demo.trials import Heard, Trials, trials_of
from coordinator.demo.witness import Witness
from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import PlanMade, PointingMoved, PointingOffered
from coordinator.events.event import Event
from coordinator.planning.value import SkyValue, Valued
from coordinator.services.facts import MOVED_KIND, entry_of
from coordinator.services.journal import Entry, Writer
from coordinator.simulation.weighing import Scales
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import RANGE_ORDER
from coordinator.store.journal import SqliteJournal
from coordinator.store.replay import fold_journal
from telescopes.description.messages import Exposure, Pointing
from telescopes.description.states import PointingState

FLAT = ProbabilityCurve(np.array([0, 12 << (2 * RANGE_ORDER)]), np.array([0.0, 1.0]))
TELESCOPES = {name: a_telescope(name) for name in ("a", "b")}


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def an_offer(name: str, telescope: str = "a", ra_deg: float = 10.0, visit: str = "1") -> PointingOffered:
    """An offer that says of itself that all of it is new."""
    pointing = Pointing(
        pointing_id=name,
        revision=1,
        plan_id="plan",
        event_id="lvk:S1",
        event_revision=1,
        telescope_id=telescope,
        instrument_id="main",
        visit=visit,
        ra_deg=ra_deg,
        dec_deg=20.0,
        position_angle_deg=0.0,
        window_start=START,
        window_end=after(3600),
        planned_start=START,
        exposures=(Exposure("r", 60.0, 1),),
        accept_within_s=5.0,
    )
    return PointingOffered(pointing, 1, after(60), "", 0.1, 0.1, 0.1, 0.1)


def offered(*offers: PointingOffered) -> list[Entry]:
    return [
        entry_of("pointing_offered", o, sky_time=START, event="lvk:S1", telescope=o.pointing.telescope_id)
        for o in offers
    ]


def moved(name: str, to: PointingState, *, telescope: str = "a", late: bool = False) -> Entry:
    fact = PointingMoved(name, to, late=late, report=a_report(name, to, 1))
    return entry_of(MOVED_KIND[to], fact, sky_time=START, event="lvk:S1", telescope=telescope)


def revised(revision: int = 1, sky: str = "sky-1") -> Entry:
    where = Localization("multiorder", skymap_sha256=sky)
    event = Event("lvk:S1", "S1", revision, False, "GW", Phase.INITIAL, None, Purpose.OBSERVATION, START, START, where)
    return entry_of("event_revised", event, sky_time=START, event="lvk:S1")


def planned(because: str, sha256: str) -> Entry:
    fact = PlanMade(sha256, sha256, because, ("lvk:S1",), {})
    return entry_of("plan_made", fact, sky_time=START)


async def witnessed(folder: Path, *groups: Sequence[Entry], elections: int = 1) -> Witness:
    """Write groups of entries, one second of the machine's UTC apart, and look at them."""
    now = [START]
    journal = SqliteJournal(folder / "journal.sqlite", now=lambda: now[0])
    for number, group in enumerate(groups):
        now[0] = after(number)
        if number < elections:
            writer = await Writer.elected(journal, "scheduler")
        await writer.append(group)
    await journal.close()
    witness = Witness(folder / "journal.sqlite", lambda _: None, Recount(TELESCOPES, lambda _: FLAT))
    witness.look()
    witness.close()
    return witness


class TestCommands:
    def starts(self, count: int) -> tuple[tuple[str, str], ...]:
        return tuple((f"tel-{n}", f"p{n}") for n in range(count))

    def offers(self, *at_s: float) -> list[tuple[datetime, PointingOffered]]:
        return [(after(s), an_offer(f"p{n}", f"tel-{n}")) for n, s in enumerate(at_s)]

    def test_a_telescope_that_hears_late_is_counted(self) -> None:
        offers = self.offers(*[0.8] * 6, 6.0, 6.0)
        assert all_commands_s([AtOnce(START, self.starts(8))], offers) == 6.0
        assert first_command_s(offers, START) == 0.8

    def test_a_telescope_that_never_hears_is_not_left_out(self) -> None:
        assert all_commands_s([AtOnce(START, self.starts(3))], self.offers(0.8, 0.8)) is None

    def test_the_worst_of_several_alerts_counts(self) -> None:
        alerts = [AtOnce(START, self.starts(1)), AtOnce(after(10), (("tel-1", "p1"),))]
        assert all_commands_s(alerts, self.offers(0.8, 13.0)) == 3.0

    def test_who_keeps_what_it_holds_waits_for_nothing(self) -> None:
        alerts = [AtOnce(START, self.starts(1)), AtOnce(after(10), self.starts(1))]
        assert all_commands_s(alerts, self.offers(0.8)) == 0.8

    def test_an_alert_without_a_plan_has_no_time(self) -> None:
        assert all_commands_s([AtOnce(START, None)], self.offers(0.8)) is None

    async def test_only_starts_inside_the_horizon_of_the_plan_on_that_sky_are_at_once(self, tmp_path: Path) -> None:
        rows = [("p0", "a", "1", 60), ("p1", "b", "1", 7200), ("p2", "b", "follow-up:c:r:1", 60)]
        record = {"pointings": [{"id": i, "telescope": t, "visit": v, "start": after(s)} for i, t, v, s in rows]}
        witness = await witnessed(
            tmp_path,
            [revised(1)],
            [planned("the first plan", "plan-1")],
            [planned("follow-up requested", "plan-2")],
            [revised(2)],
            [revised(3, "sky-2")],
            [planned("pointings were given back", "plan-3")],
            [planned("new sky", "plan-4")],
        )
        asked: list[str] = []

        def find(sha256: str) -> bytes:
            asked.append(sha256)
            return msgspec.json.encode(record)

        handed_in = [after(-0.5), after(2.5), after(3.5)]
        found = at_once(witness, handed_in, find, TELESCOPES)
        assert found == [AtOnce(handed_in[0], (("a", "p0"),)), AtOnce(handed_in[2], (("a", "p0"),))]
        assert asked == ["plan-1", "plan-4"]


class TestDuplicates:
    async def test_sky_that_somebody_owns_is_a_duplicate_whatever_the_offer_says(self, tmp_path: Path) -> None:
        witness = await witnessed(tmp_path, [revised(), *offered(an_offer("p0"), an_offer("p1", "b", 10.2))])
        assert witness.recount.duplicates == ["p1"]

    async def test_sky_that_was_observed_is_owned_and_sky_that_was_given_back_is_free(self, tmp_path: Path) -> None:
        witness = await witnessed(
            tmp_path,
            [revised(), *offered(an_offer("p0"), an_offer("p1", ra_deg=50.0))],
            [moved("p0", PointingState.COMPLETED), moved("p1", PointingState.REJECTED)],
            offered(an_offer("p2", "b"), an_offer("p3", "b", 50.0)),
        )
        assert witness.recount.duplicates == ["p2"]

    async def test_other_visits_and_other_sky_are_none(self, tmp_path: Path) -> None:
        offers = offered(an_offer("p0"), an_offer("p1", "b", visit="2"), an_offer("p2", "b", ra_deg=10.8))
        assert (await witnessed(tmp_path, [revised(), *offers])).recount.duplicates == []


class TestRedundancy:
    places = (cells(0, 3), cells(2, 5), cells(2, 3), cells(8, 9))
    limits = (18.0, 21.0, None, 20.0)

    def looks(self) -> Book:
        book = Book()
        for n, (where, limit) in enumerate(zip(self.places, self.limits, strict=True)):
            offer = an_offer(f"p{n}", visit="2" if n == 3 else "1")
            asked = replace(offer.pointing, limit_mag_ab=limit)
            book.offer(replace(offer, pointing=asked, ranges=where.encode()), START)
        return book

    @pytest.mark.parametrize("objective", ["probability", "detection"])
    def test_it_is_what_looks_are_worth_each_over_what_they_are_worth_together(self, objective: Valued) -> None:
        curve = a_curve([1.0] * 12, 150.0)
        book, scales = self.looks(), Scales(curve, objective == "detection")
        found = redundancy(book, list(book.live()), SkyValue.of(curve, objective))
        own, together, before = 0.0, 0.0, {"1": [], "2": []}  # type: ignore[var-annotated]
        for one in book.live():
            look, visit = (book.ranges(one), one.depth_mag_ab), one.offered.pointing.visit
            weight = scales.weigh(look, before[visit])
            own, together = own + weight.own, together + weight.new
            before[visit].append(look)
        assert found == pytest.approx(own / together - 1, abs=1e-3) and found > 0.02

    def test_by_detection_it_is_told_and_not_promised(self) -> None:
        summary = SUMMARY | {"redundancy": 0.3}
        for objective, is_kept in (("probability", False), ("detection", True)):
            (line,) = [p for p in promises(summary, CALM, objective) if p.what.startswith("redundancy")]
            assert line.kept is is_kept and line.happened == "0.300"


SUMMARY: dict[str, Any] = {
    "counterpart": {"found": False, "rank": None, "probability": None},
    "alert_to_all_commands_s": None,
    "detections_sent": 0,
    "detections_stored": 0,
    "duplicates": 0,
    "redundancy": 0.0,
    "pointings": [{"telescope": "b", "visit": "1", "state": "completed", "late": True}],
}
CALM = Trials(killed=False, new_epoch=None, same_state=True, cut_off=(), believed=0)


def kept(trials: Trials) -> tuple[Promise, Promise]:
    """What became of the two promises about trials."""
    *_, recovery, late_truth = promises(SUMMARY, trials)
    return recovery, late_truth


class TestTrials:
    async def heard_at(self, path: Path, seq: int) -> Heard:
        (state,) = fold_journal(path, seq)
        return Heard(seq, state.hash())

    async def test_a_scheduler_that_came_back_to_the_journals_state_is_believed(self, tmp_path: Path) -> None:
        witness = await witnessed(tmp_path, [revised()], [revised(2)], [revised(3)], elections=2)
        heard = await self.heard_at(witness.path, 4)
        trials = trials_of(witness, heard, after(0.5), ())
        assert (trials.new_epoch, trials.same_state) == (2, True)
        assert kept(trials)[0].kept

    async def test_one_that_was_killed_and_not_elected_again_is_not_back(self, tmp_path: Path) -> None:
        witness = await witnessed(tmp_path, [revised()], [revised(2)])
        trials = trials_of(witness, await self.heard_at(witness.path, 3), after(0.5), ())
        assert trials.new_epoch is None
        assert not kept(trials)[0].kept

    async def test_one_that_came_back_with_another_state_is_told(self, tmp_path: Path) -> None:
        witness = await witnessed(tmp_path, [revised()], [revised(2)], elections=2)
        stale = await self.heard_at(witness.path, 2)
        trials = trials_of(witness, Heard(4, stale.state_hash), after(0.5), ())
        assert not trials.same_state
        assert not kept(trials)[0].kept

    @pytest.mark.parametrize(
        ("cut_off", "believed"), [(("a",), True), (("b",), False), (("b", "a"), True), ((), False)]
    )
    async def test_only_what_the_one_that_was_cut_off_observed_is_late_truth(
        self, tmp_path: Path, cut_off: tuple[str, ...], believed: bool
    ) -> None:
        witness = await witnessed(
            tmp_path,
            [revised(), *offered(an_offer("p0"), an_offer("p1", "b", 50.0))],
            [moved("p0", PointingState.EXPIRED), moved("p0", PointingState.COMPLETED, late=True)],
            [moved("p1", PointingState.FAILED, telescope="b", late=True)],
        )
        trials = trials_of(witness, Heard(0, ""), None, cut_off)
        assert kept(trials)[1].kept is believed
