"""An agent with real devices' simulators: observes, obeys a revocation at once, closes when it is unsafe."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from builders.alpaca_peer import AlpacaPeer, an_alpaca_peer
from builders.driver_benches import Bench, alpaca_bench, indi_bench
from builders.indi_peer import IndiPeer, an_indi_peer

from telescopes.agent.agent import Agent
from telescopes.agent.loopback import LoopbackCoordinator
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.store import Store
from telescopes.description.clocks import MonotonicClock, ScaledSkyClock, SystemSkyClock
from telescopes.description.messages import Exposure, Pointing, Revocation
from telescopes.description.states import Reason

pytestmark = [pytest.mark.peer, pytest.mark.long]


@pytest.fixture(params=["alpaca", "indi"])
def peer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AlpacaPeer | IndiPeer]:
    with an_alpaca_peer(tmp_path) if request.param == "alpaca" else an_indi_peer(tmp_path) as made:
        yield made


class Night:
    """One agent, its devices and a coordinator in memory, in real time."""

    def __init__(self, bench: Bench, coordinator: LoopbackCoordinator) -> None:
        self.bench = bench
        self.coordinator = coordinator

    def offer(self, pointing_id: str, exposure_s: float, count: int) -> None:
        now = datetime.now(UTC)
        target = self.bench.target
        self.coordinator.offer(
            Pointing(
                pointing_id=pointing_id,
                revision=1,
                plan_id="plan",
                event_id="lvk:S1",
                event_revision=1,
                telescope_id=self.bench.telescope.id,
                instrument_id="main",
                visit="1",
                ra_deg=target.ra_deg,
                dec_deg=target.dec_deg,
                position_angle_deg=0.0,
                window_start=now,
                window_end=now + timedelta(seconds=120),
                planned_start=now,
                exposures=(Exposure("r", exposure_s, count),),
                accept_within_s=30.0,
            )
        )

    def states(self, pointing_id: str) -> list[str]:
        return [report.state.value for report in self.coordinator.reports_of(pointing_id)]

    async def until(self, done: Callable[[], object]) -> None:
        async with asyncio.timeout(90.0):
            while not done():
                await asyncio.sleep(0.05)


@pytest.fixture
async def night(peer: AlpacaPeer | IndiPeer, tmp_path: Path) -> AsyncIterator[Night]:
    link = MonotonicClock()
    sky = AgentSky(link)
    utc_now = SystemSkyClock().now
    clock = ScaledSkyClock(link, link.now(), datetime.now(UTC), 1.0)
    coordinator = LoopbackCoordinator(clock, link, utc_now, heartbeat_s=5.0, lease_s=60.0)
    making = alpaca_bench(peer, tmp_path, sky) if isinstance(peer, AlpacaPeer) else indi_bench(peer, tmp_path, sky)
    async with making as bench:
        store, stop = Store(tmp_path / "agent.sqlite", bench.telescope.id), asyncio.Event()
        agent = Agent(
            bench.telescope,
            bench.driver,
            coordinator,
            store,
            sky=sky,
            link_clock=link,
            utc_now=utc_now,
            rng=np.random.default_rng(1),
            violation=lambda *_: None,
        )
        running = asyncio.create_task(agent.run(stop))
        yield Night(bench, coordinator)
        stop.set()
        await running
        store.close()


def pointings_of_images(folder: Path) -> list[str]:
    return [fits.getval(path, "OBJECT") for path in sorted(folder.rglob("*.fits"))]


async def test_it_observes_is_stopped_observes_again_and_closes(night: Night, tmp_path: Path) -> None:
    night.offer("first", 1.0, 2)
    await night.until(lambda: night.states("first")[-1:] == ["completed"])
    night.offer("revoked", 10.0, 1)
    await night.until(lambda: "exposing" in night.states("revoked"))
    night.coordinator.revoke(Revocation("revoked", 1, Reason.RETRACTED, True))
    await night.until(lambda: night.states("revoked")[-1:] == ["revoked"])
    night.offer("next", 1.0, 1)
    await night.until(lambda: night.states("next")[-1:] == ["completed"])
    assert pointings_of_images(tmp_path) == ["first", "first", "next"]
    assert night.bench.set_safe is not None
    await night.bench.set_safe(False)
    await night.until(lambda: night.coordinator.status and night.coordinator.status.blocking_reasons)
    async with asyncio.timeout(60.0):
        while not (await night.bench.driver.status()).parked:
            await asyncio.sleep(0.2)
