"""What a forecast of clouds does to a plan."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from builders.plans import SKY, T0, a_busy_telescope, a_round_sky

from coordinator.planning.make import plan
from coordinator.planning.plan import EventPlan
from coordinator.planning.request import EventToPlan, Forecast, PlanRequest, TelescopeToPlan
from coordinator.planning.weather import CLOUDED, Weather
from telescopes.description.ephemeris import unix_s
from telescopes.description.errors import Refused

MIDNIGHT = datetime.fromisoformat("2019-08-15T04:00:00+00:00")
ISSUED = T0 - timedelta(hours=2)


def a_forecast(begin_h: float, end_h: float, probability: float | None, **said: object) -> Forecast:
    """What is forecast for some hours from midnight in Chile on."""
    begin, end = (MIDNIGHT + timedelta(hours=h) for h in (begin_h, end_h))
    return Forecast(begin, end, probability, **({"source": "ECMWF", "issued": ISSUED} | said))  # type: ignore[arg-type]


def planned(*forecasts: Forecast, size_deg: float = 3.0) -> EventPlan:
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective="probability")
    asked = TelescopeToPlan(a_busy_telescope(size_deg=size_deg), T0, clear=forecasts)
    request = PlanRequest((event,), (asked,), T0, T0 + timedelta(hours=24))
    return plan(request, {SKY: a_round_sky()}).events[0]


def chances(weather: Weather, *hours: tuple[float, float]) -> list[float]:
    begin, end = (np.array([unix_s(MIDNIGHT + timedelta(hours=h[i])) for h in hours]) for i in (0, 1))
    return [float(c) for c in weather.chance(begin, end)]


def test_a_chance_is_the_average_over_a_stretch_and_one_where_nobody_forecasts() -> None:
    weather = Weather.of([a_forecast(0, 1, 0.2), a_forecast(1, 2, 0.6), a_forecast(3, 4, None)])
    assert chances(weather, (0.2, 0.4), (0.5, 1.5), (1.5, 2.5), (2, 3), (3, 4), (-5, -4)) == pytest.approx(
        [0.2, 0.4, 0.8, 1.0, 1.0, 1.0]
    )
    assert not Weather.of([a_forecast(3, 4, None)]) and not Weather.of([])
    assert chances(Weather.of([]), (0, 1)) == [1.0]


def test_of_two_forecasts_for_one_time_the_newer_holds_whatever_their_order() -> None:
    old = a_forecast(0, 4, 0.9)
    new = a_forecast(1, 2, 0.1, source="all-sky camera", issued=ISSUED + timedelta(hours=1))
    for order in ((old, new), (new, old)):
        weather = Weather.of(order)
        assert chances(weather, (0, 1), (1, 2), (2, 3)) == pytest.approx([0.9, 0.1, 0.9])
        now_s = unix_s(ISSUED + timedelta(hours=4))
        assert weather.said(unix_s(MIDNIGHT + timedelta(hours=1.5)), now_s) == "all-sky camera, 3.0 h old"
        assert weather.said(unix_s(MIDNIGHT), now_s) == "ECMWF, 4.0 h old"


def test_a_newer_forecast_that_knows_nothing_takes_an_older_one_of_clouds_back() -> None:
    clouds, unknown = a_forecast(-8, 8, 0.0), a_forecast(0, 1, None, issued=ISSUED + timedelta(hours=1))
    for order in ((clouds, unknown), (unknown, clouds)):
        weather = Weather.of(order)
        assert chances(weather, (-1, 0), (0, 1), (1, 2)) == [0.0, 1.0, 0.0]
        assert weather.said(unix_s(MIDNIGHT + timedelta(hours=0.5)), unix_s(T0)) == ""
    made = planned(clouds, unknown)
    assert made.pointings
    assert all(p.start >= MIDNIGHT and p.end <= MIDNIGHT + timedelta(hours=1) for p in made.pointings)
    older = replace(unknown, issued=ISSUED - timedelta(hours=1))
    assert not planned(clouds, older).pointings


def test_time_for_which_clouds_are_forecast_is_not_used() -> None:
    clouds = a_forecast(-8, 2, CLOUDED - 0.01)
    made = planned(clouds)
    assert planned().pointings[0].start < clouds.end
    assert made.pointings and all(p.start >= clouds.end for p in made.pointings)
    assert planned(replace(clouds, probability_clear=None)).pointings[0].start < clouds.end


def expected(made: EventPlan, forecasts: tuple[Forecast, ...]) -> float:
    """Probability inside fields, weighted by how likely it is clear."""
    start, end = (np.array([unix_s(getattr(p, name)) for p in made.pointings]) for name in ("start", "end"))
    return float(Weather.of(forecasts).chance(start, end) @ np.array([p.new_probability for p in made.pointings]))


@pytest.mark.slow
@pytest.mark.parametrize(("size_deg", "better"), [(3.0, 1.5), (0.6, 1.02)])
def test_the_best_fields_are_looked_at_when_it_is_likely_clear(size_deg: float, better: float) -> None:
    forecasts = (a_forecast(-8, 1, 0.3), a_forecast(1, 6, 0.9), a_forecast(6, 10, 0.5))
    heedless, careful = planned(size_deg=size_deg), planned(*forecasts, size_deg=size_deg)
    assert expected(careful, forecasts) > better * expected(heedless, forecasts)
    assert careful.figures.planned == pytest.approx(heedless.figures.planned, rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("cloudy", ["one", "two"])
def test_of_two_telescopes_the_one_under_clearer_skies_takes_the_best_fields(cloudy: str) -> None:
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective="probability")
    asked = tuple(
        TelescopeToPlan(
            replace(a_busy_telescope(size_deg=1.0), id=name), T0, clear=(a_forecast(-12, 12, 0.4),) * (name == cloudy)
        )
        for name in ("one", "two")
    )
    request = PlanRequest((event,), asked, T0, T0 + timedelta(hours=24))
    made = plan(request, {SKY: a_round_sky()}).events[0]
    share = {name: sum(p.new_probability for p in made.pointings if p.telescope == name) for name in ("one", "two")}
    assert share.pop(cloudy) < 0.5 * max(share.values())


def test_the_bound_does_not_depend_on_the_weather() -> None:
    assert planned(a_forecast(-8, 2, 0.0)).figures.bound == pytest.approx(planned().figures.bound)


def test_a_telescope_under_forecast_clouds_says_until_when_and_by_whom() -> None:
    made = planned(a_forecast(-12, 3, 0.0), a_forecast(3, 16, 0.04))
    because = made.telescopes[0].idle_because
    assert not made.pointings and because == "forecast clouds until 20:00 (ECMWF, 2.0 h old)"


def test_what_was_planned_for_time_that_clouds_over_is_withdrawn() -> None:
    before = planned()
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective="probability")
    clouds = a_forecast(-8, 1, 0.0)
    asked = TelescopeToPlan(a_busy_telescope(size_deg=3.0), T0, clear=(clouds,))
    request = PlanRequest((event,), (asked,), T0, T0 + timedelta(hours=24), previous=before.pointings)
    again = plan(request, {SKY: a_round_sky()}).events[0]
    assert again.changes.kept == sum(p.start >= clouds.end for p in before.pointings)
    assert again.pointings and all(p.start >= clouds.end for p in again.pointings)


@pytest.mark.parametrize("wrong", [-0.1, 1.5])
def test_a_chance_that_is_none_is_refused(wrong: float) -> None:
    with pytest.raises(Refused, match=f"{wrong} is no probability"):
        a_forecast(0, 1, wrong)
