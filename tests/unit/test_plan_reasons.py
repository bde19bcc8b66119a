"""What a plan says of itself: why each pointing, why a telescope rests, and why a place is or is not searched."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from builders.plans import SKY, T0, a_busy_telescope, a_round_sky

from coordinator.planning.make import plan
from coordinator.planning.place import explain_place
from coordinator.planning.plan import EventPlan
from coordinator.planning.recipe import visits_for
from coordinator.planning.request import EventToPlan, Forecast, Look, PlanRequest, TelescopeToPlan, VisitSpec
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.skymap import SkyMap
from telescopes.description.footprint import Polygons, Rectangle
from telescopes.description.telescope import Depth, Instrument, Limits, Site, Telescope

EUROPE = Site(44.0, 7.0, 1300.0)


def a_telescope(name: str, size_deg: float = 2.0, limit_mag: float | None = 19.0, **changes: object) -> Telescope:
    """A telescope in Chile; `limit_mag` None: its depth is not known."""
    made = replace(a_busy_telescope(size_deg=size_deg), id=name, **changes)  # type: ignore[arg-type]
    depth = () if limit_mag is None else (Depth(limit_mag, 100.0),)
    camera = Instrument("main", ("g", "r"), Rectangle(size_deg, size_deg), depth)
    return made if changes.get("instruments") else replace(made, instruments=(camera,))


def a_distant_sky() -> SkyMap:
    """A round sky whose source is some 150 Mpc away."""
    sky = a_round_sky(sigma_deg=3.0)
    many = sky.probability.size
    return replace(
        sky, dist_mu_mpc=np.full(many, 150.0), dist_sigma_mpc=np.full(many, 30.0), dist_norm=np.full(many, 1e-5)
    )


def a_request(
    *network: Telescope | TelescopeToPlan, visits: Sequence[VisitSpec] = (VisitSpec(),), **changes: object
) -> PlanRequest:
    asked = tuple(t if isinstance(t, TelescopeToPlan) else TelescopeToPlan(t, T0) for t in network)
    event = EventToPlan("lvk:S1", 1, SKY, T0, visits=tuple(visits))
    return PlanRequest((event,), asked, T0, T0 + timedelta(hours=24), **changes)  # type: ignore[arg-type]


def planned(request: PlanRequest, sky: SkyMap | None = None) -> EventPlan:
    return plan(request, {SKY: sky or a_round_sky(sigma_deg=3.0)}).events[0]


def because(made: EventPlan, name: str) -> str:
    return next(t.idle_because for t in made.telescopes if t.id == name) or ""


def place(request: PlanRequest, made: EventPlan, sky: SkyMap, ra: float = 13.0, dec: float = -25.0) -> list[str]:
    return explain_place(request, made, sky, ra, dec)


def test_every_pointing_says_its_share_its_rank_who_else_and_why_now() -> None:
    made = planned(a_request(a_telescope("one", 3.0), a_telescope("two", 3.0)))
    many = len(made.pointings)
    best = max(made.pointings, key=lambda p: p.new_value)
    other = "two" if best.telescope == "one" else "one"
    assert f"best of all {many}" in best.why and f"; {other} could see it too; " in best.why
    assert f"{100 * best.probability:.2g} % of the probability" in best.why
    ranks = [int(re.search(rf"(\d+)(?:st|nd|rd|th) best of all {many}", p.why)[1]) for p in made.pointings if p != best]  # type: ignore[index]
    assert sorted(ranks) == list(range(2, many + 1))
    assert all(p.why.endswith(("to the end of the window", f"{p.latest_end:%H:%M}")) for p in made.pointings)


def test_a_field_that_only_one_telescope_sees_says_so() -> None:
    northern = a_telescope("north", 2.0, site=EUROPE, limits=Limits(min_altitude_deg=40.0))
    made = planned(a_request(a_telescope("south", 3.0), northern))
    assert all("no other telescope sees it" in p.why for p in made.pointings)


def test_a_pointing_that_had_to_wait_says_for_what() -> None:
    early = a_round_sky((13.0, -25.0), sigma_deg=1.0)
    made = planned(a_request(a_telescope("t", 6.0)), early)
    assert "as soon as it is within limits" in made.pointings[0].why
    late = a_round_sky((300.0, -25.0), sigma_deg=1.0)
    assert "as soon as it is dark" in planned(a_request(a_telescope("t", 6.0)), late).pointings[0].why


def test_a_later_visit_says_whose_first_look_it_follows() -> None:
    visits = (VisitSpec("1"), VisitSpec("2", min_gap_s=1800.0))
    made = planned(a_request(a_telescope("t", 6.0), visits=visits), a_round_sky(sigma_deg=1.0))
    first, second = sorted(made.pointings, key=lambda p: p.start)[:2]
    assert second.visit == "2" and f"0.5 h or more after its first look by t at {first.start:%H:%M}" in second.why


def test_by_detection_it_is_the_chance_to_see_the_source_that_is_said_first() -> None:
    made = planned(a_request(a_telescope("t", 2.0)), a_distant_sky())
    assert made.objective == "detection"
    assert all(p.why.startswith(f"{100 * p.value:.2g} % chance to see the source") for p in made.pointings)


def test_where_weather_is_forecast_a_pointing_says_what_is_to_be_expected() -> None:
    issued = T0 - timedelta(minutes=30)
    forecast = Forecast(T0, T0 + timedelta(hours=24), 0.5, "ECMWF", issued)
    made = planned(a_request(TelescopeToPlan(a_telescope("t", 3.0), T0, clear=(forecast,))))
    for p in made.pointings:
        said = f"50 % clear by forecast (ECMWF, 30 min old), so {50 * p.new_value:.2g} % is expected"
        assert said in p.why


def test_an_idle_telescope_names_who_owns_its_sky() -> None:
    request = a_request(a_telescope("wide", 4.0), a_telescope("twin", 4.0))
    made = planned(request, a_round_sky(sigma_deg=0.5))  # one field of either holds all of it
    idle = {t.id for t in made.telescopes if t.idle_because}
    assert len(idle) == 1
    owner = ({"wide", "twin"} - idle).pop()
    assert re.fullmatch(rf"all its fields are already owned: its sky by {owner} \(\d+ %\)", because(made, idle.pop()))


def test_sky_that_others_have_observed_is_named_by_them() -> None:
    everywhere = footprint_ranges(Rectangle(40.0, 40.0), 13.0, -25.0, 0.0)
    look = Look("lvk:S1", "1", everywhere, T0, telescope="zadko")
    made = planned(a_request(a_telescope("t"), looks=(look,)))
    assert because(made, "t") == "all its fields are already owned: its sky by zadko (100 %)"


def test_a_telescope_of_unknown_depth_says_that_it_counts_for_nothing_by_detection() -> None:
    made = planned(a_request(a_telescope("t", limit_mag=None)), a_distant_sky())
    assert because(made, "t").startswith("its depth is not known, and only what a look can detect counts")


@pytest.mark.parametrize("moon_deg", [0.0, 10.0])
def test_a_telescope_too_shallow_for_the_source_does_not_blame_the_moon(moon_deg: float) -> None:
    shallow = a_telescope("shallow", limit_mag=12.0, limits=Limits(min_moon_separation_deg=moon_deg))
    made = planned(a_request(a_telescope("deep", limit_mag=21.0), shallow), a_distant_sky())
    said = r"all that it sees holds \S+ % chance to see the source, less than a pointing is for \(0\.00\d+ %\)"
    assert re.fullmatch(said, because(made, "shallow"))


def test_a_telescope_that_looks_by_day_says_that_the_sky_is_too_near_the_sun() -> None:
    at_the_sun, by_day = a_round_sky((143.9, 14.3), sigma_deg=1.0), Limits(max_sun_altitude_deg=90.0)
    said = because(planned(a_request(a_telescope("t", limits=by_day)), at_the_sun), "t")
    assert said == f"too near the Sun (limit {by_day.min_sun_separation_deg:g} deg)"


def test_limits_of_the_mount_are_said_with_their_numbers() -> None:
    limits = Limits(declination_deg=(10.0, 90.0))
    assert "(limits 10 to 90)" in because(planned(a_request(a_telescope("t", limits=limits))), "t")


def test_a_telescope_that_works_says_why_the_rest_of_its_night_is_free() -> None:
    made = planned(a_request(a_telescope("t", 4.0)))
    summary = made.telescopes[0]
    assert summary.idle_because is None and summary.pointings > 0
    assert re.match(r"free for \d+\.\d of \d+\.\d dark hours: ", summary.rest or "")
    few_hours = replace(a_request(a_telescope("t", 0.4)), end=T0 + timedelta(hours=9))
    assert planned(few_hours, a_round_sky((320.0, -25.0))).telescopes[0].rest is None


def test_a_place_that_is_searched_says_by_whom_and_how_deep() -> None:
    sky = a_round_sky(sigma_deg=3.0)
    request = a_request(a_telescope("t", 4.0))
    made = planned(request, sky)
    best = max(made.pointings, key=lambda p: p.new_value)
    lines = place(request, made, sky, best.ra_deg, best.dec_deg)
    assert any(line.startswith("t looks at ") and best.id in line for line in lines)
    assert f"in visit 1 it is t's, to {best.limit_mag_ab:.1f} mag" in lines


def test_a_place_that_was_looked_at_is_owned_by_the_deepest_look() -> None:
    sky = a_distant_sky()
    field = footprint_ranges(Rectangle(3.0, 3.0), 13.0, -25.0, 0.0)
    looks = tuple(
        Look("lvk:S1", "1", field, T0 + timedelta(minutes=m), limit, telescope=name)
        for name, m, limit in (("shallow", 0, 17.0), ("deep", 5, 20.5), ("unknown", 1, None))
    )
    request = a_request(a_telescope("t", 2.0, 18.0), looks=looks)
    lines = place(request, planned(request, sky), sky)
    assert "in visit 1 it is deep's, to 20.5 mag" in lines
    assert any(line.startswith("unknown looked at ") and line.endswith("depth unknown") for line in lines)
    mine = next(line for line in lines if line.startswith("t: "))
    assert "chance to see the source at" in mine and "it would be a repeat" in mine


@pytest.mark.parametrize(
    ("telescope", "said"),
    [
        (
            a_telescope("t", site=EUROPE, limits=Limits(min_altitude_deg=40.0)),
            "never within limits while dark: below 40",
        ),
        (a_telescope("t", limits=Limits(declination_deg=(10.0, 90.0))), "outside its declinations of 10 to 90 deg"),
        (a_telescope("t", limits=Limits(min_moon_separation_deg=170.0)), "moon"),
    ],
)
def test_a_place_out_of_reach_names_the_limit(telescope: Telescope, said: str) -> None:
    sky = a_round_sky(sigma_deg=3.0)
    request = a_request(telescope)
    line = next(line for line in place(request, planned(request, sky), sky) if line.startswith("t: "))
    assert said in line


def test_a_place_says_of_a_closed_telescope_that_it_is_closed() -> None:
    sky = a_round_sky(sigma_deg=3.0)
    request = a_request(TelescopeToPlan(a_telescope("t"), T0, closed_because="wind"))
    assert "t: site closed: wind" in place(request, planned(request, sky), sky)


def test_a_telescope_that_people_keep_from_an_event_says_so_and_stays_away() -> None:
    sky = a_round_sky(sigma_deg=3.0)
    kept = TelescopeToPlan(a_telescope("t"), T0, not_for={"lvk:S1": "dome work (Ada)"})
    made = planned(a_request(kept, a_telescope("other")), sky)
    assert {p.telescope for p in made.pointings} == {"other"}
    assert "t: vetoed: dome work (Ada)" in place(a_request(kept), planned(a_request(kept), sky), sky)
    before = planned(a_request(a_telescope("t")), sky).pointings
    again = planned(a_request(kept, previous=tuple(before)), sky)
    assert not again.pointings, "what was planned before is not kept"


def test_a_place_in_a_gap_between_detectors_says_so() -> None:
    halves = tuple(tuple((x + sign * 1.1, y) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))) for sign in (-1, 1))
    camera = Instrument("main", ("r",), Polygons(halves), (Depth(19.0, 100.0),))
    request = a_request(a_telescope("mosaic", instruments=(camera,)))
    sky = a_round_sky(sigma_deg=1.0)
    made = planned(request, sky)
    best = made.pointings[0]
    lines = place(request, made, sky, best.ra_deg, best.dec_deg)
    assert any(
        line.startswith("mosaic has it in a gap between its detectors at ") and best.id in line for line in lines
    )


def test_what_is_too_little_is_a_share_of_what_the_whole_sky_is_worth() -> None:
    sky = a_distant_sky()
    few = a_busy_telescope(size_deg=1.0, max_pointings_per_night=5)
    request = a_request(replace(few, id="t", instruments=a_telescope("t", 1.0, limit_mag=15.0).instruments))
    made = planned(request, sky)
    assert sum(p.new_value for p in made.pointings) < 0.01
    line = next(line for line in place(request, made, sky, dec=-16.0) if line.startswith("t: "))
    assert "of which 0.00026 % is new" in line and line.endswith("its 5 pointings bring more, 0.011 % at least")
    line = next(line for line in place(request, made, sky, dec=-13.5) if line.startswith("t: "))
    assert line.endswith("too little for a pointing")


def test_when_a_place_is_within_limits_is_said_night_by_night() -> None:
    sky = a_round_sky(sigma_deg=3.0)
    request = replace(a_request(a_telescope("t", 2.0)), end=T0 + timedelta(hours=48))
    event = replace(request.events[0], objective="probability")
    request = replace(request, events=(event,))
    made = planned(request, sky)
    hidden = next(
        line
        for ra in np.arange(0.0, 30.0, 2.0)
        for line in place(request, made, sky, float(ra), -37.0)
        if line.startswith("t: within limits between")
    )
    assert hidden.count(" and ") >= 2


def test_a_place_says_of_every_visit_why_a_telescope_does_not_look_in_it() -> None:
    sky, away = a_round_sky(sigma_deg=3.0), (100.0, 60.0)
    request = a_request(a_telescope("one"), visits=visits_for(("1", "2", "3"), ()))
    made = planned(request, sky)
    there = place(request, made, sky)
    assert any(re.search(r"^one looks at .*visit 1", line) for line in there)
    assert any(re.search(r"^one looks at .*visit 2", line) for line in there)
    late = next(line for line in there if line.startswith("one, visit 3: "))
    assert "within limits" not in late, "the next night begins when it has set"
    soon = replace(request, end=T0 + timedelta(hours=14))
    assert "after the window" in next(line for line in place(soon, planned(soon, sky), sky) if "visit 3: " in line)
    nowhere = place(request, made, sky, *away)
    assert "one, visit 2, 3: it follows a first look, and nobody looks here first" in nowhere
    assert any(line.startswith("one, visit 1: ") for line in nowhere)


def test_a_place_that_is_watched_says_who_has_had_its_look_in_a_band() -> None:
    network = a_telescope("one"), a_telescope("two")
    sky = a_round_sky(sigma_deg=0.5)
    request = a_request(*network, visits=visits_for(("char:r:1", "char:r:2"), network))
    made = planned(request, sky)
    assert {(p.telescope, p.visit) for p in made.pointings} == {("one", "char:r:1"), ("two", "char:r:2")}
    said = place(request, made, sky)
    assert "one, visit char:r:2: it looks in visit char:r:1, and once in a band is enough" in said
