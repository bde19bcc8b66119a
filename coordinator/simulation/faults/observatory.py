"""The coordinator of a fault world: the shipped services over a journal in memory, each of which may die."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np

from coordinator.services.journal import InMemoryBlobs, Journal
from coordinator.services.ports import PlannerPort
from coordinator.services.scheduler import Scheduler
from coordinator.services.session_state import read_session, write_session
from coordinator.services.settings import SchedulerSettings, SessionSettings
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.snapshot import InMemorySnapshots, SnapshotKeeper
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import read_state, write_state
from coordinator.services.telescope_session import TelescopeSession
from coordinator.services.vetter import Vetter, VetterSettings
from coordinator.services.vetter_snapshot import read_vetter, write_vetter
from coordinator.simulation.faults.parts import Parts
from coordinator.simulation.faults.site import HEARTBEAT_S, REVIVED_AFTER_S
from coordinator.simulation.faults.stage import skymap
from coordinator.simulation.kept import Kept
from coordinator.simulation.memory_observatory import SchedulerDoor, VetterDoor
from coordinator.sky.skymap import SkyMap
from telescopes.description.clocks import LinkClock
from telescopes.description.telescope import Telescope

SNAPSHOT_EVERY = 50
"""Often, so that whoever dies starts from a snapshot."""
SCHEDULING = SchedulerSettings(
    tick_s=10.0,
    plan_hours=0.25,
    least_plan_interval_s=10.0,
    restart_grace_s=5.0,
    visits=("1",),
    objective="probability",
)
VETTING = VetterSettings(collect_s=8.0, rehearses=False)


class FaultObservatory:
    """Scheduler, vetter, and a session for each telescope.

    Parameters
    ----------
    parts, journal, planner, telescopes
        What it is built of, and whom it serves.
    utc, clock, rng
        True time, link time and chance.
    """

    def __init__(
        self,
        parts: Parts,
        journal: Journal,
        planner: PlannerPort,
        telescopes: dict[str, Telescope],
        *,
        utc: Callable[[], datetime],
        clock: LinkClock,
        rng: np.random.Generator,
    ) -> None:
        self._parts, self._journal, self._planner, self._telescopes = parts, journal, planner, telescopes
        self._utc, self._clock, self._rng = utc, clock, rng
        self._blobs = InMemoryBlobs()
        self._snapshots: dict[str, InMemorySnapshots] = {}
        self.scheduler = Kept("scheduler", self._a_scheduler, REVIVED_AFTER_S)
        self.vetter = Kept("vetter", self._a_vetter, REVIVED_AFTER_S)
        self.door = SchedulerDoor(self.scheduler)
        self.sessions = {t: self._kept_session(one) for t, one in telescopes.items()}

    def services(self) -> dict[str, Kept[Any]]:
        """Return everybody here who may die, by name."""
        sessions = {f"telescope/{t}": one for t, one in self.sessions.items()}
        return {"scheduler": self.scheduler, "vetter": self.vetter, **sessions}

    def scheduler_hash(self) -> str | None:
        """Return the hash of the state that the scheduler works with; None: it is away."""
        scheduler = self.scheduler.service
        return None if scheduler is None else scheduler.state.hash()

    def _kept_of(self, role: str) -> InMemorySnapshots:
        """Find a role's snapshots, which outlive its service."""
        return self._snapshots.setdefault(role, InMemorySnapshots())

    def _a_scheduler(self) -> Scheduler:
        return self._parts.scheduler(
            journal=self._journal,
            blobs=self._blobs,
            planner=self._planner,
            telescopes=self._telescopes,
            clock=JournaledSkyClock(self._utc),
            link=self._clock,
            state=ObservatoryState(pointings=self._parts.book()),
            settings=SCHEDULING,
            snapshots=SnapshotKeeper(self._kept_of("scheduler"), write_state, read_state, SNAPSHOT_EVERY),
        )

    def _a_vetter(self) -> Vetter:
        keeper = SnapshotKeeper(self._kept_of("vetter"), write_vetter, read_vetter, SNAPSHOT_EVERY)
        sky_clock = JournaledSkyClock(self._utc)
        return self._parts.vetter(self._journal, self._blobs, sky_clock, _load_map, VETTING, snapshots=keeper)

    def _kept_session(self, telescope: Telescope) -> Kept[TelescopeSession]:
        return Kept(f"telescope {telescope.id}", lambda: self._a_session(telescope), REVIVED_AFTER_S)

    def _a_session(self, telescope: Telescope) -> TelescopeSession:
        return self._parts.session(
            telescope=telescope,
            journal=self._journal,
            scheduler=self.door,
            vetter=VetterDoor(self.vetter),
            clock=JournaledSkyClock(self._utc),
            link=self._clock,
            utc=self._utc,
            token=lambda: self._rng.bytes(4).hex(),
            settings=SessionSettings(heartbeat_s=HEARTBEAT_S),
            snapshots=SnapshotKeeper(self._kept_of(telescope.id), write_session, read_session, SNAPSHOT_EVERY),
        )


async def _load_map(sha256: str) -> SkyMap:
    return skymap(sha256)
