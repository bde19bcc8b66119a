"""A real gateway on a real port over real services in memory: scheduler and sessions, without Ray and a database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from builders.dispatch import START, ToyPlanner, a_curve, a_planned, a_telescope, an_alert, cells
from coordinator.dispatch.facts import TelescopeStatusChanged
from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.door import Door
from coordinator.gateway.loopback import LoopbackDesk, no_such_telescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from coordinator.services.command_log import CommandLog
from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.scheduler import Scheduler
from coordinator.services.session_state import SessionState
from coordinator.services.settings import SessionSettings
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.state import ObservatoryState
from coordinator.services.telescope_session import TelescopeSession
from telescopes.description.clocks import MonotonicClock
from telescopes.description.messages import Detection, ItemResult
from telescopes.description.states import PointingState

HEARTBEAT_S = 0.2


class DetectionBox:
    """A vetter that only keeps."""

    def __init__(self) -> None:
        self.kept: dict[str, Detection] = {}

    async def store(self, telescope_id: str, detections: object) -> tuple[ItemResult, ...]:
        """Keep each once."""
        results = []
        for one in detections:  # type: ignore[attr-defined]
            known = self.kept.setdefault(one.detection_id, one) is not one
            results.append(ItemResult(one.detection_id, 6 if known else 0))
        return tuple(results)


@dataclass
class LiveGateway:
    """Telescopes of the given names; `offered` pointings wait for each, by turns of its own."""

    offered: int = 6
    names: tuple[str, ...] = ("tel-a", "tel-b")
    keep_commands: int = 2000
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    vetter: DetectionBox = field(default_factory=DetectionBox)
    sessions: dict[str, TelescopeSession] = field(default_factory=dict)
    address: str = ""
    door: Door | None = None

    @property
    def state(self) -> ObservatoryState:
        """What the journal says, folded here and now."""
        state = ObservatoryState()
        for stored in self.journal.stored:
            state.apply(stored)
        return state

    def states(self, telescope: str) -> dict[str, PointingState]:
        """Where a telescope's pointings stand."""
        every = self.state.pointings.assignments
        return {i: a.state for i, a in sorted(every.items()) if a.telescope == telescope}

    def _planner(self) -> ToyPlanner:
        many = len(self.names)
        fields = [
            a_planned(f"{name}-{i}", name, 300.0 + 200.0 * i, cells(many * i + n, many * i + n))
            for n, name in enumerate(self.names)
            for i in range(self.offered)
        ]
        return ToyPlanner({"sky-1": a_curve([1.0] * max(12, many * self.offered + 1))}, fields)

    def utc(self) -> datetime:
        """Return the time on everybody's wall: it was START when this was made."""
        return START + timedelta(seconds=self._link.now() - self._began)

    def __post_init__(self) -> None:
        self._link = MonotonicClock()
        self._began = self._link.now()
        self._tokens = count(1000)
        self.telescopes = {n: a_telescope(n, acceptance_s=600.0, lease_s=600.0) for n in self.names}
        self.scheduler = Scheduler(
            journal=self.journal,
            blobs=InMemoryBlobs(),
            planner=self._planner(),
            telescopes=self.telescopes,
            clock=JournaledSkyClock(self.utc),
            link=self._link,
        )

    def _a_session(self, name: str) -> TelescopeSession:
        return TelescopeSession(
            telescope=self.telescopes[name],
            journal=self.journal,
            scheduler=self.scheduler,
            vetter=self.vetter,
            clock=JournaledSkyClock(self.utc),
            link=self._link,
            utc=self.utc,
            token=lambda: f"token{next(self._tokens)}",
            settings=SessionSettings(heartbeat_s=HEARTBEAT_S),
            state=SessionState(log=CommandLog(keep=self.keep_commands)),
        )

    def _port(self, telescope_id: str) -> TelescopeSession:
        if telescope_id not in self.sessions:
            raise no_such_telescope(telescope_id)
        return self.sessions[telescope_id]

    async def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start everything; return what runs."""
        await self.scheduler.start()
        running = [tasks.create_task(self.scheduler.run())]
        for name in self.telescopes:
            self.sessions[name] = self._a_session(name)
            await self.sessions[name].start()
            running.append(tasks.create_task(self.sessions[name].run()))
        service = TelescopeService(
            self._port,
            sky_clock=lambda: self.sessions[self.names[0]].clock.reading(),
            utc_now=self.utc,
            timing=StreamTiming(HEARTBEAT_S, lambda: 0.5),
        )
        desk = OperatorService(LoopbackDesk({}, START))
        self.server = GatewayServer("127.0.0.1", 0, service, desk, self.door)
        self.address = f"127.0.0.1:{await self.server.start()}"
        return running

    async def link_up(self) -> None:
        """Let every telescope be there, and an alert come in: pointings are offered."""
        for name, session in self.sessions.items():
            there = TelescopeStatusChanged("up", safe=True)
            await session.writer.append([entry_of("telescope_status_changed", there, sky_time=START, telescope=name)])
        writer = await Writer.elected(self.journal, "source/files")
        alert = an_alert()
        await writer.append([entry_of("alert_received", alert, sky_time=START, event=alert.event_key)])
        async with asyncio.timeout(90.0):
            while len(self.state.pointings.assignments) < len(self.names) * self.offered:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def live_gateway(**changes: Any) -> AsyncIterator[LiveGateway]:
    """Serve, with pointings offered to both telescopes."""
    live = LiveGateway(**changes)
    async with asyncio.TaskGroup() as tasks:
        running = await live.start(tasks)
        try:
            await live.link_up()
            yield live
        finally:
            await live.server.stop(grace_s=0.5)
            for task in running:
                task.cancel()
