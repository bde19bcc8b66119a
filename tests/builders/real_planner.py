"""A scheduler with a planner that plans in earnest, for two telescopes that do what they are asked."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from builders.dispatch import ToyPlanner, a_report, an_alert
from builders.observatory import Bench, on_bench
from builders.plans import SKY, a_busy_telescope, a_round_sky
from coordinator.planning.make import plan
from coordinator.planning.plan import Plan
from coordinator.planning.request import PlanRequest
from coordinator.services.settings import SchedulerSettings
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.ranges import Ranges
from telescopes.description.footprint import Footprint
from telescopes.description.states import PointingState as S
from telescopes.description.telescope import Link, Site

EVENT = "lvk:S1"
PATIENT = Link(acceptance_s=7200.0, lease_s=7200.0, horizon_s=600.0)
ONE, OTHER = (replace(a_busy_telescope(Site(0.0, 0.0)), id=name, link=PATIENT) for name in ("one", "other"))
"""At START it is dark there, and RA 120 stands high; nobody is in a hurry to answer."""

SHORT = SchedulerSettings(plan_hours=1.0, least_plan_interval_s=4.0)


class RealPlanner(ToyPlanner):
    """Plans in earnest, of one small map."""

    sky = a_round_sky((120.0, 5.0), sigma_deg=2.0)

    async def plan(self, request: PlanRequest) -> Plan:
        self.requests.append(request)
        return plan(request, {SKY: self.sky})

    async def curve(self, skymap_sha256: str) -> ProbabilityCurve:
        return ProbabilityCurve.of(self.sky)

    async def ranges_of(self, footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float) -> Ranges:
        return footprint_ranges(footprint, ra_deg, dec_deg, position_angle_deg)


def played(play: Callable[[Bench], Awaitable[None]]) -> Bench:
    async def scene(bench: Bench) -> None:
        await bench.alert(an_alert(sky=SKY))
        await bench.settle(5.0)
        await play(bench)

    return on_bench([ONE, OTHER], RealPlanner({}), scene, SHORT)


async def obeyed(bench: Bench, seconds: float) -> None:
    """Let time pass, and let telescopes give back what they are asked for."""
    for turn in range(int(seconds / 5.0)):
        await bench.settle(5.0)
        for one in list(bench.state.pointings.live()):
            if one.revocation is not None:
                await bench.scheduler.report(one.telescope, [a_report(one.id, S.REVOKED, 100 + turn)])
