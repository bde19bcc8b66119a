"""A plan is the same plan on the other side of a process's door."""

import pickle
from datetime import timedelta

import pytest
from builders.dispatch import START, a_curve, a_planned, cells

from coordinator.actors.plan_parcel import PlanParcel, packed, unpacked
from coordinator.planning.plan import Changes, EventPlan, Figures, Plan, PlannedPointing
from coordinator.services.plan_record import plan_record

HERE = cells(4, 5)


def a_plan(*pointings: PlannedPointing) -> Plan:
    event = EventPlan(
        key="event",
        revision=1,
        objective="probability",
        t0=START,
        skymap_sha256="sky",
        area50_deg2=1.0,
        area90_deg2=2.0,
        distance_mpc=None,
        visits=(),
        figures=Figures(1.0, 0.5, None, 1.0, "visible", None, 0.0, 0),
        changes=Changes(added=len(pointings)),
        telescopes=(),
        pointings=pointings,
        curve=a_curve([1.0] * 12),
    )
    return Plan(START, START + timedelta(hours=1), (event,))


@pytest.mark.parametrize(
    "pointings",
    [
        (),
        (a_planned("one", "tel-a", 300, cells(0, 1)), a_planned("other", "tel-b", 300, cells(2, 2))),
        (a_planned("first", "tel-a", 300, HERE), a_planned("again", "tel-b", 900, HERE)),
    ],
)
def test_a_plan_comes_out_of_its_parcel_with_the_sky_of_every_pointing(
    pointings: tuple[PlannedPointing, ...],
) -> None:
    plan = a_plan(*pointings)
    sent: PlanParcel = pickle.loads(pickle.dumps(packed(plan)))
    came = unpacked(sent)
    assert plan_record(came) == plan_record(plan)
    assert [p.ranges.encode() for p in came.pointings] == [p.ranges.encode() for p in plan.pointings]
