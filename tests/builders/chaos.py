"""A search by two real agents over a bad link, on virtual time: real session, real scheduler, a plan of toy fields.

A scene plays a schedule and returns what is left: the journal, what the witnesses at the sites saw, and who failed.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from builders.chaos_parts import AtOnce, Clumsy, Disk, LifeOf, NoVetter, WatchedStore
from builders.chaos_schedules import LASTS_S, TELESCOPES, Schedule, Spell
from builders.dispatch import START, TOY_CELLS, ToyPlanner, a_curve, a_planned, a_telescope, an_alert, cells
from coordinator.alerts.alert import Alert, Phase
from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import PointingMoved, PointingOffered
from coordinator.planning.plan import PlannedPointing
from coordinator.services.facts import entry_of, fact_of
from coordinator.services.journal import Entry, InMemoryBlobs, InMemoryJournal, Journal, Stored, Writer
from coordinator.services.scheduler import Scheduler
from coordinator.services.settings import SchedulerSettings, SessionSettings
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.state import ObservatoryState
from coordinator.services.telescope_session import TelescopeSession
from coordinator.simulation.faulty_link import Faults, FaultyLink
from coordinator.simulation.kept import Kept
from coordinator.simulation.laws import broken_laws
from coordinator.simulation.memory_link import MemoryLink, Way
from coordinator.simulation.memory_observatory import SchedulerDoor
from coordinator.simulation.memory_site import AgentProcess
from coordinator.simulation.owners import doubly_looked_at
from coordinator.simulation.truth import Happened, Lost, untrue
from coordinator.simulation.virtual_loop import LoopClock, VirtualLoop, run_virtual, virtual_utc
from coordinator.simulation.witness import WitnessDriver, Witnessed
from coordinator.store.journal import SqliteJournal
from telescopes.agent.agent import Agent
from telescopes.agent.held import Held
from telescopes.agent.link import CURSOR_AHEAD, CoordinatorLink
from telescopes.agent.outage import OutageLink
from telescopes.agent.safety import at_each
from telescopes.agent.sky_time import AgentSky
from telescopes.description.durations import altitude_deg
from telescopes.description.errors import ArmillaryError, Refused
from telescopes.description.messages import Capabilities, SessionRequest
from telescopes.description.states import Reason
from telescopes.description.telescope import Telescope, Timing
from telescopes.drivers.driver import Driver
from telescopes.drivers.simulated import SimulatedDriver
from telescopes.drivers.world import World

SLOT_S, FIELD_S, SLOTS = 65.0, 45.0, 9
ZENITH_RA_DEG = 100.0
"""Right ascension overhead at START and longitude 0, to some degrees."""

AT_REST_S = 400.0
REVIVED_AFTER_S = 3.0
TIMING = Timing(slew_rate_deg_s=5.0, settle_s=2.0, readout_s=2.0)
SKIES = {
    "sky-1": a_curve([1.0] * TOY_CELLS),
    "sky-2": a_curve([0.0, 0.0, *range(1, TOY_CELLS - 1)]),
}


def horizon(telescope: Telescope, filter_: str, ra_deg: float, dec_deg: float, when: datetime) -> Reason | None:
    """Site limits that cost nothing: the lowest altitude alone."""
    low = altitude_deg(telescope.site, ra_deg, dec_deg, when) < telescope.limits.min_altitude_deg
    return Reason.BELOW_HORIZON if low else None


def a_network() -> dict[str, Telescope]:
    """Two telescopes at one place."""
    every = [a_telescope(t, acceptance_s=20.0, lease_s=30.0, horizon_s=200.0) for t in TELESCOPES]
    return {t.id: replace(t, timing=TIMING) for t in every}


def fields_of(rng: np.random.Generator) -> list[PlannedPointing]:
    """Plan each telescope's slots: cells of the sky, some again and again, and some fields below the horizon."""
    planned = []
    for telescope in TELESCOPES:
        for slot in range(SLOTS):
            cell = int(rng.integers(0, TOY_CELLS))
            name = f"{telescope}-{slot}"
            below = rng.random() < 0.08
            ra_deg = ZENITH_RA_DEG + (180.0 if below else 4.0 * cell - 20.0) + 1e-4 * slot
            field_ = a_planned(name, telescope, 20.0 + SLOT_S * slot, cells(cell, cell), length_s=FIELD_S)
            planned.append(replace(field_, ra_deg=ra_deg, dec_deg=10.0, exposure_s=15.0, count=2))
    return planned


@dataclass
class Played:
    """What is left of a scene."""

    entries: tuple[Stored, ...]
    seen: Witnessed
    lost: tuple[Lost, ...]
    failures: dict[str, list[ArmillaryError]]
    refused: list[tuple[str, int, str]]
    left_open: list[str]
    unsent: int
    noticed_s: list[float]
    telescopes: dict[str, Telescope]
    clock_error_s: float
    ended: dict[str, datetime]
    transitions: Counter[str]
    foreign_cursors: list[str] = field(default_factory=list)

    def broken(self) -> list[str]:
        """Hold everything against everything."""
        happened = Happened(
            self.entries, self.seen, self.telescopes, self.ended, self.lost, timedelta(seconds=self.clock_error_s)
        )
        return [
            *broken_laws(self.entries, SKIES.__getitem__, self.telescopes),
            *doubly_looked_at(self.entries, SKIES.__getitem__),
            *untrue(happened),
            *self.foreign_cursors,
            *(f"{i} was refused with {code} {reason}" for i, code, reason in self.refused),
            *(f"{one} is open when all has ended" for one in self.left_open),
            *([f"{self.unsent} reports wait when all has ended"] if self.unsent else []),
        ]


@dataclass
class Site:
    """One telescope's agent, its memory and its line."""

    store: WatchedStore
    disk: Disk
    line: OutageLink
    link: FaultyLink
    agent: Kept[AgentProcess]
    clock_error_s: float = 0.0


@dataclass
class Scene:
    """Everything that a schedule may touch."""

    loop: VirtualLoop
    schedule: Schedule
    folder: Path | None = None
    limits: Callable[..., Reason | None] = horizon
    hands: Callable[[Driver], Driver] = lambda witness: witness
    line: Callable[[CoordinatorLink], CoordinatorLink] = lambda link: link
    memory: type["WatchedStore"] | None = None
    door: type[TelescopeSession] = TelescopeSession
    book: type[Book] = Book
    telescopes: dict[str, Telescope] = field(default_factory=a_network)
    kills: list[Lost] = field(default_factory=list)
    noticed_s: list[float] = field(default_factory=list)
    ended: dict[str, datetime] = field(default_factory=dict)
    transitions: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng([self.schedule.seed, 7])
        self.clock, self.utc = LoopClock(self.loop), virtual_utc(self.loop, START)
        self.seen = Witnessed()
        self.journal_disk = Disk()
        self.journal = self._a_journal()
        self.planner = ToyPlanner(SKIES, fields_of(self.rng))
        self.scheduler: Kept[Scheduler] = Kept("scheduler", self._a_scheduler, REVIVED_AFTER_S)
        door = SchedulerDoor(self.scheduler)
        self.sessions = {
            t: Kept(f"telescope {t}", lambda one=one: self._a_session(one, door), REVIVED_AFTER_S)  # type: ignore[misc]
            for t, one in self.telescopes.items()
        }
        self.sites = {t: self._a_site(t) for t in self.telescopes}
        self._strikes = list(self.schedule.strikes)
        self._states: dict[str, str] = {}

    def _a_journal(self) -> Journal:
        if not self.schedule.journal_on_disk:
            return WatchedJournal(self)
        assert self.folder is not None
        path = self.folder / f"journal-{self.schedule.seed}.sqlite"
        path.unlink(missing_ok=True)

        @sa.event.listens_for(sa.Engine, "connect")
        def on_connect(connection: Any, _record: object) -> None:
            self.journal_disk.holds(connection)

        self._unhook = lambda: sa.event.remove(sa.Engine, "connect", on_connect)
        return SqliteJournal(path, self.utc, AtOnce())

    def _a_scheduler(self) -> Scheduler:
        return Scheduler(
            journal=self.journal,
            blobs=InMemoryBlobs(),
            planner=self.planner,
            telescopes=self.telescopes,
            clock=JournaledSkyClock(self.utc),
            link=self.clock,
            state=ObservatoryState(pointings=self.book()),
            settings=SchedulerSettings(
                tick_s=5.0, plan_hours=0.5, least_plan_interval_s=5.0, restart_grace_s=5.0, visits=("1",)
            ),
        )

    def _a_session(self, telescope: Telescope, door: SchedulerDoor) -> TelescopeSession:
        return self.door(
            telescope=telescope,
            journal=self.journal,
            scheduler=door,
            vetter=NoVetter(),
            clock=JournaledSkyClock(self.utc),
            link=self.clock,
            utc=self.utc,
            token=lambda: self.rng.bytes(4).hex(),
            settings=SessionSettings(heartbeat_s=5.0),
        )

    def _a_site(self, telescope: str) -> Site:
        way = Way(lambda: 0.02, 5.0, JournaledSkyClock(self.utc))
        line = OutageLink(MemoryLink(self.sessions[telescope], way), self.clock)
        rng = np.random.default_rng([self.schedule.seed, TELESCOPES.index(telescope), 11])
        link = FaultyLink(line, self.schedule.faults, self.clock, rng)
        disk = Disk()
        store = (self.memory or WatchedStore)(telescope, disk, lambda held: self._noted(telescope, held))
        if self.schedule.old_cursor is not None:
            with store.transaction():
                store.set_cursor(*self.schedule.old_cursor)
        agent = Kept(f"agent {telescope}", lambda: self._an_agent(telescope, link), REVIVED_AFTER_S)
        return Site(store, disk, line, link, agent)

    def _an_agent(self, telescope: str, link: FaultyLink) -> AgentProcess:
        sky, one = AgentSky(self.clock), self.telescopes[telescope]
        clouds = tuple(
            (START + timedelta(seconds=c.at_s), START + timedelta(seconds=c.at_s + c.for_s))
            for c in self.schedule.clouds
            if c.telescope == telescope
        )
        world = World(self.schedule.seed, START, (), {telescope: clouds}, bogus_per_image=0.0)
        rng = np.random.default_rng(self.rng.integers(2**32))
        clumsy: Driver = Clumsy(SimulatedDriver(one, sky, world), self.schedule.clumsiness, rng)  # type: ignore[assignment]
        witness = WitnessDriver(telescope, clumsy, self.seen, self.utc, as_real=self.schedule.as_real)
        agent = Agent(
            one,
            self.hands(witness),
            self.line(link),
            self.sites[telescope].store,
            sky=sky,
            link_clock=self.clock,
            utc_now=lambda: self.utc() + timedelta(seconds=self.sites[telescope].clock_error_s),
            rng=rng,
            violation=at_each(self.limits),
        )
        return AgentProcess(LifeOf(agent, lambda: self._ended(telescope)))  # type: ignore[arg-type]

    def _ended(self, telescope: str) -> None:
        self.kills.append(Lost(telescope, self.utc()))

    # -- who dies

    def kill(self, victim: str, telescope: str, away_s: float) -> None:
        """Let a service die: the gateway is the sessions of all telescopes at once."""
        match victim:
            case "gateway":
                for session in self.sessions.values():
                    session.kill(away_s)
            case "scheduler":
                self.scheduler.kill(away_s)
            case "agent":
                self.sites[telescope].agent.kill(away_s)

    def _noted(self, telescope: str, held: Held) -> None:
        self.transitions[f"held_{held.state}"] += 1
        if not held.is_open:
            self.ended.setdefault(held.pointing.pointing_id, self.utc())
        self._strike(f"held_{held.state}", telescope, False)

    def committed(self, entries: Sequence[Entry], before: bool) -> None:
        """Count what is written, and let die who should at that."""
        for entry in entries:
            name = self._transition(entry)
            if not before:
                self.transitions[name] += 1
                self._states |= {entry.subject or "": name.partition(">")[2]} if ">" in name else {}
            self._strike(name, entry.telescope or TELESCOPES[0], before)

    def _transition(self, entry: Entry) -> str:
        """Name what an entry does: a move of a pointing by both its states, else its kind."""
        fact = fact_of(entry)
        if isinstance(fact, PointingOffered):
            return ">offered"
        if isinstance(fact, PointingMoved):
            return f"{self._states.get(fact.pointing_id, '')}>{fact.to}"
        return entry.kind

    def _strike(self, kind: str, telescope: str, before: bool) -> None:
        for one in tuple(self._strikes):
            if one.kind != kind or one.before is not before:
                continue
            self._strikes.remove(one)
            if one.nth > 1:
                self._strikes.append(replace(one, nth=one.nth - 1))
            else:
                self.kill(one.victim, telescope, one.away_s)

    # -- playing

    async def play(self) -> Played:
        """Play the schedule, heal everything, and wait until all has come to its end."""
        try:
            async with asyncio.TaskGroup() as running:
                services = [self.scheduler, *self.sessions.values(), *(s.agent for s in self.sites.values())]
                tasks = [running.create_task(one.run()) for one in services]
                tasks += [running.create_task(self._at(*cue)) for cue in self._cues()]
                await asyncio.sleep(LASTS_S)
                self._heal()
                await self._rest()
                played = await self._left()
                played.foreign_cursors += [c for t in self.telescopes for c in await self._taken_cursors(t)]
                for task in tasks:
                    task.cancel()
                for site in self.sites.values():
                    await site.link.end()
            return played
        finally:
            if self.schedule.journal_on_disk:
                self._unhook()
            for site in self.sites.values():
                site.store.close()

    async def _at(self, at_s: float, happens: Callable[[], Any], steps: int = 0) -> None:
        await asyncio.sleep(at_s)
        for _ in range(steps):
            await asyncio.sleep(0)
        done = happens()
        if done is not None:
            await done

    def _cues(self) -> list[tuple[Any, ...]]:
        script = self.schedule
        cues: list[tuple[Any, ...]] = [(1.0, lambda: self._alert(an_alert()))]
        if script.revised_at_s is not None:
            revised = an_alert(2, phase=Phase.UPDATE, sky="sky-2")
            cues.append((script.revised_at_s, lambda: self._alert(revised)))
        if script.retracted_at_s is not None:
            ended = an_alert(9, phase=Phase.RETRACTION, sky=None)
            cues.append((script.retracted_at_s, lambda: self._alert(ended)))
        cues += [(k.at_s, lambda k=k: self.kill(k.victim, k.telescope, k.away_s), k.steps) for k in script.kills]
        cues += [(c.at_s, lambda c=c: self.sites[c.telescope].line.cut(c.for_s)) for c in script.cuts]
        cues += [(f.at_s, lambda f=f: self._frozen(f)) for f in script.freezes]
        cues += [(f.at_s, lambda f=f: self._full(self.sites[f.telescope].disk, f.for_s)) for f in script.full_sites]
        cues += [(f.at_s, lambda f=f: self._full(self.journal_disk, f.for_s)) for f in script.full_journal]
        cues += [(c.at_s, lambda c=c: self._step_clock(c.telescope, c.error_s)) for c in script.clock_steps]
        return cues

    async def _alert(self, alert: Alert) -> None:
        """Write an alert down, as often as the journal will not have it."""
        while True:
            try:
                writer = await Writer.elected(self.journal, "source/files")
                await writer.append([entry_of("alert_received", alert, sky_time=self.utc(), event=alert.event_key)])
            except ArmillaryError:
                await asyncio.sleep(5.0)
            else:
                return

    async def _frozen(self, spell: Spell) -> None:
        link, since = self.sites[spell.telescope].link, self.clock.now()
        before = len(link.given_up)
        link.freeze(spell.for_s)
        await asyncio.sleep(spell.for_s)
        self.noticed_s += [at - since for at in link.given_up[before : before + 1]]

    async def _full(self, disk: Disk, for_s: float) -> None:
        disk.fill(True)
        await asyncio.sleep(for_s)
        disk.fill(False)

    def _step_clock(self, telescope: str, error_s: float) -> None:
        self.sites[telescope].clock_error_s = error_s

    def _heal(self) -> None:
        self._strikes.clear()
        for telescope, site in self.sites.items():
            site.link.faults = Faults()
            self._step_clock(telescope, 0.0)

    async def _rest(self) -> None:
        """Wait until nothing is open anywhere and nothing waits to be sent."""
        give_up = self.loop.time() + AT_REST_S
        while self.loop.time() < give_up:
            await asyncio.sleep(10.0)
            if not self._busy():
                return

    def _busy(self) -> bool:
        scheduler = self.scheduler.service
        if scheduler is None or next(scheduler.state.pointings.live(), None) is not None:
            return True
        return any(site.store.unsent() or site.store.open_pointings() for site in self.sites.values())

    async def _taken_cursors(self, telescope: str) -> list[str]:
        """Try cursors that are not of this journal; say which of them the coordinator took."""
        session = self.sessions[telescope].service
        assert session is not None
        head, one = session.state.head, self.telescopes[telescope]
        what = Capabilities(one.instruments, one.limits, one.timing, "0", ("simulated",))
        asked = SessionRequest(telescope, "0", "boot", head + 1, session.info.journal_id, what, self.utc())
        taken = []
        if not await _is_refused(session.open_session(asked)):
            taken.append(f"{telescope}: a cursor beyond the head opened a session")
        grant = await session.open_session(replace(asked, last_applied_seq=max(head, 1), journal_id="another"))
        if not grant.snapshot_required:
            taken.append(f"{telescope}: a cursor of another journal opened a session without a comparison")
        if not await _is_refused(session.next_commands(grant.session_id, head + 1, 0.0)):
            taken.append(f"{telescope}: a stream began beyond the head")
        return taken

    async def _left(self) -> Played:
        entries = (await self.journal.read(0, limit=100_000)).entries
        state = ObservatoryState()
        for stored in entries:
            state.apply(stored)
        at_sites = [h.pointing.pointing_id for s in self.sites.values() for h in s.store.open_pointings()]
        services: dict[str, Kept[Any]] = {"scheduler": self.scheduler}
        services |= {f"gateway {t}": s for t, s in self.sessions.items()}
        services |= {f"agent {t}": s.agent for t, s in self.sites.items()}
        return Played(
            entries=tuple(entries),
            seen=self.seen,
            lost=tuple(self.kills),
            failures={name: one.failures for name, one in services.items() if one.failures},
            refused=[item for s in self.sites.values() for item in s.store.refused()],
            left_open=[*(a.id for a in state.pointings.live()), *at_sites],
            unsent=sum(s.store.unsent() for s in self.sites.values()),
            noticed_s=self.noticed_s,
            telescopes=self.telescopes,
            clock_error_s=self.schedule.clock_error_s,
            ended=self.ended,
            transitions=self.transitions,
        )


async def _is_refused(asking: Awaitable[object]) -> bool:
    try:
        await asking
    except Refused as refused:
        return refused.reason == CURSOR_AHEAD
    return False


class WatchedJournal(InMemoryJournal):
    """A journal in memory that tells its scene what is written, before and after."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene

    async def append(self, entries: Sequence[Entry], *, writer: str, epoch: int, append_id: str) -> tuple[Stored, ...]:
        self._scene.committed(entries, True)
        stored = await super().append(entries, writer=writer, epoch=epoch, append_id=append_id)
        self._scene.committed(entries, False)
        return stored


def play(schedule: Schedule, **changes: Any) -> Played:
    """Play one schedule."""
    return run_virtual(lambda loop: Scene(loop, schedule, **changes).play())
