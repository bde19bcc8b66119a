"""One owner of a telescope's time, the way from one field to the next included."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders.dispatch import START, ToyPlanner, a_curve, a_planned, a_report, a_telescope, an_alert, cells
from builders.observatory import Bench, on_bench

from coordinator.alerts.alert import Phase
from coordinator.dispatch.book import Book
from coordinator.dispatch.offers import OfferRules, due
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.request import Done
from coordinator.planning.value import SkyValue
from telescopes.description.durations import hour_angle_deg
from telescopes.description.states import PointingState as S
from telescopes.description.telescope import Telescope, Timing

FLAT = a_curve([1.0] * 12)
SLOW = replace(a_telescope("tel-a"), timing=Timing(slew_rate_deg_s=0.5, settle_s=3.0, filter_change_s=20.0))


def at(name: str, start_s: float, dec_deg: float, first: int, filter_name: str = "r") -> PlannedPointing:
    """A minute's pointing at right ascension 10 degrees."""
    return replace(a_planned(name, "tel-a", start_s, cells(first, first)), dec_deg=dec_deg, filter=filter_name)


def offered(pending: list[PlannedPointing], book: Book, telescope: Telescope = SLOW) -> list[str]:
    made = due(
        pending, "plan-1", book, {"lvk:S1": SkyValue.of(FLAT, "probability")}, {"tel-a": telescope}, START, OfferRules()
    )
    for offer in made.offers:
        book.offer(offer, START)
    return [o.pointing.pointing_id for o in made.offers]


@pytest.mark.parametrize(("start_s", "fits"), [(362.0, False), (364.0, True), (37.0, True), (38.0, False)])
@pytest.mark.parametrize("together", [False, True])
def test_a_pointing_is_offered_only_where_the_mount_can_come_from_its_neighbour(
    start_s: float, fits: bool, together: bool
) -> None:
    # 30 degrees at half a degree a second and 3 s to settle: 63 s; the neighbour holds 160 s to 300 s
    neighbour = replace(at("held", 160.0, 20.0, 0), end=START + timedelta(seconds=300))
    book = Book()
    if together and start_s > 160.0:
        assert offered([neighbour, at("new", start_s, 50.0, 4)], book) == (["held", "new"] if fits else ["held"])
    else:
        assert offered([neighbour], book) == ["held"]
        assert offered([at("new", start_s, 50.0, 4)], book) == (["new"] if fits else [])


def test_another_filter_takes_its_time_too() -> None:
    book = Book()
    assert offered([at("held", 100.0, 20.0, 0)], book) == ["held"]
    assert offered([at("too soon", 179.0, 20.0, 4, "g")], book) == []
    assert offered([at("later", 181.0, 20.0, 4, "g")], book) == ["later"]


@pytest.mark.parametrize(("west_deg", "fits"), [(5.0, False), (-15.0, True)])
def test_a_pointing_on_the_other_side_of_the_meridian_is_offered_only_after_a_flip(west_deg: float, fits: bool) -> None:
    mount = replace(SLOW, timing=Timing(slew_rate_deg_s=5.0, meridian_flip_s=120.0))
    meridian_deg = hour_angle_deg(mount.site, 0.0, START + timedelta(seconds=160))
    held, new = at("held", 100.0, 20.0, 0), at("new", 200.0, 20.0, 4)
    turned = [replace(p, ra_deg=(meridian_deg - h) % 360.0) for p, h in ((held, west_deg), (new, west_deg - 10.0))]
    book = Book()
    assert offered(turned[:1], book, mount) == ["held"]
    assert offered(turned[1:], book, mount) == (["new"] if fits else [])


def test_a_plan_is_told_what_a_telescope_has_done_already() -> None:
    planner = ToyPlanner({"sky-1": FLAT, "sky-2": FLAT}, [a_planned("p", "tel-a", 100, cells(0, 1))])

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("p", S.ACCEPTED, 1), a_report("p", S.EXPOSING, 2)])
        await bench.scheduler.report("tel-a", [a_report("p", S.COMPLETED, 3, fraction_done=1.0)])
        await bench.alert(an_alert(2, phase=Phase.UPDATE, sky="sky-2"))
        await bench.settle()

    on_bench([a_telescope("tel-a"), a_telescope("tel-b")], planner, play)
    assert planner.requests[0].telescopes[0].done == ()
    start = START + timedelta(seconds=100)
    assert [t.done for t in planner.requests[-1].telescopes] == [(Done(start, start + timedelta(seconds=60)),), ()]
