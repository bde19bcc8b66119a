"""Exposures as long as a source needs them: a plan is asked for, and its pointings looked at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from builders.plans import CHILE, SKY, a_round_sky

from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.lightcurves.kilonova import distance_modulus, kilonova_abs_mag
from coordinator.planning.make import plan
from coordinator.planning.plan import EventPlan
from coordinator.planning.request import EventToPlan, Objective, PlanRequest, Source, TelescopeToPlan, VisitSpec
from coordinator.planning.wanted_depth import middle_of
from coordinator.sky.dust_map import DUST_ORDER, DustMap
from coordinator.sky.skymap import SkyMap
from telescopes.description.footprint import Rectangle
from telescopes.description.telescope import Depth, Instrument, Limits, Observing, Telescope, Timing

NEW_MOON = datetime(2019, 8, 30, 23, tzinfo=UTC)
FULL_MOON = datetime(2019, 8, 14, 23, tzinfo=UTC)
HOURS = 10.0
OWN_S = 60.0


def a_telescope(limit_mag_ab: float | None = 19.0, filter_name: str = "r") -> Telescope:
    """A telescope in Chile that sees so deep in its own minute."""
    depth = () if limit_mag_ab is None else (Depth(limit_mag_ab, OWN_S),)
    camera = Instrument("main", (filter_name,), Rectangle(2.0, 2.0), depth)
    return Telescope("t", "T", CHILE, (camera,), Observing(OWN_S, "tiles"), Limits(), Timing(5.0, readout_s=5.0))


def at_distance(sky: SkyMap, distance_mpc: float | None) -> SkyMap:
    """The same sky with a distance known to a hundredth; None: unknown."""
    if distance_mpc is None:
        return sky
    layers = [np.full(sky.probability.size, x) for x in (distance_mpc, 0.01 * distance_mpc, distance_mpc**-2)]
    facts = replace(sky.facts, distance_mpc=distance_mpc, distance_std_mpc=0.01 * distance_mpc)
    return SkyMap(sky.order, sky.ipix, sky.probability, facts, *layers)


def planned(
    telescope: Telescope,
    *,
    source: Source | None = None,
    depth_mag_ab: float | None = None,
    distance_mpc: float | None = 40.0,
    when: datetime = NEW_MOON,
    t0: datetime | None = NEW_MOON - timedelta(hours=5),
    reddening_mag: float | None = None,
    objective: Objective = "probability",
) -> EventPlan:
    """Plan one visit of ten hours; by probability, depth decides nothing but the exposures."""
    sky = at_distance(a_round_sky((13.0, -25.0), sigma_deg=1.0, order=7, t0=when), distance_mpc)
    visit = VisitSpec("1", depth_mag_ab=depth_mag_ab, source=source)
    event = EventToPlan("lvk:S1", 1, SKY, t0, objective=objective, visits=(visit,))
    dust = None if reddening_mag is None else DustMap(np.full(12 * 4**DUST_ORDER, reddening_mag), "even")
    telescopes, end = (TelescopeToPlan(telescope, when),), when + timedelta(hours=HOURS)
    return plan(PlanRequest((event,), telescopes, when, end, dust=dust), {SKY: sky}).events[0]


def exposures(made: EventPlan) -> int:
    """How many exposures each pointing has: the same for all of them."""
    (count,) = {p.count for p in made.pointings}
    return count


def test_nothing_wanted_leaves_the_sites_own_exposure_and_no_notes() -> None:
    made = planned(a_telescope())
    assert exposures(made) == 1 and made.notes == ()


def test_a_depth_that_the_own_exposure_reaches_lengthens_nothing() -> None:
    assert exposures(planned(a_telescope(), depth_mag_ab=15.0)) == 1


def test_a_depth_is_reached_at_a_usual_height_and_not_only_at_the_zenith() -> None:
    made = planned(a_telescope(), depth_mag_ab=20.0)
    reached = limit_mag_ab(a_telescope().instruments[0], "r", exposures(made) * OWN_S, 1.2)
    assert reached is not None and 20.0 <= reached < 20.1
    assert made.notes == ()


def test_the_moon_lengthens_the_exposure_and_not_the_claim() -> None:
    dark, bright = (planned(a_telescope(), depth_mag_ab=19.3, when=when, t0=when) for when in (NEW_MOON, FULL_MOON))
    assert exposures(bright) > 2 * exposures(dark)
    camera = a_telescope().instruments[0]
    for p in bright.pointings:
        # the claim is rounded to 0.001 from an airmass that is too
        assert p.limit_mag_ab == pytest.approx(limit_mag_ab(camera, "r", p.count * p.exposure_s, p.airmass), abs=0.002)


def test_a_kilonova_is_exposed_for_as_bright_as_it_is_in_the_middle_of_the_night_at_its_distance() -> None:
    made = planned(a_telescope(18.0), source="kilonova", distance_mpc=80.0)
    # five hours before the window, of which the dark part ends at about ten in the morning UTC
    expected = float(kilonova_abs_mag("r", 10.3 / 24)) + distance_modulus(80.0)
    reached = limit_mag_ab(a_telescope(18.0).instruments[0], "r", exposures(made) * OWN_S, 1.2)
    assert reached is not None and expected - 0.1 < reached < expected + 0.3


def test_the_farther_the_source_the_longer_the_exposure() -> None:
    counts = [exposures(planned(a_telescope(), source="kilonova", distance_mpc=d)) for d in (20.0, 100.0, 130.0)]
    assert counts == sorted(set(counts)) and counts[0] == 1


def test_an_afterglow_of_unknown_distance_is_as_bright_as_most_are() -> None:
    soon = planned(a_telescope(22.8), source="afterglow", distance_mpc=None, t0=NEW_MOON)
    late = planned(a_telescope(22.8), source="afterglow", distance_mpc=None, t0=NEW_MOON - timedelta(hours=10))
    assert 1 <= exposures(soon) < exposures(late)


def test_dust_makes_a_source_fainter_and_leaves_a_wanted_depth_as_it_is() -> None:
    bare, dusty = (planned(a_telescope(), source=19.5, reddening_mag=mag) for mag in (0.0, 0.2))
    assert exposures(dusty) > exposures(bare)
    assert exposures(planned(a_telescope(), depth_mag_ab=19.5, reddening_mag=0.2)) == exposures(bare)


def test_without_a_dust_map_the_plan_says_that_dust_is_not_counted() -> None:
    assert "dust" in planned(a_telescope(), source=18.0).notes[0].text
    assert planned(a_telescope(), source=18.0, reddening_mag=0.1).notes == ()
    assert "has nothing" in planned(a_telescope(), source=18.0, reddening_mag=np.nan).notes[0].text


def test_what_cannot_be_reached_says_how_far_it_gets_and_is_not_exposed_for_ever() -> None:
    made = planned(a_telescope(), depth_mag_ab=23.0)
    assert exposures(made) == 12
    assert [n.text for n in made.notes] == ["t: visit 1: reaches 20.3 of 23.0 wanted in r with 12 x 60 s"]


def test_a_telescope_of_unknown_depth_keeps_its_own_exposure_and_says_so() -> None:
    made = planned(a_telescope(None), depth_mag_ab=20.0)
    assert exposures(made) == 1 and "its depth is not known (20.0 wanted in r)" in made.notes[0].said


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"distance_mpc": None}, "the map knows no distance"),
        ({"t0": None}, "does not say when the event was"),
        ({"t0": NEW_MOON + timedelta(days=2)}, "lies before"),
    ],
)
def test_a_source_of_unknown_brightness_lengthens_nothing_and_says_why(
    changes: dict[str, object], because: str
) -> None:
    made = planned(a_telescope(), source="kilonova", **changes)  # type: ignore[arg-type]
    assert exposures(made) == 1
    assert any("keeps its own exposure" in note.said and because in note.said for note in made.notes)


@pytest.mark.parametrize("wish", [{"source": "kilonova"}, {"depth_mag_ab": 21.0}])
def test_no_plan_with_longer_exposures_beats_the_bound(wish: dict[str, object]) -> None:
    made = planned(a_telescope(18.5), distance_mpc=150.0, objective="detection", **wish)  # type: ignore[arg-type]
    own = planned(a_telescope(18.5), distance_mpc=150.0, objective="detection")
    detection, without = made.figures.detection, own.figures.detection
    assert detection is not None and without is not None
    assert own.figures.bound < detection <= made.figures.bound


def test_the_middle_of_several_nights_is_never_by_day() -> None:
    nights = [(0.0, 10.0), (100.0, 130.0)]
    assert middle_of(nights) == 110.0
    assert middle_of([(0.0, 30.0), (100.0, 130.0)]) == 30.0
    assert middle_of([(5.0, 15.0)]) == 10.0


def test_the_plan_says_what_was_wanted() -> None:
    assert planned(a_telescope(), source="kilonova").visits[0]["source"] == "kilonova"
    assert "source" not in planned(a_telescope()).visits[0]
