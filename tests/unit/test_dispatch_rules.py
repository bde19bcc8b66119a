"""Each rule of dispatch by its table: what reports move, what ends by itself, what is asked back, what is offered."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders.dispatch import START, a_curve, a_planned, a_report, a_telescope, cells

from coordinator.dispatch.assignment import (
    MOST_REPORTS,
    Assignment,
    Illegal,
    Move,
    Note,
    Repeat,
    Verdict,
    asked_back,
    judge,
    moved,
    noted,
    offered,
)
from coordinator.dispatch.book import Book
from coordinator.dispatch.decide import Situation, decide
from coordinator.dispatch.facts import PointingMoved, PointingNoted, PointingOffered, RevocationRequested
from coordinator.dispatch.leases import closed_windows, lost_lease, unanswered
from coordinator.dispatch.offers import OfferRules, due
from coordinator.dispatch.revocation import for_closed_telescope, for_forbidden, for_retraction, for_stale, for_veto
from coordinator.planning.value import SkyValue
from telescopes.description.clocks import LinkTime
from telescopes.description.messages import ExposureResult
from telescopes.description.states import LIVE, PointingState, Reason

S = PointingState
SKY = SkyValue.of(a_curve([1.0] * 12), "auto")
LATE = Move(S.COMPLETED, late=True)


def an_offer(name: str = "p1", telescope: str = "tel-a", start_s: float = 100.0, first: int = 0) -> PointingOffered:
    planned = a_planned(name, telescope, start_s, cells(first, first + 1))
    made = due([planned], "plan-1", Book(), {"lvk:S1": SKY}, {telescope: a_telescope(telescope)}, START, OfferRules())
    return made.offers[0]


def standing(state: PointingState, name: str = "p1", **changes: object) -> Assignment:
    return replace(offered(an_offer(name), START), state=state, **changes)  # type: ignore[arg-type]


def asked(mine: Assignment, *, abort: bool) -> Assignment:
    return asked_back(mine, RevocationRequested(mine.id, 1, Reason.SUPERSEDED, abort, 2))


def verdict(now: PointingState, said: PointingState, **report: object) -> Verdict:
    return judge(standing(now), replace(a_report("p1", said, 1), **report))  # type: ignore[arg-type]


@pytest.mark.parametrize(("again", "deep"), [(S.COMPLETED, 21.0), (S.EXPOSING, None)])
def test_an_end_that_is_said_again_brings_the_depth_that_was_measured_since(again: S, deep: float | None) -> None:
    shot = ExposureResult(0, "r", START, START, 60.0, 21.0)
    report = replace(a_report("p1", again, 2), exposures=(shot,))
    mine = standing(S.COMPLETED, limit_mag_ab=None)
    assert judge(mine, report) == Note()
    after = noted(mine, PointingNoted("p1", report))
    assert (after.state, after.limit_mag_ab, after.report_ids) == (S.COMPLETED, deep, (report.report_id,))


MOVES = {
    S.OFFERED: {S.ACCEPTED, S.REJECTED, S.EXPIRED, S.REVOKED, S.COMPLETED, S.PARTIAL},
    S.ACCEPTED: {S.SLEWING, S.EXPOSING, S.REJECTED, S.FAILED, S.EXPIRED, S.REVOKED, S.COMPLETED, S.PARTIAL},
    S.SLEWING: {S.EXPOSING, S.REJECTED, S.FAILED, S.EXPIRED, S.REVOKED, S.COMPLETED, S.PARTIAL},
    S.EXPOSING: {S.EXPOSING, S.FAILED, S.EXPIRED, S.REVOKED, S.COMPLETED, S.PARTIAL},
    S.EXPIRED: {S.COMPLETED, S.PARTIAL},
    S.REVOKED: {S.COMPLETED, S.PARTIAL},
    S.COMPLETED: set(),
    S.PARTIAL: set(),
    S.FAILED: set(),
    S.REJECTED: set(),
}


@pytest.mark.parametrize("now", list(MOVES))
@pytest.mark.parametrize("said", [s for s in S if s is not S.OFFERED])
def test_a_report_moves_a_pointing_where_the_table_says_and_nowhere_else(
    now: PointingState, said: PointingState
) -> None:
    assert isinstance(verdict(now, said), Move) == (said in MOVES[now])


@pytest.mark.parametrize(
    ("now", "said", "is_kept"),
    [
        (S.EXPOSING, S.ACCEPTED, True),
        (S.SLEWING, S.ACCEPTED, True),
        (S.COMPLETED, S.EXPOSING, True),
        (S.EXPIRED, S.FAILED, True),
        (S.COMPLETED, S.PARTIAL, True),
        (S.FAILED, S.COMPLETED, False),
        (S.REJECTED, S.COMPLETED, False),
        (S.OFFERED, S.FAILED, False),
        (S.OFFERED, S.EXPOSING, False),
    ],
)
def test_what_was_overtaken_is_kept_and_what_contradicts_is_refused(
    now: PointingState, said: PointingState, is_kept: bool
) -> None:
    assert verdict(now, said) == (Note() if is_kept else Illegal("ILLEGAL_TRANSITION"))


@pytest.mark.parametrize("gave_up", [S.EXPIRED, S.REVOKED])
def test_exposures_that_happened_are_believed_after_the_coordinator_gave_up(gave_up: PointingState) -> None:
    assert verdict(gave_up, S.COMPLETED) == LATE


def test_a_report_is_taken_once_and_of_its_own_revision_only() -> None:
    assert judge(standing(S.ACCEPTED, report_ids=("r-p1-1",)), a_report("p1", S.SLEWING, 1)) == Repeat()
    assert verdict(S.ACCEPTED, S.SLEWING, revision=2) == Illegal("REVISION_STALE")
    assert verdict(S.ACCEPTED, S.OFFERED) == Illegal("ILLEGAL_TRANSITION")


@pytest.mark.parametrize(
    ("state", "fraction", "limit_mag_ab", "counts"),
    [
        (S.COMPLETED, None, None, True),
        (S.PARTIAL, 0.3, None, True),
        (S.PARTIAL, 0.29, None, False),
        (S.PARTIAL, None, None, False),
        (S.FAILED, 1.0, None, False),
        (S.EXPOSING, 0.9, None, False),
        (S.COMPLETED, 1.0, 19.0, True),
        (S.COMPLETED, 1.0, 18.9, False),
    ],
)
def test_sky_counts_as_observed_when_enough_was_taken_deep_enough(
    state: PointingState, fraction: float | None, limit_mag_ab: float | None, counts: bool
) -> None:
    offer = an_offer()
    promised = replace(offer, pointing=replace(offer.pointing, limit_mag_ab=20.0))
    mine = replace(standing(state, fraction_done=fraction, limit_mag_ab=limit_mag_ab), offered=promised)
    assert mine.observed is counts


@pytest.mark.parametrize(
    ("said_s", "until_s"), [(None, 160.0), (50.0, 160.0), (130.0, 130.0), (300.0, 300.0), (1e8, 820.0)]
)
def test_a_telescope_owns_its_time_to_the_expected_end_but_not_for_ever(said_s: float | None, until_s: float) -> None:
    end = None if said_s is None else START + timedelta(seconds=said_s)
    mine = standing(S.EXPOSING, expected_end=end)
    assert (mine.busy_until - START).total_seconds() == until_s


def test_an_exposure_whose_end_never_comes_expires_all_the_same() -> None:
    mine = standing(S.EXPOSING, expected_end=START + timedelta(days=3650))
    assert [m.to for m in closed_windows([mine], START + timedelta(hours=1), timedelta())] == [S.EXPIRED]


@pytest.mark.parametrize(("waited_s", "expires"), [(6.9, False), (7.1, True)])
def test_an_offer_expires_by_link_time_after_its_answer_had_time_to_arrive(waited_s: float, expires: bool) -> None:
    mine = standing(S.OFFERED)
    assert bool(unanswered([mine], {mine.id: LinkTime(10.0)}, LinkTime(10.0 + waited_s), 2.0)) is expires
    assert unanswered([standing(S.ACCEPTED)], {mine.id: LinkTime(0.0)}, LinkTime(1e6), 2.0) == []


@pytest.mark.parametrize("state", list(S))
def test_a_lost_lease_frees_what_had_not_begun_to_expose(state: PointingState) -> None:
    freed = bool(lost_lease([standing(state)]))
    assert freed is (state in LIVE and state is not S.EXPOSING)


BEGUN = {S.SLEWING, S.EXPOSING}


@pytest.mark.parametrize("state", list(S))
def test_who_is_asked_back_by_what_happened_and_by_its_state(state: PointingState) -> None:
    mine, live = standing(state), state in LIVE
    waits = live and state not in BEGUN
    assert [a.abort_if_started for a in for_retraction([mine])] == [True] * live
    assert [a.abort_if_started for a in for_forbidden([mine])] == [True] * live
    assert [a.abort_if_started for a in for_veto(mine)] == [True] * live
    assert [a.abort_if_started for a in for_stale([mine])] == [False] * waits
    assert [a.abort_if_started for a in for_closed_telescope([mine], Reason.WEATHER)] == [False] * waits


@pytest.mark.parametrize("state", [S.ACCEPTED, S.EXPOSING])
def test_a_retraction_or_a_veto_asks_again_for_what_was_asked_back_without_abort(state: PointingState) -> None:
    mildly, firmly = asked(standing(state), abort=False), asked(standing(state), abort=True)
    assert for_retraction([mildly]) and for_veto(mildly)
    assert not for_retraction([firmly]) and not for_veto(firmly)
    assert not for_stale([mildly]) and not for_closed_telescope([mildly], Reason.WEATHER)
    assert asked(firmly, abort=False).abort_asked


def a_situation(**changes: object) -> Situation:
    plain = Situation(
        now=START,
        link_now=LinkTime(0.0),
        retracted=frozenset(),
        forbidden=frozenset(),
        cut_off=frozenset(),
        closed={},
        offered_at={},
        report_grace=timedelta(seconds=10),
        answer_grace_s=2.0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def a_book(*states: PointingState) -> Book:
    book = Book()
    for n, state in enumerate(states):
        offer = an_offer(f"p{n}", start_s=100.0 + 100.0 * n, first=2 * n)
        book.offer(offer, START)
        if state is not S.OFFERED:
            book.move(PointingMoved(f"p{n}", state), START)
    return book


@pytest.mark.parametrize(
    ("changes", "moves", "asked_for"),
    [
        ({}, {}, {}),
        ({"retracted": frozenset({"lvk:S1"})}, {}, {"p0": Reason.RETRACTED, "p1": Reason.RETRACTED}),
        ({"forbidden": frozenset({"p1"})}, {}, {"p1": Reason.SUPERSEDED}),
        ({"closed": {"tel-a": Reason.WEATHER}}, {}, {"p0": Reason.WEATHER}),
        ({"cut_off": frozenset({"tel-a"})}, {"p0": S.EXPIRED}, {"p0": Reason.LINK_LOST}),
        (
            {"retracted": frozenset({"lvk:S1"}), "closed": {"tel-a": Reason.WEATHER}},
            {},
            {"p0": Reason.RETRACTED, "p1": Reason.RETRACTED},
        ),
        ({"now": START + timedelta(days=1)}, {"p0": S.EXPIRED, "p1": S.EXPIRED}, {}),
    ],
    ids=["calm", "retracted", "forbidden", "clouds", "cut off", "retracted under clouds", "a day later"],
)
def test_what_follows_from_a_situation(
    changes: dict[str, object], moves: dict[str, PointingState], asked_for: dict[str, Reason]
) -> None:
    made = decide(a_book(S.ACCEPTED, S.EXPOSING), a_situation(**changes))
    assert {m.pointing_id: m.to for m in made.moves} == moves
    assert {r.assignment.id: r.reason for r in made.revocations} == asked_for


@pytest.mark.parametrize(
    ("start_s", "now_s", "first", "what"),
    [
        (100.0, 0.0, 0, "offered"),
        (1700.0, 0.0, 0, "offered"),
        (1900.0, 0.0, 0, "later"),
        (100.0, 260.0, 0, "missed"),
        (400.0, 0.0, 4, "missed"),
        (400.0, 0.0, 5, "offered"),
        (230.0, 0.0, 0, "later"),
    ],
    ids=[
        "due",
        "within the horizon",
        "beyond the horizon",
        "its start has passed",
        "its sky is taken",
        "half of its sky is new",
        "its time is taken",
    ],
)
def test_what_becomes_of_a_planned_pointing(start_s: float, now_s: float, first: int, what: str) -> None:
    book = Book()
    book.offer(an_offer("taken", start_s=200.0, first=4), START)
    planned = a_planned("p1", "tel-a", start_s, cells(first, first + 1))
    now = START + timedelta(seconds=now_s)
    made = due([planned], "plan-1", book, {"lvk:S1": SKY}, {"tel-a": a_telescope()}, now, OfferRules())
    outcome = "offered" if made.offers else "missed" if made.missed else "later"
    assert outcome == what


def test_a_report_tells_when_how_long_and_how_deep() -> None:
    minute = timedelta(minutes=1)
    frames = tuple(
        ExposureResult(n, "r", START + n * minute, START + (n + 1) * minute, 60.0, limiting_mag_ab=depth)
        for n, depth in enumerate((19.5, 20.1, 19.9))
    )
    report = a_report("p1", S.COMPLETED, 1, exposures=frames, fraction_done=1.0)
    mine = moved(standing(S.EXPOSING), PointingMoved("p1", S.COMPLETED, report=report), START)
    assert (mine.actual_start, mine.actual_end) == (START, START + 3 * minute)
    assert (mine.limit_mag_ab, mine.fraction_done) == (pytest.approx(20.482, abs=1e-3), 1.0)  # all three together


@pytest.mark.parametrize("said", [S.ACCEPTED, S.SLEWING, S.EXPOSING])
def test_who_does_not_know_that_the_lease_is_lost_is_told_and_the_fact_is_kept(said: PointingState) -> None:
    freed = standing(S.EXPIRED, reason=Reason.LINK_LOST)
    assert judge(freed, a_report("p1", said, 1)) == Note("LEASE_EXPIRED")
    assert judge(standing(S.EXPIRED), a_report("p1", said, 1)) == Note()
    assert judge(freed, a_report("p1", S.COMPLETED, 1)) == Move(S.COMPLETED, late=True)


def test_of_one_pointing_so_many_reports_are_kept_and_then_its_end() -> None:
    full = standing(S.EXPOSING, report_ids=tuple(f"r{i}" for i in range(MOST_REPORTS)))
    assert judge(full, a_report("p1", S.EXPOSING, 1)) == Illegal("TOO_MANY_REPORTS")
    assert judge(full, a_report("p1", S.ACCEPTED, 1)) == Illegal("TOO_MANY_REPORTS")
    assert judge(full, a_report("p1", S.COMPLETED, 1)) == Move(S.COMPLETED, late=False)
    assert judge(full, replace(a_report("p1", S.EXPOSING, 1), report_id="r7")) == Repeat()
