"""Planning by detection: what a look of some depth is worth, and who may look where somebody shallower did."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from coordinator.lightcurves.detection import Distances, detection_weight
from coordinator.planning.make import plan
from coordinator.planning.plan import EventPlan
from coordinator.planning.recount import Pieces, Sight, best_value, shares_in_order
from coordinator.planning.request import EventToPlan, Look, PlanRequest, TelescopeToPlan
from coordinator.planning.value import NOTHING, SkyValue
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.ranges import Ranges
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.ephemeris import directions
from telescopes.description.footprint import Rectangle
from telescopes.description.telescope import Depth, Instrument, Limits, Observing, Site, Telescope, Timing

T0 = datetime(2019, 8, 14, 21, 10, 39, tzinfo=UTC)
SKY = "a" * 64


def a_sky(mu_mpc: float | None = 100.0, sigma_mpc: float = 20.0, sigma_deg: float = 2.0) -> SkyMap:
    """A round localization in the south, all of it as far away."""
    centre, every = directions([13.0], [-25.0])[0], np.arange(12 * 4**7)
    away = np.degrees(np.arccos(np.clip(pixel_vectors(7, every) @ centre, -1, 1)))
    near = away < 5 * sigma_deg
    weight = np.exp(-0.5 * (away[near] / sigma_deg) ** 2)
    facts = MapFacts(SKY, t0=T0, distance_mpc=mu_mpc, distance_std_mpc=None if mu_mpc is None else sigma_mpc)
    return SkyMap(np.full(weight.size, 7), every[near], weight / weight.sum(), facts)


def a_telescope(name: str, limit_mag_ab: float | None, size_deg: float, longitude_deg: float = -70.73) -> Telescope:
    depth = () if limit_mag_ab is None else (Depth(limit_mag_ab, 100.0, "r"),)
    camera = Instrument("main", ("r",), Rectangle(size_deg, size_deg), depth)
    look = Observing(exposure_s=100.0, count=1, filters=("r",), strategy="tiles")
    site = Site(-29.26, longitude_deg, 2400.0)
    return Telescope(name, name, site, (camera,), look, Limits(min_altitude_deg=25.0), Timing(5.0, settle_s=2.0))


def planned(*telescopes: Telescope, sky: SkyMap, objective: str = "auto", looks: tuple[Look, ...] = ()) -> EventPlan:
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective=objective)  # type: ignore[arg-type]
    everybody = tuple(TelescopeToPlan(t, T0) for t in telescopes)
    request = PlanRequest((event,), everybody, T0, T0 + timedelta(hours=24), looks=looks)
    return plan(request, {SKY: sky}).events[0]


def exact_weight(limit: float, mu: float, sigma: float) -> float:
    """The definition, summed over very many distances."""
    d = np.linspace(max(1e-6, mu - 12 * sigma), max(0.0, mu) + 12 * sigma, 40_001)
    density = d**2 * norm.pdf(d, mu, sigma)
    seen = norm.cdf((limit + 16 - 5 * np.log10(d) - 25) / 0.8)
    steady = min(1.0, max(0.0, (limit - 14) / 8))
    return 0.9 * float((density * seen).sum() / density.sum()) + 0.1 * steady


@settings(max_examples=40)
@given(limit=st.floats(13, 25), mu=st.floats(5, 1000), ratio=st.floats(0.02, 1.5))
def test_the_weight_is_the_integral_over_the_distance(limit: float, mu: float, ratio: float) -> None:
    found = detection_weight(limit, Distances.of([mu], [ratio * mu]))[0]
    assert found == pytest.approx(exact_weight(limit, mu, ratio * mu), abs=3e-4)


def test_a_location_far_below_zero_is_a_distance_too() -> None:
    found = detection_weight(20.0, Distances.of([-400.0], [150.0]))[0]
    assert found == pytest.approx(exact_weight(20.0, -400.0, 150.0), abs=5e-4)


def test_a_deeper_look_is_worth_more_everywhere() -> None:
    distances = Distances.of(np.linspace(-300, 900, 60), np.linspace(5, 400, 60))
    weights = [detection_weight(limit, distances) for limit in np.arange(13.0, 25.0, 0.25)]
    assert all(np.all(a <= b) for a, b in pairwise(weights))
    assert np.all(np.array(weights) <= 1.0)


def test_auto_is_detection_where_the_map_knows_a_distance_and_probability_elsewhere() -> None:
    telescope = a_telescope("one", 19.0, 2.0)
    assert planned(telescope, sky=a_sky()).objective == "detection"
    assert planned(telescope, sky=a_sky(None)).objective == "probability"
    without = planned(telescope, sky=a_sky(None))
    assert without.figures.detection is None and without.pointings[0].value == without.pointings[0].probability


def test_a_deep_telescope_may_look_where_a_shallow_one_did_and_not_the_other_way_round() -> None:
    sky = a_sky(mu_mpc=150.0)
    deep, shallow = a_telescope("deep", 21.0, 2.0), a_telescope("shallow", 17.0, 2.0)
    only = planned(shallow, sky=sky)
    looks = tuple(Look("lvk:S1", "1", p.ranges, p.start, p.limit_mag_ab) for p in only.pointings)
    after = planned(deep, sky=sky, looks=looks)
    assert after.figures.detection is not None and after.figures.detection > 5 * (only.figures.detection or 1)
    deeper = tuple(Look("lvk:S1", "1", p.ranges, p.start, p.limit_mag_ab) for p in after.pointings)
    again = planned(shallow, sky=sky, looks=deeper)
    assert all(p.ranges.minus(k.ranges).pixels > 0.3 * p.ranges.pixels for p in again.pointings for k in deeper)
    by_area = planned(deep, sky=sky, objective="probability", looks=looks)
    assert len(by_area.pointings) < len(after.pointings)


def test_a_wide_shallow_field_does_not_bar_the_deep_ones() -> None:
    """A near source: the shallow look sees more than half of what a deep one would."""
    sky = a_sky(mu_mpc=40.0, sigma_mpc=8.0, sigma_deg=1.0)
    wide = a_telescope("wide", 17.5, 6.0, longitude_deg=-60.0)
    deep = a_telescope("deep", 20.0, 1.0)
    both = planned(wide, deep, sky=sky)
    alone = planned(deep, sky=sky)
    assert both.figures.detection is not None and alone.figures.detection is not None
    assert both.figures.detection >= 0.995 * alone.figures.detection
    assert both.figures.duplicates == 0


def test_a_telescope_of_unknown_depth_says_so_and_works_by_probability() -> None:
    sky, unknown = a_sky(), a_telescope("unknown", None, 2.0)
    idle = planned(unknown, sky=sky)
    assert not idle.pointings and "depth is not known" in str(idle.telescopes[0].idle_because)
    assert planned(unknown, sky=sky, objective="probability").pointings


def test_figures_add_up_to_what_the_pointings_say() -> None:
    sky = a_sky(mu_mpc=150.0)
    made = planned(a_telescope("deep", 21.0, 1.0), a_telescope("wide", 18.0, 4.0), sky=sky)
    assert made.figures.detection == pytest.approx(sum(p.new_value for p in made.pointings), abs=1e-9)
    assert made.figures.planned == pytest.approx(sum(p.new_probability for p in made.pointings), abs=1e-9)
    value, new = sum(p.value for p in made.pointings), sum(p.new_value for p in made.pointings)
    assert made.figures.redundancy == pytest.approx(value / new - 1.0)
    assert all(p.new_value >= 0.5 * p.value and p.value <= p.probability for p in made.pointings)
    by_area = planned(a_telescope("deep", 21.0, 1.0), a_telescope("wide", 18.0, 4.0), sky=sky, objective="probability")
    assert (by_area.figures.detection or 0.0) < (made.figures.detection or 0.0)


def curves() -> tuple[SkyValue, SkyValue]:
    curve = ProbabilityCurve.of(a_sky())
    return SkyValue.of(curve, "detection"), SkyValue.of(curve, "probability")


def test_the_deepest_look_holds_a_place_whatever_the_order() -> None:
    value, _ = curves()
    low, high = int(value.curve.edge[0]), int(value.curve.edge[-1])
    middle = (low + high) // 2
    left, every = Ranges.of(np.array([low]), np.array([middle])), Ranges.of(np.array([low]), np.array([high]))
    deep, shallow = value.depth(20.0), value.depth(17.0)
    pieces = Pieces.of([Sight(every, shallow), Sight(left, deep)], value)
    shares = shares_in_order(pieces, [], [0, 1], 0.0)
    expected = value.value(left, deep) - value.value(left, shallow)
    assert shares[1].new_value == pytest.approx(expected) and shares[1].new_probability == 0.0
    assert shares_in_order(pieces, [], [1, 0], 0.0)[0].new_value == pytest.approx(
        value.value(every, shallow) - value.value(left, shallow)
    )
    both = value.value(left, deep) + value.value(every.minus(left), shallow)
    assert best_value(pieces, [0, 1]) == best_value(pieces, [1, 0]) == pytest.approx(both)
    assert value.new_value(left, deep, [(every, shallow)]) == pytest.approx(expected)
    assert value.new_value(every, shallow, [(left, deep)]) == pytest.approx(both - value.value(left, deep))


def test_a_look_of_unknown_depth_gives_nothing_and_takes_nothing() -> None:
    value, by_area = curves()
    every = Ranges.of(np.array([0]), np.array([12 * 4**12]))
    assert value.depth(None) == NOTHING and value.value(every, NOTHING) == 0.0
    assert value.new_value(every, value.depth(19.0), [(every, NOTHING)]) == pytest.approx(
        value.value(every, value.depth(19.0))
    )
    assert by_area.depth(None) == by_area.depth(19.0)
    assert by_area.new_value(every, 0, [(every, 0)]) == 0.0


def test_a_curve_keeps_its_distances_on_the_way() -> None:
    curve = ProbabilityCurve.of(a_sky())
    again = ProbabilityCurve.from_bytes(curve.to_bytes())
    assert again.dist_mu_mpc is not None and again.dist_sigma_mpc is not None and curve.dist_mu_mpc is not None
    assert np.array_equal(again.dist_mu_mpc, curve.dist_mu_mpc) and np.allclose(again.dist_sigma_mpc, 20.0)
    assert ProbabilityCurve.from_bytes(ProbabilityCurve.of(a_sky(None)).to_bytes()).dist_mu_mpc is None


def test_cells_without_moments_have_the_maps_own() -> None:
    sky = a_sky()
    mu = np.full(sky.probability.size, 300.0)
    mu[::2] = np.nan
    curve = ProbabilityCurve.of(replace(sky, dist_mu_mpc=mu, dist_sigma_mpc=np.full(mu.size, 30.0)))
    assert curve.dist_mu_mpc is not None and set(np.unique(curve.dist_mu_mpc.round(6))) >= {100.0, 300.0}
