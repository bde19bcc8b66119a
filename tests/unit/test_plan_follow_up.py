"""Which telescope takes a look that was reckoned for one of them."""

from dataclasses import replace
from datetime import timedelta

from builders.plans import SKY, T0, a_busy_telescope, a_round_sky

from coordinator.planning.make import plan
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.request import EventToPlan, FollowUpTarget, PlanRequest, TelescopeToPlan
from telescopes.description.telescope import Telescope

ONE, OTHER = (replace(a_busy_telescope(), id=name) for name in ("one", "other"))
TARGET = FollowUpTarget("lvk:S1", 1, "c1", 13.0, -25.0, "follow-up:c1:r:1", ("r",))


def chosen(target: FollowUpTarget, *telescopes: Telescope) -> PlannedPointing:
    request = PlanRequest(
        events=(EventToPlan("lvk:S1", 1, SKY, T0),),
        telescopes=tuple(TelescopeToPlan(t, T0) for t in telescopes),
        start=T0,
        end=T0 + timedelta(hours=12),
        targets=(target,),
    )
    (pointing,) = plan(request, {SKY: a_round_sky()}).follow_up
    return pointing


def test_of_equal_telescopes_the_one_whose_minutes_tell_most_takes_the_look() -> None:
    for name in ("one", "other"):
        assert chosen(replace(TARGET, telescope=name), ONE, OTHER).telescope == name


def test_it_looks_as_deep_as_was_reckoned_and_nobody_else_does() -> None:
    short = chosen(TARGET, ONE)
    assert chosen(replace(TARGET, telescope="one", depth_mag_ab=20.0), ONE).count > short.count
    assert chosen(replace(TARGET, telescope="other", depth_mag_ab=20.0), ONE).count == short.count
