"""An event whose search ends before the window does."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from builders.plans import SKY, T0, a_busy_telescope, a_round_sky

from coordinator.planning.make import plan
from coordinator.planning.plan import Plan
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan

OTHER = "b" * 64
UNTIL = T0 + timedelta(hours=4)
FIRST = EventToPlan("lvk:S1", 1, SKY, T0, priority=60, objective="probability")
SECOND = replace(FIRST, key="lvk:S2", skymap_sha256=OTHER, priority=50)


def planned(*events: EventToPlan) -> Plan:
    to_plan = TelescopeToPlan(a_busy_telescope(size_deg=2.0), T0)
    request = PlanRequest(events, (to_plan,), T0, T0 + timedelta(hours=8), effort="quick")
    return plan(request, {SKY: a_round_sky(), OTHER: a_round_sky((30.0, -30.0))})


def test_its_pointings_have_ended_by_then_and_the_rest_of_the_night_is_others() -> None:
    assert max(p.end for p in planned(FIRST, SECOND).events[0].pointings) > UNTIL
    made = planned(replace(FIRST, until=UNTIL), SECOND)
    first, second = (e.pointings for e in made.events)
    assert first and max(p.end for p in first) <= UNTIL
    assert max(p.end for p in second) > UNTIL
    every = made.pointings
    assert all(a.end <= b.start for a, b in pairwise(every))


def test_one_that_ends_before_it_is_dark_says_so() -> None:
    (event,) = planned(replace(FIRST, until=T0 + timedelta(minutes=5))).events
    assert event.pointings == ()
    assert "daylight" in (event.telescopes[0].idle_because or "")
