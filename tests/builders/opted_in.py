"""Which commands a message leads to, at telescopes that accept observations alone and at their twins that opted in.

The real services run in memory on virtual time, under the rules that come with Armillary.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from coordinator.alerts.alert import Purpose
from coordinator.dispatch.facts import OperatorActed
from coordinator.events.event import Event
from coordinator.services.settings import SchedulerSettings, SessionSettings
from coordinator.services.state import ObservatoryState
from coordinator.settings import default_rules
from coordinator.simulation.memory_observatory import MemoryObservatory, Pace
from coordinator.simulation.virtual_loop import LoopClock, VirtualLoop, run_virtual, virtual_utc
from telescopes.description.messages import Capabilities, Pointing, SessionRequest
from telescopes.description.site_file import default_sites_folder, read_sites
from telescopes.description.telescope import Telescope

NORTH, NORTH_AND_SOUTH = ("tca",), ("tca", "tch")
OPTED_IN = "-opted-in"
LONG_ENOUGH_S = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state that the journal folds to, and how many pointings each telescope was told to do."""

    state: ObservatoryState
    commands: Mapping[str, int]

    @property
    def strict(self) -> int:
        """Pointings at telescopes that accept observations alone."""
        return sum(n for t, n in self.commands.items() if not t.endswith(OPTED_IN))

    @property
    def opted_in(self) -> int:
        """Pointings at telescopes that accept everything."""
        return sum(n for t, n in self.commands.items() if t.endswith(OPTED_IN))

    @property
    def event(self) -> Event:
        """The only event."""
        (event,) = self.state.events.values()
        return event


def _pace(hours: float) -> Pace:
    rules = SchedulerSettings(tick_s=1.0, rules=default_rules(), plan_hours=hours, near_hours=hours)
    return Pace(scheduler=rules, session=SessionSettings(heartbeat_s=30.0, lease_s=3600.0))


def network(sites: Collection[str]) -> list[Telescope]:
    """Return sites, each with a telescope as it is and one that opted in; each is told its whole night at once."""
    found: list[Telescope] = []
    for one in read_sites(default_sites_folder()):
        if one.id in sites:
            strict = replace(one, link=replace(one.link, horizon_s=86400.0, acceptance_s=3600.0))
            all_purposes = replace(one.policy, accepts=tuple(p.value for p in Purpose))
            found += [strict, replace(strict, id=one.id + OPTED_IN, policy=all_purposes)]
    return found


def commands_for(
    raw: bytes,
    now: datetime,
    *,
    name: str = "message",
    headers: Mapping[str, str] | None = None,
    topic: str = "",
    approve: bool = False,
    sites: Collection[str] = NORTH_AND_SOUTH,
    hours: float = 24.0,
) -> Outcome:
    """Let one message come in, wait, and look at the commands; `approve`: a person lets its event be searched."""

    async def play(loop: VirtualLoop) -> Outcome:
        utc, link = virtual_utc(loop, now), LoopClock(loop)
        seen = MemoryObservatory(network(sites), _pace(hours), utc=utc, link=link, rng=np.random.default_rng(1))
        async with asyncio.TaskGroup() as running:
            services = [seen.scheduler, *seen.sessions.values()]
            tasks = [running.create_task(service.run()) for service in services]
            await asyncio.sleep(1.0)
            sessions = {t: await _opened(seen, t, now) for t in seen.sessions}
            received = await (await seen.intake()).receive(raw, name=name, headers=headers, topic=topic)
            await asyncio.sleep(5.0)
            if approve and received.event_key:
                await seen.door.act(OperatorActed("a", "approve", received.event_key, "Ada", "a rehearsal of the test"))
            await asyncio.sleep(LONG_ENOUGH_S)
            commands = {t: await _told(seen, t, session) for t, session in sessions.items()}
            for task in tasks:
                task.cancel()
        state = ObservatoryState()
        for stored in seen.journal.stored:
            state.apply(stored)
        return Outcome(state, commands)

    return run_virtual(play)


async def _opened(seen: MemoryObservatory, telescope: str, now: datetime) -> str:
    one = seen.telescopes[telescope]
    capabilities = Capabilities(one.instruments, one.limits, one.timing, "", ("simulated",))
    request = SessionRequest(telescope, "0", "boot", 0, "", capabilities, now)
    grant = await seen.sessions[telescope].ask(lambda session: session.open_session(request))
    return grant.session_id


async def _told(seen: MemoryObservatory, telescope: str, session_id: str) -> int:
    batch = await seen.sessions[telescope].ask(lambda session: session.next_commands(session_id, 0, 0.1))
    return sum(isinstance(command.body, Pointing) for command in batch.commands)
