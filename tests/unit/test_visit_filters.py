"""In which filter each visit of a search is."""

from dataclasses import replace
from datetime import timedelta

from builders.plans import SKY, T0, a_busy_telescope, a_round_sky

from coordinator.planning.make import plan
from coordinator.planning.recipe import visits_for
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan
from telescopes.description.telescope import Telescope


def listing(name: str, *filters: str) -> Telescope:
    telescope = a_busy_telescope(size_deg=2.0)
    camera = replace(telescope.instruments[0], filters=filters)
    observing = replace(telescope.observing, filters=filters)
    return replace(telescope, id=name, instruments=(camera,), observing=observing)


def test_the_second_visit_takes_a_sites_second_filter_for_colours_and_the_third_its_first_again() -> None:
    network = listing("two", "r", "g"), listing("one", "r")
    visits = visits_for(("1", "2", "3"), network)
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective="probability", visits=visits)
    telescopes = tuple(TelescopeToPlan(t, T0) for t in network)
    made = plan(PlanRequest((event,), telescopes, T0, T0 + timedelta(hours=60)), {SKY: a_round_sky()})
    used = {(p.telescope, p.visit, p.filter) for p in made.pointings}
    assert {u for u in used if u[0] == "two"} == {("two", "1", "r"), ("two", "2", "g"), ("two", "3", "r")}
    assert {u[2] for u in used if u[0] == "one"} == {"r"}


def test_a_filter_that_was_asked_for_is_taken_in_every_visit() -> None:
    network = (listing("two", "r", "g"),)
    visits = tuple(replace(v, filters=("g",)) for v in visits_for(("1", "2"), network))
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective="probability", visits=visits)
    made = plan(
        PlanRequest((event,), (TelescopeToPlan(network[0], T0),), T0, T0 + timedelta(hours=24)), {SKY: a_round_sky()}
    )
    assert {(p.visit, p.filter) for p in made.pointings} == {("1", "g"), ("2", "g")}
