"""Whatever the sky, the network and what is taken: a plan keeps the laws."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
from builders.toy_skies import SKY, T0, skies, telescopes
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from coordinator.planning.make import plan
from coordinator.planning.plan import Plan
from coordinator.planning.request import EventToPlan, Look, PlanRequest, VisitSpec
from coordinator.sky.coverage import Frames
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.field_ranges import ranges_of_many
from coordinator.sky.ranges import Ranges
from coordinator.sky.skymap import SkyMap
from telescopes.description.ephemeris import directions
from telescopes.description.footprint import Rectangle
from telescopes.description.limits import violation


@st.composite
def requests(draw: st.DrawFn) -> PlanRequest:
    network = tuple(draw(telescopes(name)) for name in ("a", "b", "c")[: draw(st.integers(1, 3))])
    visits = draw(st.sampled_from([(VisitSpec(),), (VisitSpec(), VisitSpec("2", min_gap_s=1800.0))]))
    field = ranges_of_many(Rectangle(20.0, 20.0), Frames.at([0.0], [0.0]))[0]
    looks = (Look("lvk:S1", "1", field, T0),) if draw(st.booleans()) else ()
    event = EventToPlan("lvk:S1", 1, SKY, T0, visits=visits)
    slack = draw(st.sampled_from([0.0, 600.0]))
    return PlanRequest((event,), network, T0, T0 + timedelta(hours=20), looks=looks, slack_s=slack)


def check(made: Plan, request: PlanRequest, sky: SkyMap) -> None:
    curve = ProbabilityCurve.of(sky)
    for visit in request.events[0].visits:
        covered = Ranges.union_of(look.ranges for look in request.looks if look.visit == visit.name)
        for p in (p for p in made.pointings if p.visit == visit.name):
            own, new = curve.probability(p.ranges), curve.probability(p.ranges.minus(covered))
            assert new >= 0.5 * own > 0
            assert abs(new - p.new_probability) < 1e-9
            covered = covered.union(p.ranges)
    for to_plan in request.telescopes:
        telescope = to_plan.telescope
        mine = [p for p in made.pointings if p.telescope == telescope.id]
        for p in mine:
            assert to_plan.free_from <= p.start and p.latest_end <= request.end
            assert not any(p.start < b.end and b.start < p.end for b in to_plan.busy)
            for b in to_plan.busy:
                gap_s = max((b.start - p.end).total_seconds(), (p.start - b.end).total_seconds())
                cosine = directions([p.ra_deg], [p.dec_deg])[0] @ directions([b.ra_deg], [b.dec_deg])[0]
                way_s = np.degrees(np.arccos(np.clip(cosine, -1, 1))) / (telescope.timing.slew_rate_deg_s or 1e9)
                assert gap_s >= way_s + 3.0 + 20.0 - 0.002
            for when in (p.start, p.end + timedelta(seconds=request.slack_s), p.latest_end):
                assert violation(telescope, p.filter, p.ra_deg, p.dec_deg, when) is None
        for before, after in pairwise(mine):
            away = directions([before.ra_deg], [before.dec_deg])[0] @ directions([after.ra_deg], [after.dec_deg])[0]
            slew_s = np.degrees(np.arccos(np.clip(away, -1, 1))) / (telescope.timing.slew_rate_deg_s or 1e9)
            assert (after.start - before.end).total_seconds() >= slew_s + 2.998
    assert {t.id for t in made.events[0].telescopes if t.idle_because is None} == {p.telescope for p in made.pointings}
    assert made.events[0].figures.planned <= made.events[0].figures.bound + 1e-9


# a failing request is readable as it is; shrinking it would take many minutes
@settings(
    max_examples=10,
    phases=[Phase.generate, Phase.explicit],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(skies(), requests())
def test_every_plan_keeps_the_laws_and_made_again_stays_as_it_is(sky: SkyMap, request: PlanRequest) -> None:
    made = plan(request, {SKY: sky})
    check(made, request, sky)
    again = plan(replace(request, previous=made.pointings), {SKY: sky})
    check(again, request, sky)
    assert {p.id for p in made.pointings} <= {p.id for p in again.pointings}
