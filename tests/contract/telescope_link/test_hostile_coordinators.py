"""A coordinator that is broken or hostile moves nothing at a site, fills nothing there, and ends nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

import pytest
from armillary.telescope.v1 import telescope_pb2 as pb
from builders.link_agent import Rig, our_agent

from telescopes.agent.sparing import MOST_LINES
from telescopes.conformance.agent_offers import nonsense
from telescopes.conformance.agent_peer import AgentPeer
from telescopes.conformance.sun import sun_place
from telescopes.conformance.toy_gateway import ToyGateway

REJECTED = pb.POINTING_STATE_REJECTED


@asynccontextmanager
async def meeting(path: Path | None = None) -> AsyncIterator[tuple[AgentPeer, Rig]]:
    """Bring our agent and a toy gateway together."""
    gateway = ToyGateway()
    address = await gateway.start("127.0.0.1", 0)
    async with our_agent(address, path) as rig:
        assert await gateway.until(lambda: bool(gateway.heard.statuses), 90.0)
        yield AgentPeer(gateway, within_s=90.0), rig
    await gateway.stop()


def hostile_offers(agent: AgentPeer, many: int) -> list[pb.Pointing]:
    """Make many offers: nonsense, below the horizon, at the Sun."""
    sun_ra, sun_dec = sun_place(datetime.now(UTC))
    kinds = [
        *(pointing for _, pointing in nonsense(agent)),
        agent.pointing(ra_deg=sun_ra, dec_deg=sun_dec),
        agent.pointing(ra_deg=225.0, dec_deg=-45.0),
    ]
    made = []
    for number, kind in enumerate(islice(cycle(kinds), many)):
        pointing = pb.Pointing()
        pointing.CopyFrom(kind)
        pointing.pointing_id = f"hostile-{number}"
        made.append(pointing)
    return made


async def flooded(many: int, path: Path) -> None:
    async with meeting(path) as (agent, rig):
        offers = hostile_offers(agent, many)
        for pointing in offers:
            agent.gateway.command(pointing)
        heard = agent.gateway.heard
        assert await agent.gateway.until(lambda: len({r.pointing_id for r in heard.reports}) == many, many / 5 + 60)
        assert {r.state for r in heard.reports} == {REJECTED}
        assert (rig.driver.slews, rig.store.open_pointings(), rig.task.done()) == ([], [], False)
    assert sum(f.stat().st_size for f in path.parent.iterdir()) < 30e6


async def test_a_flood_of_offers_that_no_telescope_may_take_moves_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await flooded(300, tmp_path / "agent.sqlite")
    assert sum(" rejected: " in line for line in caplog.messages) <= 2 * MOST_LINES
    assert "more such lines are left out for up to 60 s" in caplog.messages


@pytest.mark.long
async def test_a_long_flood_of_such_offers_moves_nothing_and_fills_nothing(tmp_path: Path) -> None:
    await flooded(3_000, tmp_path / "agent.sqlite")


async def test_words_of_a_hundred_thousand_characters_are_neither_kept_nor_sent_back() -> None:
    async with meeting() as (agent, rig):
        long = agent.pointing()
        long.pointing_id = "x\x1b[2J\n" * 20_000
        long.event_id = "$(reboot)" * 10_000
        agent.gateway.command(long)
        agent.gateway.command(pb.Revocation(pointing_id="y\n" * 50_000, revision=1))
        heard = agent.gateway.heard
        assert await agent.gateway.until(lambda: len(heard.reports) >= 2, 90.0)
        refused, disowned = heard.reports[:2]
        assert (refused.state, disowned.state) == (REJECTED, pb.POINTING_STATE_REVOKED)
        assert all(len(r.pointing_id) <= 128 and r.pointing_id.isprintable() for r in heard.reports)
        kept = rig.store.find(refused.pointing_id)
        assert kept is not None and len(kept.pointing.event_id) <= 256


async def test_command_numbers_and_answers_that_cannot_be_end_no_agent() -> None:
    async with meeting() as (agent, rig):
        agent.gateway.skip = 2**63
        agent.gateway.command(agent.unfit())
        await asyncio.sleep(0.5)
        assert not rig.task.done()
        assert rig.store.cursor("toy-1") in (None, 0)


async def test_far_and_endless_offers_are_refused() -> None:
    async with meeting() as (agent, rig):
        far = agent.pointing(ra_deg=45.0, dec_deg=45.0)
        start = datetime.now(UTC) + timedelta(days=40)
        far.window.start_time.FromDatetime(start)
        far.window.end_time.FromDatetime(start + timedelta(hours=1))
        far.planned_start_time.FromDatetime(start)
        (report,) = await agent.offer(far)
        assert (report.state, report.detail) == (REJECTED, "lies more than 30 days ahead")
        assert rig.driver.slews == []
