"""A vetter on virtual time, on a journal in memory."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from builders.vetting import CENTRE, T0, a_sky, an_event
from coordinator.dispatch.facts import PointingMoved, PointingOffered
from coordinator.events.event import Event
from coordinator.services.facts import entry_of
from coordinator.services.journal import Entry, InMemoryBlobs, InMemoryJournal, Stored, Tail, Writer
from coordinator.services.vetter import Vetter, VetterSettings
from coordinator.simulation.virtual_loop import run_virtual
from coordinator.sky.regions import credible_ranges
from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import ArmillaryError, Refused, RetryLater
from telescopes.description.messages import Detection, Exposure, ExposureResult, ItemResult, Pointing, PointingReport
from telescopes.description.states import PointingState

SKY = a_sky()
TELESCOPE = "t1"


@dataclass
class LoopSky:
    """Sky time that runs with the loop, ten hours after the event at its start."""

    loop: asyncio.AbstractEventLoop
    rate: float = 1.0

    def now(self) -> datetime:
        return T0 + timedelta(hours=10, seconds=self.loop.time())


AWAY = RetryLater("the journal is away", where="journal", mend="try again", after_s=0.1)


@dataclass
class FaintJournal(InMemoryJournal):
    """Keeps what the vetter appends for the nth time, and loses the answer; its followers hear nothing for a while.

    `kind`: only appends that hold such an entry count; None: all but elections. `keeps`: or it keeps nothing.
    """

    nth: int = 0
    kind: str | None = None
    keeps: bool = True
    appended: int = 0
    away_until: float = 0.0

    async def append(self, entries: Sequence[Entry], *, writer: str, **named: Any) -> tuple[Stored, ...]:
        mine = writer == "vetter" and any(e.kind == self.kind or self.kind is None for e in entries)
        self.appended += mine and all(e.kind != "writer_elected" for e in entries)
        faint = mine and self.appended == self.nth > 0
        if faint:
            self.nth = 0
            self.away_until = asyncio.get_running_loop().time() + 0.2
        stored = await super().append(entries, writer=writer, **named) if self.keeps or not faint else ()
        if faint:
            raise AWAY
        return stored

    async def follow(self, after_seq: int, **named: Any) -> Tail:
        tail = await super().follow(after_seq, **named)
        if asyncio.get_running_loop().time() < self.away_until:
            raise AWAY
        return tail


@dataclass
class Bench:
    """A vetter on its journal, and hands to feed it."""

    loop: asyncio.AbstractEventLoop
    settings: VetterSettings = field(default_factory=VetterSettings)
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    blobs: InMemoryBlobs = field(default_factory=InMemoryBlobs)
    maps: dict[str, SkyMap] = field(default_factory=lambda: {"a" * 64: SKY})
    busy_loads: int = 0
    wrong: ArmillaryError = field(default_factory=lambda: Refused("is no sky map", where="map", mend="send another"))

    async def load_map(self, sha256: str) -> SkyMap:
        if self.busy_loads:
            self.busy_loads -= 1
            raise RetryLater("the folder is busy", where=sha256, mend="wait", after_s=2.0)
        if sha256 not in self.maps:
            raise self.wrong
        return self.maps[sha256]

    async def start(self) -> "Bench":
        self.scheduler = await Writer.elected(self.journal, "scheduler")
        await self.restart()
        return self

    async def restart(self) -> None:
        """Kill the vetter where it stands, and start another on the same journal."""
        await self.kill()
        self.vetter = Vetter(self.journal, self.blobs, LoopSky(self.loop), self.load_map, self.settings)
        await self.vetter.start()
        self.task = asyncio.create_task(self.vetter.run())

    async def kill(self) -> None:
        if hasattr(self, "task"):
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def say(self, kind: str, fact: Any, **fields: Any) -> None:
        await self.scheduler.append([entry_of(kind, fact, sky_time=LoopSky(self.loop).now(), **fields)])

    async def event(self, event: Event | None = None) -> None:
        event = event or an_event()
        await self.say("event_retracted" if event.retracted else "event_revised", event, event=event.key)

    async def pointing(self, id: str = "p1", *, event: str = "lvk:S1", visit: str = "1") -> None:
        await self.say("pointing_offered", a_pointing(id, event, visit), event=event, telescope=TELESCOPE)

    async def observed(self, id: str, hours: float, limit: float = 19.5) -> None:
        start = T0 + timedelta(hours=hours)
        shot = ExposureResult(0, "r", start, start + timedelta(minutes=1), 60.0, limit)
        report = PointingReport(f"r-{id}", id, 1, PointingState.COMPLETED, start, 1, exposures=(shot,))
        await self.say("pointing_completed", PointingMoved(id, PointingState.COMPLETED, report=report))

    async def send(self, *detections: Detection) -> tuple[ItemResult, ...]:
        return await self.vetter.store(TELESCOPE, detections)

    async def settle(self, seconds: float = 5.0) -> None:
        await asyncio.sleep(seconds)

    def entries(self, kind: str) -> list[dict[str, Any]]:
        return [s.entry.body for s in self.journal.stored if s.entry.kind == kind]

    def newest(self) -> dict[str, Any]:
        return self.entries("candidates_scored")[-1]


def a_pointing(id: str, event: str, visit: str) -> PointingOffered:
    start = T0 + timedelta(hours=8)
    pointing = Pointing(
        pointing_id=id,
        revision=1,
        plan_id="plan",
        event_id=event,
        event_revision=1,
        telescope_id=TELESCOPE,
        instrument_id="main",
        visit=visit,
        ra_deg=CENTRE[0],
        dec_deg=CENTRE[1],
        position_angle_deg=0.0,
        window_start=start,
        window_end=start + timedelta(hours=1),
        planned_start=start,
        exposures=(Exposure("r", 60.0),),
        accept_within_s=30.0,
        limit_mag_ab=19.5,
    )
    ranges = credible_ranges(SKY, 0.9).encode()
    return PointingOffered(pointing, 1, start + timedelta(minutes=2), ranges, 0.9, 0.9, 0.9, 0.9)


def on_bench(story: Callable[[Bench], Awaitable[None]], **parts: Any) -> Bench:
    """Run a story on virtual time; return the bench to look at."""

    async def main(loop: asyncio.AbstractEventLoop) -> Bench:
        bench = await Bench(loop, **parts).start()
        try:
            await story(bench)
            assert not bench.task.done(), bench.task
        finally:
            await bench.kill()
        return bench

    return run_virtual(main)
