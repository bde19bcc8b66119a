"""A visit in which nobody takes part is a plan without pointings that says why, whatever is made most of."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from builders.plans import SKY, T0, a_busy_telescope, a_round_sky

from coordinator.planning.make import plan
from coordinator.planning.recipe import visits_for
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan


@pytest.mark.parametrize("objective", ["probability", "detection"])
def test_a_network_that_is_closed_is_planned_with_a_reason(objective: str) -> None:
    sky = a_round_sky()
    size = sky.probability.size
    sky = replace(sky, dist_mu_mpc=np.full(size, 100.0), dist_sigma_mpc=np.full(size, 20.0))
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective=objective, visits=visits_for(("1", "2", "3"), ()))  # type: ignore[arg-type]
    closed = TelescopeToPlan(a_busy_telescope(), T0, closed_because="weather")
    made = plan(PlanRequest((event,), (closed,), T0, T0 + timedelta(hours=24)), {SKY: sky})
    assert made.pointings == () and made.events[0].objective == objective
    assert made.events[0].telescopes[0].idle_because == "site closed: weather"
