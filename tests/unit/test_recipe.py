"""Which visits an event gets, and who takes part in those of a watched region."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from builders.plans import CHILE, SKY, T0, a_round_sky
from builders.plans import a_busy_telescope as a_telescope

from coordinator.planning.make import plan
from coordinator.planning.plan import EventPlan
from coordinator.planning.recipe import MOST_WATCHES, Wish, fits_in_one_field, group_of, times_deeper, visits_for
from coordinator.planning.request import EventToPlan, Look, PlanRequest, TelescopeToPlan, VisitSpec
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import Refused
from telescopes.description.footprint import Polygons, Rectangle
from telescopes.description.telescope import Instrument, Telescope


def with_camera(name: str, filters: tuple[str, ...], size_deg: float = 1.0) -> Telescope:
    """A telescope in Chile that uses its first filter by itself."""
    camera = Instrument("main", filters, Rectangle(size_deg, size_deg))
    telescope = a_telescope(CHILE, filters=filters[:1])
    return replace(telescope, id=name, instruments=(camera,))


def a_spot(sigma_deg: float = 0.1) -> SkyMap:
    return a_round_sky((13.0, -25.0), sigma_deg=sigma_deg, order=9)


NETWORK = (
    with_camera("a", ("r", "g")),
    with_camera("b", ("sdssr", "i")),
    with_camera("c", ("clear", "r")),
    with_camera("d", ("R",)),
)


def names(visits: tuple[VisitSpec, ...]) -> list[str]:
    return [v.name for v in visits]


def watched(
    visits: tuple[VisitSpec, ...], network: tuple[Telescope, ...] = NETWORK, looks: tuple[Look, ...] = ()
) -> EventPlan:
    """Plan a small round error region for a night."""
    event = EventToPlan("swift:1", 1, SKY, T0, visits=visits)
    telescopes = tuple(TelescopeToPlan(t, T0) for t in network)
    request = PlanRequest((event,), telescopes, T0, T0 + timedelta(hours=24), looks=looks)
    return plan(request, {SKY: a_spot()}).events[0]


def test_the_search_keeps_its_distance_from_the_first_look() -> None:
    gaps = [(v.name, v.min_gap_s) for v in visits_for(["1", "2", "3"], NETWORK)]
    assert gaps == [("1", 0.0), ("2", 1800.0), ("3", 64800.0)]
    assert visits_for(["2"], NETWORK)[0].min_gap_s == 0.0


def test_a_wish_holds_for_every_visit() -> None:
    visits = visits_for(["1", "char:r:1"], NETWORK, wish=Wish(source="kilonova"))
    assert [v.source for v in visits] == ["kilonova", "kilonova"]
    assert {v.depth_mag_ab for v in visits_for(["1", "2"], NETWORK, wish=Wish(depth_mag_ab=20.0))} == {20.0}


def test_a_large_region_is_searched_and_one_that_fits_in_a_field_is_watched() -> None:
    small, large = (ProbabilityCurve.of(a_spot(sigma)) for sigma in (0.1, 3.0))
    assert names(visits_for(["auto"], NETWORK, large)) == ["1", "2", "3"]
    assert names(visits_for(["auto"], NETWORK)) == ["1", "2", "3"]
    assert all(v.name.startswith("char:") for v in visits_for(["auto"], NETWORK, small))


def test_beside_auto_a_search_goes_deeper_before_it_looks_a_second_time() -> None:
    small, large = (ProbabilityCurve.of(a_spot(sigma)) for sigma in (0.1, 3.0))
    assert names(visits_for(["auto", "deeper"], NETWORK, large)) == ["1", "deeper", "2", "3"]
    assert names(visits_for(["1", "2", "deeper"], NETWORK)) == ["1", "2", "deeper"], "as it was said"
    *watches, last = names(visits_for(["auto", "deeper"], NETWORK, small))
    assert last == "deeper" and all(name.startswith("char:") for name in watches)


def test_looks_that_go_deeper_are_so_many_times_as_long() -> None:
    large = ProbabilityCurve.of(a_spot(3.0))
    visits = visits_for(["auto", "deeper", "deeper:4"], NETWORK, large)
    assert [(v.name, v.times, v.min_gap_s > 0.0) for v in visits] == [
        ("1", 1, False),
        ("deeper", 1, True),
        ("deeper:4", 4, True),
        ("2", 1, True),
        ("3", 1, True),
    ]
    assert [times_deeper(name) for name in ("deeper", "deeper:12", "1", "char:r:2")] == [1, 12, None, None]


@pytest.mark.parametrize("name", ["deeper:1", "deeper:13", "deeper:", "deeper:r"])
def test_no_look_is_longer_than_the_longest_nor_as_long_as_none(name: str) -> None:
    with pytest.raises(Refused, match="deeper:2 to deeper:12"):
        visits_for(["1", name], NETWORK)


@pytest.mark.slow
def test_a_region_of_some_degrees_is_searched_however_wide_a_field_is() -> None:
    lens = (with_camera("lens", ("r",), 20.0),)
    assert not fits_in_one_field(lens, ProbabilityCurve.of(a_spot(0.8)))
    assert fits_in_one_field(lens, ProbabilityCurve.of(a_spot(0.3)))


def test_a_region_does_not_fit_into_a_field_whose_middle_is_a_gap() -> None:
    left, right = (((x, -1.0), (x + 0.9, -1.0), (x + 0.9, 1.0), (x, 1.0)) for x in (-1.0, 0.1))
    mosaic = replace(NETWORK[0], instruments=(Instrument("main", ("r",), Polygons((left, right))),))
    assert not fits_in_one_field((mosaic,), ProbabilityCurve.of(a_spot(0.1)))


def test_each_band_has_as_many_visits_as_telescopes_have_it_and_the_most_usual_comes_first() -> None:
    assert names(visits_for(["char"], NETWORK)) == [
        *("char:r:1", "char:R:1", "char:clear:1"),
        *("char:r:2", "char:r:3"),
    ]


def test_bands_that_are_asked_for_take_the_place_of_the_own_ones() -> None:
    visits = visits_for(["char"], NETWORK, wish=Wish(bands=("g", "r")))
    assert names(visits) == ["char:g:1", "char:r:1", "char:r:2", "char:r:3"]
    assert [v.filters for v in visits[:2]] == [("g",), ("r", "sdssr")]


def test_a_band_that_nobody_has_does_not_keep_the_others_from_a_watch() -> None:
    assert names(visits_for(["char"], NETWORK, wish=Wish(bands=("K", "g")))) == ["char:g:1"]


def test_a_name_of_a_watch_is_taken_as_it_is() -> None:
    (visit,) = visits_for(["char:r:4"], NETWORK)
    assert (visit.name, visit.filters) == ("char:r:4", ("r", "sdssr"))
    assert visits_for(["char:z:1"], NETWORK)[0].filters == ("z",)


def test_a_large_network_does_not_make_endless_visits() -> None:
    many = tuple(replace(NETWORK[0], id=f"t{n}") for n in range(200))
    assert len(visits_for(["char"], many)) == MOST_WATCHES


@pytest.mark.parametrize(
    ("asked", "bands", "said"),
    [
        ([], (), "names no visits"),
        (["1", "1"], (), "one twice"),
        (["char:r"], (), "means nothing"),
        (["char:r:0"], (), "means nothing"),
        (["follow-up:c1:r:1"], (), "no visit of a search"),
        ([" "], (), "no visit of a search"),
        (["char"], ("K",), "no telescope has the band K"),
        (["char", "char:r:1"], (), "one twice"),
    ],
)
def test_names_that_mean_nothing_are_refused(asked: list[str], bands: tuple[str, ...], said: str) -> None:
    with pytest.raises(Refused, match=said):
        visits_for(asked, NETWORK, wish=Wish(bands=bands))


def test_looks_of_one_band_are_a_group_and_searches_are_none() -> None:
    assert [group_of(name) for name in ("char:r:3", "char:R:1", "1", "follow-up:c1:r:1")] == [
        *("char:r", "char:R"),
        *(None, None),
    ]


def test_every_telescope_looks_once_in_each_of_its_bands_and_nothing_is_a_duplicate() -> None:
    made = watched(visits_for(["char"], NETWORK))
    looks = Counter((p.telescope, group_of(p.visit)) for p in made.pointings)
    assert set(looks.values()) == {1}
    assert set(looks) == {
        *(("a", "char:r"), ("b", "char:r"), ("c", "char:r")),
        *(("c", "char:clear"), ("d", "char:R")),
    }
    assert made.figures.duplicates == 0 and made.figures.redundancy < 0.01


def test_a_telescope_that_had_its_look_leaves_the_next_one_to_others() -> None:
    first = watched(visits_for(["char:r:1"], NETWORK))
    (p,) = first.pointings
    look = Look("swift:1", "char:r:1", p.ranges, p.start, p.limit_mag_ab, p.filter, p.telescope)
    again = watched(visits_for(["char:r:1", "char:r:2", "char:r:3"], NETWORK), looks=(look,))
    others = {q.visit: q.telescope for q in again.pointings}
    assert p.telescope not in others.values() and set(others) == {"char:r:2", "char:r:3"}


def test_what_one_telescope_leaves_of_a_watched_region_is_no_look_for_another() -> None:
    wide, narrow = with_camera("wide", ("r",), 0.8), with_camera("narrow", ("r",), 0.3)
    made = watched(visits_for(["char"], (wide, narrow)), (wide, narrow))
    by_visit = {p.visit: {q.telescope for q in made.pointings if q.visit == p.visit} for p in made.pointings}
    assert sorted(map(sorted, by_visit.values())) == [["narrow"], ["wide"]]
    assert all(p.new_probability >= 0.02 for p in made.pointings)
