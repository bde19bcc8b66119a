"""A scheduler on virtual time, driven through its doors and its journal."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from builders.dispatch import START, ToyPlanner
from coordinator.alerts.alert import Alert
from coordinator.dispatch.facts import SessionOpened, TelescopeStatusChanged
from coordinator.services.facts import entry_of
from coordinator.services.journal import Blobs, InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.scheduler import Scheduler
from coordinator.services.settings import SchedulerSettings
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.state import ObservatoryState
from coordinator.simulation.virtual_loop import LoopClock, run_virtual, virtual_utc
from coordinator.vetting.facts import FollowUpEnded, FollowUpRequested
from telescopes.description.states import PointingState, Reason
from telescopes.description.telescope import Telescope


@dataclass
class Bench:
    """One scheduler, its journal, and hands to feed it."""

    loop: asyncio.AbstractEventLoop
    telescopes: list[Telescope]
    planner: ToyPlanner
    settings: SchedulerSettings = field(default_factory=SchedulerSettings)
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    blobs: Blobs = field(default_factory=InMemoryBlobs)

    def a_scheduler(self) -> Scheduler:
        """A scheduler that knows nothing yet."""
        return Scheduler(
            journal=self.journal,
            blobs=self.blobs,
            planner=self.planner,
            telescopes={t.id: t for t in self.telescopes},
            clock=JournaledSkyClock(virtual_utc(self.loop, START)),
            link=LoopClock(self.loop),
            settings=self.settings,
        )

    async def start(self) -> None:
        """Start the scheduler, with every telescope's link up."""
        for one in self.telescopes:
            await self.link(one.id, "up")
        await self.restart()

    async def restart(self) -> None:
        """Kill the scheduler where it stands, and start another on the same journal."""
        if hasattr(self, "task"):
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        self.scheduler = self.a_scheduler()
        await self.scheduler.start()
        self.task = asyncio.create_task(self.scheduler.run())

    async def alert(self, alert: Alert) -> None:
        """Let an alert come in."""
        entry = entry_of("alert_received", alert, sky_time=START, event=alert.event_key)
        await self._write("source/files", entry)

    async def follow_up(self, wanted: FollowUpRequested) -> None:
        """Let the vetter ask for a look at a candidate."""
        entry = entry_of("follow_up_requested", wanted, sky_time=START, event=wanted.event, subject=wanted.candidate)
        await self._write("vetter", entry)

    async def end_look(self, wanted: FollowUpRequested) -> None:
        """Let the vetter ask for a look no more."""
        fact = FollowUpEnded(wanted.event, wanted.candidate, wanted.visit, "hopeless")
        entry = entry_of("follow_up_ended", fact, sky_time=START, event=wanted.event, subject=wanted.candidate)
        await self._write("vetter", entry)

    async def link(self, telescope: str, link: str, *blocking: Reason) -> None:
        """Let a telescope's status change."""
        fact = TelescopeStatusChanged(link, safe=True, blocking_reasons=blocking)
        await self._write(
            f"telescope/{telescope}", entry_of("telescope_status_changed", fact, sky_time=START, telescope=telescope)
        )

    async def status(self, telescope: str, **said: object) -> None:
        """Let a telescope report how it is; it is up and safe unless that is said otherwise."""
        fact = TelescopeStatusChanged(**{"link": "up", "safe": True} | said)  # type: ignore[arg-type]
        await self._write(
            f"telescope/{telescope}", entry_of("telescope_status_changed", fact, sky_time=START, telescope=telescope)
        )

    async def session(self, telescope: str, epoch: int) -> None:
        """Let an agent open a session."""
        fact = SessionOpened(f"{telescope}:{epoch}:x", epoch, "boot", "0", "", ("simulated",))
        await self._write(
            f"telescope/{telescope}", entry_of("session_opened", fact, sky_time=START, telescope=telescope)
        )

    async def _write(self, role: str, entry: object) -> None:
        writer = await Writer.elected(self.journal, role)
        await writer.append([entry])  # type: ignore[list-item]

    async def settle(self, seconds: float = 2.0) -> None:
        """Let virtual time pass."""
        await asyncio.sleep(seconds)

    @property
    def state(self) -> ObservatoryState:
        """What the journal says, folded here and now."""
        state = ObservatoryState()
        for stored in self.journal.stored:
            state.apply(stored)
        return state

    def states(self) -> dict[str, PointingState]:
        """Where every pointing stands."""
        return {i: a.state for i, a in sorted(self.state.pointings.assignments.items())}


def on_bench(
    telescopes: list[Telescope],
    planner: ToyPlanner,
    play: Callable[[Bench], Awaitable[None]],
    settings: SchedulerSettings | None = None,
) -> Bench:
    """Play a scene with a running scheduler on virtual time; return the bench for a last look."""

    async def main(loop: asyncio.AbstractEventLoop) -> Bench:
        bench = Bench(loop, telescopes, planner, settings or SchedulerSettings())
        await bench.start()
        try:
            await play(bench)
        finally:
            bench.task.cancel()
            await asyncio.gather(bench.task, return_exceptions=True)
        return bench

    return run_virtual(main)


def later(seconds: float) -> timedelta:
    """So many seconds."""
    return timedelta(seconds=seconds)
