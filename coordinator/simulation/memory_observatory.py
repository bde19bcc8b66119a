"""The coordinator's services in one process: the same objects as in the real system, on a journal in memory."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import numpy as np

from coordinator.dispatch.facts import OperatorActed
from coordinator.planning.plan import Plan
from coordinator.planning.request import PlanRequest
from coordinator.services.assess import MapSummary
from coordinator.services.follow_ups import FollowUps
from coordinator.services.intake import Intake
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.planner import PlannerWork
from coordinator.services.ports import CombinedMap
from coordinator.services.scheduler import Scheduler
from coordinator.services.session_state import read_session, write_session
from coordinator.services.settings import SchedulerSettings, SessionSettings
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.snapshot import Folded, InMemorySnapshots, SnapshotKeeper
from coordinator.services.state_snapshot import read_state, write_state
from coordinator.services.telescope_session import TelescopeSession
from coordinator.services.vetter import Vetter, VetterSettings
from coordinator.services.vetter_snapshot import read_vetter, write_vetter
from coordinator.simulation.kept import Kept
from coordinator.simulation.patient_journal import PatientJournal
from coordinator.simulation.planning_door import PlansMade, as_asked
from coordinator.simulation.shared_maps import SharedWork, summarised
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.possible_looks import possible_looks
from telescopes.description.clocks import LinkClock
from telescopes.description.footprint import Footprint
from telescopes.description.messages import Detection, ItemResult, PointingReport
from telescopes.description.telescope import Telescope

SOURCE = "simulation"

S = TypeVar("S", bound=Folded)


@dataclass(frozen=True, slots=True)
class Pace:
    """How the services of a simulated night work; link time, which is sky time here.

    Attributes
    ----------
    planning_s : float
        What a plan takes.
    informed : bool
        The vetter knows what each telescope could do, and asks for the look that tells most; else for the next one.
    one_way_s : tuple of float
        Least and most that a message between agent and coordinator takes.
    patient : bool
        Whoever follows the journal sleeps until something comes.
    snapshot_every : int
        Entries from one snapshot to the next: few, so that whoever is killed in a simulated night starts from one.
    """

    scheduler: SchedulerSettings = field(default_factory=lambda: SchedulerSettings(tick_s=5.0))
    vetter: VetterSettings = field(default_factory=VetterSettings)
    session: SessionSettings = field(default_factory=lambda: SessionSettings(heartbeat_s=30.0, lease_s=90.0))
    planning_s: float = 1.0
    informed: bool = False
    one_way_s: tuple[float, float] = (0.01, 0.2)
    patient: bool = False
    snapshot_every: int = 100


@dataclass
class MemoryPlanner:
    """The planner's work at the port's door; it takes its time, and counts the CPU that it needs."""

    work: PlannerWork
    planning_s: float
    made_by: PlansMade = as_asked
    plans: int = 0
    cpu_s: float = 0.0

    async def plan(self, request: PlanRequest) -> Plan:
        """Make a plan."""
        began_s = time.process_time()
        made = self.made_by(request, self.work.plan)
        self.plans += 1
        self.cpu_s += time.process_time() - began_s
        await asyncio.sleep(self.planning_s)
        return made

    async def curve(self, skymap_sha256: str) -> ProbabilityCurve:
        """Return a sky map as cumulative probability."""
        return self.work.curve(skymap_sha256)

    async def ranges_of(self, footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float) -> Ranges:
        """Say which sky a footprint covers there."""
        return self.work.ranges_of(footprint, ra_deg, dec_deg, position_angle_deg)

    async def overlap(self, one: str, other: str) -> float:
        """Say how well two sky maps agree."""
        return self.work.overlap(one, other)

    async def combined(self, skymaps: tuple[str, ...]) -> CombinedMap:
        """Combine sky maps of one source."""
        return self.work.combined(skymaps)


@dataclass(frozen=True, slots=True)
class SchedulerDoor:
    """The scheduler that lives now."""

    kept: Kept[Scheduler]

    async def report(self, telescope_id: str, reports: Sequence[PointingReport]) -> tuple[ItemResult, ...]:
        """Hand over reports."""
        return await self.kept.ask(lambda scheduler: scheduler.report(telescope_id, reports))

    async def act(self, action: OperatorActed) -> int:
        """Hand over a person's decision."""
        return await self.kept.ask(lambda scheduler: scheduler.act(action))


@dataclass(frozen=True, slots=True)
class VetterDoor:
    """The vetter that lives now."""

    kept: Kept[Vetter]

    async def store(self, telescope_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand over detections."""
        return await self.kept.ask(lambda vetter: vetter.store(telescope_id, detections))


class MemoryObservatory:
    """Journal, scheduler, vetter, a session for each telescope, and an intake.

    Parameters
    ----------
    telescopes, pace
        Whom it serves, and how.
    planning
        Answers what the scheduler asks its planner for.
    utc, link, rng
        Time and chance.
    """

    def __init__(
        self,
        telescopes: Sequence[Telescope],
        pace: Pace,
        *,
        utc: Callable[[], datetime],
        link: LinkClock,
        rng: np.random.Generator,
        planning: PlansMade = as_asked,
    ) -> None:
        self.telescopes = {t.id: t for t in telescopes}
        self.journal, self.blobs = PatientJournal() if pace.patient else InMemoryJournal(), InMemoryBlobs()
        self.work = SharedWork(self.blobs.data.__getitem__)
        self.planner = MemoryPlanner(self.work, pace.planning_s, planning)
        self._pace, self._utc, self._link, self._rng = pace, utc, link, rng
        self._snapshots: dict[str, InMemorySnapshots] = {}
        self.scheduler = Kept("scheduler", self._scheduler)
        self.vetter = Kept("vetter", self._vetter)
        self.sessions = {t: self._kept_session(one) for t, one in self.telescopes.items()}
        self.door = SchedulerDoor(self.scheduler)

    def clock(self) -> JournaledSkyClock:
        """A sky clock as each service has its own."""
        return JournaledSkyClock(self._utc)

    async def intake(self) -> Intake:
        """Open the door for alerts."""
        writer = await Writer.elected(self.journal, f"source/{SOURCE}")
        return Intake(writer, self.blobs, self.clock(), _read_map, SOURCE)

    def _scheduler(self) -> Scheduler:
        return Scheduler(
            journal=self.journal,
            blobs=self.blobs,
            planner=self.planner,
            telescopes=self.telescopes,
            clock=self.clock(),
            link=self._link,
            settings=self._pace.scheduler,
            snapshots=self._keeper("scheduler", write_state, read_state),
        )

    def _vetter(self) -> Vetter:
        keeper = self._keeper("vetter", write_vetter, read_vetter)
        asks = FollowUps(possible_looks(self.telescopes.values()) if self._pace.informed else ())
        pace = self._pace.vetter
        return Vetter(self.journal, self.blobs, self.clock(), self._load_map, pace, snapshots=keeper, follow_ups=asks)

    def _keeper(
        self, role: str, write: Callable[[S, str], bytes], read: Callable[[bytes, str], S]
    ) -> SnapshotKeeper[S]:
        """Keep a role's snapshots, which outlive its service."""
        kept = self._snapshots.setdefault(role, InMemorySnapshots())
        return SnapshotKeeper(kept, write, read, self._pace.snapshot_every)

    def _kept_session(self, telescope: Telescope) -> Kept[TelescopeSession]:
        return Kept(f"telescope {telescope.id}", lambda: self._session(telescope))

    def _session(self, telescope: Telescope) -> TelescopeSession:
        return TelescopeSession(
            telescope=telescope,
            journal=self.journal,
            scheduler=self.door,
            vetter=VetterDoor(self.vetter),
            clock=self.clock(),
            link=self._link,
            utc=self._utc,
            token=lambda: self._rng.bytes(8).hex(),
            settings=self._pace.session,
            snapshots=self._keeper(telescope.id, write_session, read_session),
        )

    async def _load_map(self, sha256: str) -> SkyMap:
        return self.work.skymap(sha256)


async def _read_map(data: bytes) -> MapSummary:
    return summarised(data)
