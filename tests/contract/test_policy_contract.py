"""What every policy keeps to, those of Armillary and a user's own."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from builders.campaigns import a_world, three_telescopes

from coordinator.planning.plan import Plan
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan
from coordinator.services.planner import PlannerWork
from coordinator.simulation.campaign.policies import Coordinated
from coordinator.simulation.campaign.policy import OWN, Policy, load_policy
from coordinator.simulation.campaign.words import HeardWord
from telescopes.description.errors import Refused


class LastWordOnly(Coordinated):
    """A user's own: it waits for the last word."""

    def hears(self, words: Sequence[HeardWord]) -> tuple[HeardWord, ...]:
        return tuple(words[-1:])


@pytest.fixture(params=[*OWN, "a user's own"])
def policy(request: pytest.FixtureRequest) -> Policy:
    return load_policy(request.param) if request.param in OWN else LastWordOnly()


def asked(policy: Policy) -> tuple[PlanRequest, Plan]:
    """Ask a policy for a plan of a simulated event's first map, for its first team."""
    world = a_world()
    told = world.happened.maps[0]
    work = PlannerWork(lambda _: told.file)
    team = policy.teams(three_telescopes())[0]
    start = world.start + timedelta(minutes=10)
    event = EventToPlan(world.event_key, 1, told.sha256, world.happened.t0, objective="auto")
    everybody = tuple(TelescopeToPlan(t, start) for t in team)
    request = PlanRequest((event,), everybody, start, start + timedelta(hours=2))
    return request, policy.planning()(request, work.plan)


def test_every_telescope_is_in_one_team(policy: Policy) -> None:
    teams = policy.teams(three_telescopes())
    assert Counter(t.id for team in teams for t in team) == Counter(t.id for t in three_telescopes())


def test_what_is_heard_was_told_and_in_order(policy: Policy) -> None:
    words = a_world().words
    heard = policy.hears(words)
    assert set(heard) <= set(words)
    assert list(heard) == sorted(heard, key=words.index)


@pytest.mark.slow
def test_a_plan_is_of_the_event_the_hours_and_the_telescopes_that_were_asked_for(policy: Policy) -> None:
    request, plan = asked(policy)
    assert [e.key for e in plan.events] == [e.key for e in request.events]
    team = {t.telescope.id for t in request.telescopes}
    assert all(request.start <= p.start < request.end and p.telescope in team for p in plan.pointings)


@pytest.mark.slow
def test_no_telescope_is_planned_for_two_things_at_once(policy: Policy) -> None:
    _, plan = asked(policy)
    for one in plan.pointings:
        others = [p for p in plan.pointings if p.telescope == one.telescope and p is not one]
        assert all(p.end <= one.start or one.end <= p.start for p in others)


def test_a_policy_that_nobody_has_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(Refused, match="coordinated, independent, static, sequential"):
        load_policy("clever")
