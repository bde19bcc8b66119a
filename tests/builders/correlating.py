"""The services of an observatory in memory, fed by hand: what two streams say, and what is planned on it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from builders.coincidences import a_burst, a_wave
from builders.notices import a_map, a_notice
from builders.toy_skies import always_open
from coordinator.alerts.alert import Alert, Localization, Phase
from coordinator.dispatch.facts import OperatorActed, TelescopeStatusChanged
from coordinator.events.coincidence_facts import CoincidenceFound
from coordinator.events.event import Event
from coordinator.events.linked_map import LinkedMap
from coordinator.services.facts import entry_of, fact_of
from coordinator.services.journal import Writer
from coordinator.services.settings import SchedulerSettings
from coordinator.services.state import ObservatoryState
from coordinator.simulation.built_in_map import T0, Strip, strip_map
from coordinator.simulation.memory_observatory import MemoryObservatory, Pace
from coordinator.simulation.virtual_loop import LoopClock, run_virtual, virtual_utc
from coordinator.vetting.facts import FollowUpRequested
from telescopes.description.footprint import Rectangle

LINKED = Localization("link", url="https://example.org/map")
WAVE, BURST = "lvk:S260320ab", "fermi.gbm:795728402"
START = T0 + timedelta(minutes=30)
PACE = Pace(scheduler=SchedulerSettings(tick_s=5.0, plan_hours=3.0, objective="probability"))


def a_cone_map(after_s: float = 2.0, dec_deg: float = 6.0) -> bytes:
    """Where a burst may be, so many seconds after the built-in wave: as wide as a GBM cone, and without distance."""
    round_one = Strip(
        centre_deg=(163.0, dec_deg),
        length_deg=5.0,
        width_deg=5.0,
        tilt_deg=0.0,
        t0=T0 + timedelta(seconds=after_s),
        name="GRB260320",
    )
    return strip_map(round_one)


@dataclass
class Hand:
    """What a test does with a running observatory."""

    observatory: MemoryObservatory

    async def wave(self, kind: str = "PRELIMINARY", issued_s: int = 0, sky: bytes | None = None) -> None:
        """Let a gravitational wave come in, or be taken back."""
        data = None if kind == "RETRACTION" else sky or a_map()
        await self.intake.receive(a_notice("S260320ab", kind, issued_s, data), name=kind)

    async def weak_wave(self) -> None:
        """Let a wave of low significance come in, which was told at its T0."""
        data = a_map()
        where = Localization("multiorder", skymap_sha256=await self.observatory.blobs.put(data), area90_deg2=200.0)
        said = a_wave(WAVE, significant=False, phase=Phase.PRELIMINARY, localization=where, t0=T0, t_issued=T0)
        await self.write("source/hand", heard=said)

    async def burst(self, data: bytes | None = None) -> None:
        """Let a burst's map come in under its own key, by a person's word."""
        await self.intake.receive(data or a_cone_map(), name="grb", purpose="observation", event_key=BURST)

    async def take_back_burst(self) -> None:
        """Let the burst's stream say that it is none."""
        heard = next(a for a in self.state.alert_log if a.event_key == BURST)
        await self.write("source/hand", heard=replace(heard, notice_id="gone", phase=Phase.RETRACTION))

    async def close_burst(self) -> None:
        """Let a better notice of the burst say that it was a particle."""
        heard = next(a for a in self.state.alert_log if a.event_key == BURST)
        final = replace(heard, notice_id="final", stream="fermi.gbm", stage="GBM FIN_POS", no_event="a particle")
        await self.write("source/hand", heard=replace(final, t_issued=START + timedelta(hours=1)))

    async def linked_burst(self) -> None:
        """Let a burst come in whose notice only links to its map."""
        await self.write("source/hand", heard=a_burst(BURST, None, localization=LINKED, t0=T0 + timedelta(seconds=2)))

    async def fetched(self) -> None:
        """Let the map come to which the burst's notice links."""
        data = a_cone_map()
        sha256 = await self.observatory.blobs.put(data)
        found = LinkedMap(f"{BURST}:1", "https://example.org/map", "multiorder", skymap_sha256=sha256)
        entry = entry_of("alert_map_joined", found, sky_time=START, event=BURST, subject=found.notice_id)
        await (await Writer.elected(self.observatory.journal, "maps")).append([entry])

    async def decide(self, action: str, event: str) -> None:
        """Let a person approve or dismiss an event."""
        number = len(self.observatory.journal.stored)
        await self.observatory.door.act(OperatorActed(f"act-{number}", action, event, "Ada", "seen by eye"))

    async def follow_up(self, event: str) -> str:
        """Let the vetter ask for another look at a candidate of an event; return the visit."""
        visit = f"follow-up:{event}:r:1"
        wanted = FollowUpRequested(event, "AT2026x", visit, 163.0, 6.0, ("r",), 18.0, "promising")
        entry = entry_of("follow_up_requested", wanted, sky_time=START, event=event, subject="AT2026x")
        await (await Writer.elected(self.observatory.journal, "vetter")).append([entry])
        return visit

    def looked_at_under(self, visit: str) -> list[str]:
        """Events under which a follow-up was offered to a telescope, in order."""
        offered = (s.entry for s in self.observatory.journal.stored if s.entry.kind == "pointing_offered")
        pointings = [fact_of(entry).pointing for entry in offered]
        return [p.event_id for p in pointings if p.visit == visit]

    async def write(self, role: str, *, heard: Alert) -> None:
        """Journal an alert that no reader knows yet."""
        entry = entry_of("alert_received", heard, sky_time=START, event=heard.event_key, subject=heard.notice_id)
        await (await Writer.elected(self.observatory.journal, role)).append([entry])

    async def start(self) -> None:
        """Open the doors, with every telescope's link up."""
        self.intake = await self.observatory.intake()
        for one in self.observatory.telescopes:
            writer = await Writer.elected(self.observatory.journal, f"telescope/{one}")
            fact = TelescopeStatusChanged("up", safe=True, blocking_reasons=())
            await writer.append([entry_of("telescope_status_changed", fact, sky_time=START, telescope=one)])

    async def settle(self, seconds: float = 60.0) -> None:
        """Let virtual time pass."""
        await asyncio.sleep(seconds)

    @property
    def state(self) -> ObservatoryState:
        """What the journal says, folded here and now."""
        state = ObservatoryState()
        for stored in self.observatory.journal.stored:
            state.apply(stored)
        return state

    def event(self, key: str) -> Event:
        """How an event stands."""
        return self.state.events[key]

    def planned(self) -> tuple[str, ...]:
        """Events of the newest plan."""
        plan = self.state.plan
        assert plan is not None
        return plan.events

    def told(self) -> list[str]:
        """What was journalled of coincidences, in order."""
        return [s.entry.kind for s in self.observatory.journal.stored if s.entry.kind.startswith("coincidence_")]

    def found(self) -> CoincidenceFound:
        """The newest word on a coincidence."""
        entries = [s.entry for s in self.observatory.journal.stored if s.entry.kind == "coincidence_found"]
        fact: CoincidenceFound = fact_of(entries[-1])
        return fact


def on_hand(play: Callable[[Hand], Awaitable[None]], pace: Pace = PACE) -> None:
    """Run a play with two telescopes on virtual time."""
    network = [
        always_open(name, site, Rectangle(3.0, 3.0), exposure_s=300.0).telescope
        for name, site in (("east", (10.0, 0.0)), ("west", (-20.0, -20.0)))
    ]

    async def live(loop: asyncio.AbstractEventLoop) -> None:
        made = MemoryObservatory(
            network, pace, utc=virtual_utc(loop, START), link=LoopClock(loop), rng=np.random.default_rng(1)
        )
        hand = Hand(made)
        await hand.start()
        life = asyncio.create_task(made.scheduler.run())
        await play(hand)
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)

    run_virtual(live)
