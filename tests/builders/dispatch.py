"""A toy network and a toy planner, for tests of who owns what."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose
from coordinator.planning.plan import Changes, EventPlan, Figures, Plan, PlannedPointing
from coordinator.planning.request import PlanRequest
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.errors import ArmillaryError, Broken
from telescopes.description.footprint import Footprint, Rectangle
from telescopes.description.messages import PointingReport
from telescopes.description.states import PointingState
from telescopes.description.telescope import Instrument, Link, Observing, Site, Telescope

START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
TOY_ORDER = 3
BLOCK = 1 << (2 * (RANGE_ORDER - TOY_ORDER))
TOY_CELLS = 12


def a_telescope(name: str = "tel-a", **link: float) -> Telescope:
    """A telescope with one square field."""
    return Telescope(
        id=name,
        name=name,
        site=Site(0.0, 0.0),
        instruments=(Instrument("main", ("g", "r"), Rectangle(1.0, 1.0)),),
        observing=Observing(exposure_s=60.0),
        link=Link(**{"reaction_s": 1.0, "horizon_s": 1800.0, "acceptance_s": 5.0, "lease_s": 10.0} | link),  # type: ignore[arg-type]
    )


def cells(first: int, last: int) -> Ranges:
    """Toy cells ``first..last``, both included: each is one nested pixel of order 3."""
    return Ranges.of(np.array([first * BLOCK]), np.array([(last + 1) * BLOCK]))


def a_curve(weights: list[float], distance_mpc: float | None = None) -> ProbabilityCurve:
    """A sky map over the toy cells; all of it as far away, to a tenth."""
    total = np.r_[0.0, np.cumsum(weights)] / sum(weights)
    edge = np.arange(len(weights) + 1, dtype=np.int64) * BLOCK
    if distance_mpc is None:
        return ProbabilityCurve(edge, total)
    mu = np.full(len(weights), distance_mpc)
    return ProbabilityCurve(edge, total, mu, mu / 10.0)


def a_planned(
    name: str,
    telescope: str,
    start_s: float,
    where: Ranges,
    *,
    length_s: float = 60.0,
    event: str = "lvk:S1",
    visit: str = "1",
    limit_mag_ab: float | None = None,
) -> PlannedPointing:
    """A planned pointing that starts so many seconds after START."""
    start = START + timedelta(seconds=start_s)
    end = start + timedelta(seconds=length_s)
    return PlannedPointing(
        id=name,
        event=event,
        event_revision=1,
        telescope=telescope,
        instrument="main",
        ra_deg=10.0,
        dec_deg=20.0,
        position_angle_deg=0.0,
        start=start,
        end=end,
        latest_end=end + timedelta(hours=1),
        filter="r",
        exposure_s=60.0,
        count=1,
        visit=visit,
        limit_mag_ab=limit_mag_ab,
        probability=0.1,
        new_probability=0.1,
        value=0.1,
        new_value=0.1,
        altitude_deg=50.0,
        airmass=1.3,
        why="",
        priority=50,
        ranges=where,
    )


def an_alert(
    number: int = 1, *, phase: Phase = Phase.PRELIMINARY, sky: str | None = "sky-1", key: str = "lvk:S1"
) -> Alert:
    """An LVK alert; `number` orders it."""
    where = Localization("none") if sky is None else Localization("multiorder", skymap_sha256=sky)
    return Alert(
        source="files",
        format="lvk-json",
        stream="lvk",
        notice_id=f"{key}:{number}",
        event_key=key,
        name=key.partition(":")[2],
        messenger="GW",
        phase=phase,
        stage=phase.value.upper(),
        purpose=Purpose.OBSERVATION,
        t0=START,
        t_issued=START + timedelta(seconds=number),
        raw_sha256=f"raw-{key}-{number}",
        localization=where,
        significant=True,
    )


def a_report(pointing: str, state: PointingState, number: int, **said: object) -> PointingReport:
    """A report; `number` is its agent's own count."""
    return PointingReport(
        report_id=f"r-{pointing}-{number}",
        pointing_id=pointing,
        revision=1,
        state=state,
        report_time=START,
        agent_seq=number,
        **said,  # type: ignore[arg-type]
    )


@dataclass
class ToyPlanner:
    """A PlannerPort that plans what it is told to; `fields` are handed out once each request asks for a plan.

    `wrong` is what is raised instead of a plan; skies in `damaged` cannot be read; reading one takes `takes_s`.
    """

    skies: dict[str, ProbabilityCurve]
    fields: list[PlannedPointing] = field(default_factory=list)
    requests: list[PlanRequest] = field(default_factory=list)
    wrong: ArmillaryError | None = None
    damaged: set[str] = field(default_factory=set)
    takes_s: float = 0.0

    async def plan(self, request: PlanRequest) -> Plan:
        """Return the fields that are still ahead, for the telescopes that are open."""
        self.requests.append(request)
        if self.wrong is not None:
            raise self.wrong
        open_ = {t.telescope.id for t in request.telescopes if t.closed_because is None}
        ahead = tuple(f for f in self.fields if f.start >= request.start and f.telescope in open_)
        events = tuple(
            EventPlan(
                key=e.key,
                revision=e.revision,
                objective="probability",
                t0=e.t0,
                skymap_sha256=e.skymap_sha256,
                area50_deg2=1.0,
                area90_deg2=2.0,
                distance_mpc=None,
                visits=(),
                figures=Figures(1.0, 0.5, None, 1.0, "visible", None, 0.0, 0),
                changes=Changes(added=len(ahead)),
                telescopes=(),
                pointings=tuple(f for f in ahead if f.event == e.key),
                curve=self.skies[e.skymap_sha256],
            )
            for e in request.events
        )
        return Plan(request.start, request.end, events)

    async def curve(self, skymap_sha256: str) -> ProbabilityCurve:
        """Return a sky by name."""
        await asyncio.sleep(self.takes_s)
        if skymap_sha256 in self.damaged:
            raise Broken("is not what was stored", where=skymap_sha256, mend="restore the blob")
        return self.skies[skymap_sha256]

    async def ranges_of(self, footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float) -> Ranges:
        """A toy field that is elsewhere covers the last cell."""
        return cells(TOY_CELLS - 1, TOY_CELLS - 1)
