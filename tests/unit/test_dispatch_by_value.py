"""What is offered and given back where a look counts by how faint it sees."""

import math
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from builders.dispatch import START, ToyPlanner, a_curve, a_planned, a_report, a_telescope, an_alert, cells
from builders.observatory import Bench, on_bench

from coordinator.alerts.alert import Phase
from coordinator.dispatch.assignment import Assignment, moved, offered
from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import PointingMoved, PointingOffered, RevocationRequested
from coordinator.dispatch.offers import Offering, OfferRules, due
from coordinator.dispatch.ownership import Weighing
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.value import SkyValue
from coordinator.services.settings import SchedulerSettings
from telescopes.description.field_grid import GridField
from telescopes.description.messages import ExposureResult
from telescopes.description.states import PointingState as S
from telescopes.description.states import Reason

FAR = a_curve([1.0] * 12, 150.0)
"""A source of magnitude 19.9, with a spread of 0.8: a limit of 17.5 sees next to nothing of it, 21 most."""

BY_VALUE, BY_AREA = SkyValue.of(FAR, "auto"), SkyValue.of(FAR, "probability")
NETWORK = {name: a_telescope(name) for name in ("tel-a", "tel-b", "tel-c")}


def offering(
    *planned: PlannedPointing, sky: SkyValue = BY_VALUE, book: Book | None = None, gap_s: float = 0.0
) -> Offering:
    rules = OfferRules(gap_s=lambda visit: gap_s if visit == "2" else 0.0)
    return due(planned, "plan-1", book or Book(), {"lvk:S1": sky}, NETWORK, START, rules)


def looks(first: float | None, then: float | None) -> tuple[PlannedPointing, PlannedPointing]:
    """One look after the other at the same sky, with these limits."""
    where = cells(0, 1)
    earlier = a_planned("first", "tel-a", 100, where, limit_mag_ab=first)
    return earlier, a_planned("then", "tel-b", 400, where, limit_mag_ab=then)


def names(made: Offering) -> list[str]:
    return [o.pointing.pointing_id for o in made.offers]


@pytest.mark.parametrize(
    ("first", "then", "by_value", "by_area"),
    [
        (17.5, 21.0, ["first", "then"], ["first"]),
        (21.0, 17.5, ["first"], ["first"]),
        (21.0, 21.0, ["first"], ["first"]),
        (20.9, 21.0, ["first"], ["first"]),
        (None, 21.0, ["then"], ["first"]),
        (21.0, None, ["first"], ["first"]),
    ],
)
def test_a_deep_telescope_may_look_where_a_shallow_one_could_not_have_seen_the_source(
    first: float | None, then: float | None, by_value: list[str], by_area: list[str]
) -> None:
    assert names(offering(*looks(first, then))) == by_value
    assert names(offering(*looks(first, then), sky=BY_AREA)) == by_area


def test_what_is_owned_and_what_is_observed_count_each_by_its_limit() -> None:
    shallow, deep = looks(17.5, 21.0)
    book = Book()
    book.offer(offering(shallow).offers[0], START)
    assert names(offering(deep, book=book)) == ["then"]
    deeper = a_report("first", S.COMPLETED, 1, exposures=frames(21.0))
    book.move(PointingMoved("first", S.COMPLETED, report=deeper), START)
    assert names(offering(deep, book=book)) == [], "it saw deeper than it had promised"


def test_an_offer_says_what_it_was_weighed_by_and_keeps_the_probability_apart() -> None:
    _, then = offering(*looks(17.5, 21.0)).offers
    assert then.objective == "detection"
    assert then.probability == pytest.approx(2 / 12) and then.new_probability == pytest.approx(0.0, abs=1e-12)
    assert then.value == pytest.approx(BY_VALUE.value(cells(0, 1), BY_VALUE.depth(21.0)))
    assert 0.5 * then.value < then.new_value < then.value < then.probability
    assert then.pointing.probability == 0.1, "the wire carries what the plan says, which is a probability"
    (by_area,) = offering(looks(17.5, 21.0)[0], sky=BY_AREA).offers
    assert by_area.objective == "probability" and by_area.value == by_area.probability


def test_an_offer_of_an_older_journal_was_weighed_by_probability() -> None:
    old = msgspec.to_builtins(offering(looks(17.5, 21.0)[0]).offers[0])
    del old["objective"]
    assert msgspec.convert(old, PointingOffered).objective == "probability"


def frames(*limits: float | None) -> tuple[ExposureResult, ...]:
    minute = timedelta(minutes=1)
    return tuple(
        ExposureResult(n, "r", START + n * minute, START + (n + 1) * minute, 60.0, limiting_mag_ab=limit)
        for n, limit in enumerate(limits)
    )


def reported(state: S, limit: float | None, promised: float | None = 20.0, fraction: float | None = None) -> Assignment:
    offer = offering(a_planned("p", "tel-a", 100, cells(0, 1), limit_mag_ab=20.0)).offers[0]
    offer = replace(offer, pointing=replace(offer.pointing, limit_mag_ab=promised))
    report = a_report("p", state, 1, exposures=frames(limit), fraction_done=fraction)
    return moved(offered(offer, START), PointingMoved("p", state, report=report), START)


@pytest.mark.parametrize(
    ("state", "limit", "promised", "fraction", "depth"),
    [
        (S.EXPOSING, None, 20.0, None, 20.0),
        (S.EXPOSING, 19.2, 20.0, None, 20.0),
        (S.EXPOSING, 19.2, None, None, 19.2),
        (S.COMPLETED, None, 20.0, 1.0, 20.0),
        (S.COMPLETED, 19.2, 20.0, 1.0, 19.2),
        (S.COMPLETED, 19.2, None, 1.0, 19.2),
        (S.COMPLETED, 0.0, 20.0, 1.0, 0.0),
        (S.COMPLETED, None, None, 1.0, None),
        (S.PARTIAL, None, 20.0, 0.5, 20.0 + 1.25 * math.log10(0.5)),
        (S.PARTIAL, 19.8, 20.0, 0.5, 19.8),
        (S.PARTIAL, None, 20.0, 0.0, None),
        (S.PARTIAL, None, 20.0, None, None),
    ],
)
def test_how_faint_a_look_sees_is_what_was_reported_else_what_was_promised(
    state: S, limit: float | None, promised: float | None, fraction: float | None, depth: float | None
) -> None:
    found = reported(state, limit, promised, fraction).depth_mag_ab
    assert found == depth if depth is None else found == pytest.approx(depth)


def a_book(*looks: tuple[str, int, float | None, S]) -> Book:
    """Pointings by name, first cell, limit and state, all in visit 1."""
    book = Book()
    for n, (name, first, limit, state) in enumerate(looks):
        planned = a_planned(name, "tel-a", 100 + 100 * n, cells(first, first + 1), limit_mag_ab=limit)
        (offer,) = offering(planned, sky=BY_AREA).offers
        book.offer(offer, START)
        if state is not S.OFFERED:
            book.move(PointingMoved(name, state), START)
    return book


def test_observed_sky_is_told_apart_by_limit_and_grows() -> None:
    done = S.COMPLETED
    book = a_book(("a", 0, 20.01, done), ("b", 2, 19.99, done), ("c", 4, 18.0, done), ("d", 6, None, done))
    assert [(k.limit_mag_ab, k.ranges.pixels) for k in book.observed_looks("lvk:S1", "1")] == [
        (None, cells(0, 1).pixels),
        (18.0, cells(0, 1).pixels),
        (20.0, cells(0, 3).pixels),
    ]
    more = offering(a_planned("e", "tel-b", 900, cells(8, 9), limit_mag_ab=18.01)).offers[0]
    book.offer(more, START)
    assert {k.limit_mag_ab for k in book.taken_looks("lvk:S1", "1")} == {None, 18.0, 18.01, 20.0}
    book.move(PointingMoved("e", done), START)
    shallow = next(k for k in book.observed_looks("lvk:S1", "1") if k.limit_mag_ab == 18.0)
    assert shallow.ranges.pixels == 2 * cells(0, 1).pixels
    assert book.observed("lvk:S1", "1").pixels == cells(0, 9).pixels
    assert book.observed_looks("lvk:S1", "2") == []


@pytest.mark.parametrize(("seen", "gives_back"), [(17.5, []), (21.0, ["waits"]), (None, [])])
def test_what_waits_is_given_back_for_a_look_as_deep_and_not_for_a_shallow_one(
    seen: float | None, gives_back: list[str]
) -> None:
    book = a_book(("waits", 0, 21.0, S.ACCEPTED), ("seen", 0, seen, S.COMPLETED))
    assert [a.id for a in Weighing().stale(book, "lvk:S1", BY_VALUE, 0.2)] == gives_back
    assert [a.id for a in Weighing().stale(book, "lvk:S1", BY_AREA, 0.2)] == ["waits"]


def test_a_map_that_moves_the_source_away_asks_nothing_back() -> None:
    book = a_book(("waits", 0, 21.0, S.ACCEPTED))
    farther = SkyValue.of(a_curve([1.0] * 12, 600.0), "auto")
    assert farther.value(cells(0, 1), farther.depth(21.0)) < 0.2 * BY_VALUE.value(cells(0, 1), BY_VALUE.depth(21.0))
    assert Weighing().stale(book, "lvk:S1", farther, 0.2) == []
    elsewhere = SkyValue.of(a_curve([0.0] * 6 + [1.0] * 6, 150.0), "auto")
    assert [a.id for a in Weighing().stale(book, "lvk:S1", elsewhere, 0.2)] == ["waits"]


@pytest.mark.parametrize(("depth", "is_a_repeat"), [(17.5, False), (21.0, True)])
def test_late_truth_repeats_what_was_looked_at_as_deep(depth: float, is_a_repeat: bool) -> None:
    where = cells(0, 1)
    fields = [
        a_planned("late", "tel-a", 100, where, limit_mag_ab=21.0),
        a_planned("meanwhile", "tel-b", 900, where, limit_mag_ab=depth),
    ]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(1.0)
        await bench.scheduler.report("tel-a", [a_report("late", S.ACCEPTED, 1)])
        await bench.link("tel-a", "lost")
        await bench.settle(3.0)
        done = [a_report("meanwhile", S.ACCEPTED, 1), a_report("meanwhile", S.COMPLETED, 2, fraction_done=1.0)]
        await bench.scheduler.report("tel-b", done)
        await bench.scheduler.report("tel-a", [a_report("late", S.COMPLETED, 2, fraction_done=1.0, late=True)])
        await bench.settle(1.0)

    bench = on_bench(list(NETWORK.values()), ToyPlanner({"sky-1": FAR}, fields), play)
    late = bench.state.pointings.assignments["late"]
    assert (late.late, late.late_repeat) == (True, is_a_repeat)


def test_sky_that_was_asked_back_is_waited_for_and_not_given_up() -> None:
    book, again = a_book(("first", 0, 21.0, S.ACCEPTED)), looks(21.0, 21.0)[1]
    assert offering(again, book=book).missed == ("then",)
    book.ask_back(RevocationRequested("first", 1, Reason.WEATHER, False, 2))
    made = offering(again, book=book)
    assert (names(made), made.missed) == ([], ())
    book.move(PointingMoved("first", S.REVOKED), START)
    assert names(offering(again, book=book)) == ["then"]


def second(start_s: float, where_from: int = 0) -> PlannedPointing:
    sky = cells(where_from, where_from + 1)
    return a_planned("second", "tel-b", start_s, sky, visit="2", limit_mag_ab=21.0)


class TestLaterVisits:
    """A visit that keeps its distance from the first look at the same sky."""

    @pytest.mark.parametrize(
        ("start_s", "where_from", "what"),
        [(750.0, 0, "offered"), (750.0, 1, "offered"), (750.0, 2, "waits"), (650.0, 0, "waits")],
        ids=["long after", "half of it was looked at", "nobody looked there", "too soon after"],
    )
    def test_it_is_offered_where_somebody_looked_first_long_enough_before(
        self, start_s: float, where_from: int, what: str
    ) -> None:
        book = a_book(("first", 0, 21.0, S.ACCEPTED))
        made = offering(second(start_s, where_from), book=book, gap_s=600.0)
        assert (names(made), list(made.missed)) == ((["second"], []) if what == "offered" else ([], []))

    def test_it_is_given_up_when_no_first_look_can_come_in_time(self) -> None:
        assert offering(second(550.0), gap_s=600.0).missed == ("second",)

    def test_a_first_look_of_the_same_round_counts(self) -> None:
        first = a_planned("first", "tel-a", 100, cells(0, 1), limit_mag_ab=21.0)
        assert names(offering(first, second(750.0), gap_s=600.0)) == ["first", "second"]

    def test_a_first_look_that_was_given_back_does_not(self) -> None:
        book = a_book(("first", 0, 21.0, S.REJECTED))
        assert names(offering(second(750.0), book=book, gap_s=600.0)) == []


def test_the_objective_of_the_settings_is_what_is_asked_for_and_offered_by() -> None:
    planner = ToyPlanner({"sky-1": FAR, "sky-2": a_curve([1.0] * 12)}, list(looks(17.5, 21.0)))

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()

    for objective, expected in (("auto", {"first", "then"}), ("probability", {"first"})):
        planner.requests.clear()
        settings = SchedulerSettings(objective=objective)  # type: ignore[arg-type]
        bench = on_bench(list(NETWORK.values()), planner, play, settings)
        assert set(bench.states()) == expected
        assert {e.objective for r in planner.requests for e in r.events} == {objective}


def test_a_revision_that_knows_a_distance_is_weighed_by_it_from_then_on() -> None:
    planner = ToyPlanner({"sky-1": a_curve([1.0] * 12), "sky-2": FAR}, list(looks(17.5, 21.0)))

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        assert set(bench.states()) == {"first"}
        await bench.alert(an_alert(2, phase=Phase.UPDATE, sky="sky-2"))
        await bench.settle()

    bench = on_bench(list(NETWORK.values()), planner, play)
    held = bench.state.pointings.assignments
    assert {i: a.offered.objective for i, a in held.items()} == {"first": "probability", "then": "detection"}
    assert held["first"].revocation is not Reason.SUPERSEDED


def test_searches_ask_for_three_visits_that_keep_their_distance() -> None:
    planner = ToyPlanner({"sky-1": FAR}, [])

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()

    on_bench(list(NETWORK.values()), planner, play)
    visits = planner.requests[-1].events[0].visits
    slack_s = planner.requests[-1].slack_s
    assert [(v.name, v.min_gap_s) for v in visits] == [("1", 0.0), ("2", 1800.0 + slack_s), ("3", 64800.0 + slack_s)]


def test_a_survey_is_told_which_of_its_own_fields_is_meant() -> None:
    one = looks(21.0, None)[0]
    survey = replace(NETWORK["tel-a"], grid=(GridField("f17", one.ra_deg, one.dec_deg), GridField("f18", 200.0, 3.0)))
    (told,) = due([one], "plan-1", Book(), {"lvk:S1": BY_VALUE}, {"tel-a": survey}, START, OfferRules()).offers
    (free,) = offering(one).offers
    assert (told.pointing.field_id, free.pointing.field_id) == ("f17", "")


def test_a_camera_that_the_site_has_no_more_stops_nobody() -> None:
    """The plan is older than the site's file: the agent refuses, and the scheduler goes on."""
    one = replace(looks(21.0, None)[0], instrument="sold")
    survey = replace(NETWORK["tel-a"], grid=(GridField("f17", one.ra_deg, one.dec_deg),))
    (told,) = due([one], "plan-1", Book(), {"lvk:S1": BY_VALUE}, {"tel-a": survey}, START, OfferRules()).offers
    assert (told.pointing.instrument_id, told.pointing.field_id) == ("sold", "f17")
