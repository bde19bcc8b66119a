"""The agent against a real gateway on a real port: nothing is lost in conversion, and outages heal."""

import asyncio
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from builders.link_hub import Hub

from telescopes.agent.agent import Agent
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.store import Store
from telescopes.description.clocks import MonotonicClock, SystemSkyClock
from telescopes.description.errors import Refused, RetryLater
from telescopes.description.footprint import Circle, Polygons, Rectangle
from telescopes.description.messages import (
    Capabilities,
    Command,
    Constraints,
    Detection,
    Exposure,
    ExposureResult,
    Heartbeat,
    Pointing,
    PointingReport,
    Revocation,
    SessionRequest,
    StatusReport,
)
from telescopes.description.states import PointingState, Reason
from telescopes.description.telescope import Depth, Instrument, Limits, Observing, Site, Telescope, Timing
from telescopes.drivers.simulated import SimulatedDriver
from telescopes.drivers.world import SkySource, World

S = PointingState
UTC_NOW = SystemSkyClock().now
PNG = b"\x89PNG\r\n\x1a\n"
NOON = datetime(2026, 6, 1, 12, 30, 15, 123456, tzinfo=UTC)
CAMERAS = (
    Instrument("main", ("r", "g"), Rectangle(2.0, 1.5), (Depth(20.0, 0.05, None),)),
    Instrument("round", ("clear",), Circle(1.0)),
    Instrument("mosaic", ("r",), Polygons((((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)),))),
)
TELESCOPE = Telescope("t1", "T1", Site(0.0, 0.0), CAMERAS, Observing(0.05, count=3), timing=Timing(readout_s=0.01))


def a_request(telescope_id="t1", **changes):
    known = Capabilities(
        CAMERAS, Limits(declination_deg=(-30.0, 80.0)), Timing(readout_s=4.0), "ab" * 32, ("simulated",)
    )
    request = SessionRequest(telescope_id, "0.1.0", "boot", 0, "", known, NOON)
    return replace(request, **changes)


def a_pointing(pointing_id="p1", **changes):
    now = UTC_NOW()
    pointing = Pointing(
        pointing_id=pointing_id,
        revision=2,
        plan_id="plan",
        event_id="lvk:S1",
        event_revision=3,
        telescope_id="t1",
        instrument_id="main",
        visit="char:r:1",
        ra_deg=0.0,
        dec_deg=-23.38,
        position_angle_deg=12.0,
        window_start=now,
        window_end=now + timedelta(minutes=5),
        planned_start=now + timedelta(seconds=0.2),
        exposures=(Exposure("r", 0.05, 3, 2, 1.5, 19.5), Exposure("g", 0.05)),
        accept_within_s=2.5,
        probability=0.0,
        limit_mag_ab=18.25,
        rank=4,
        priority=60,
        may_interrupt=True,
        acceptability_threshold=0.75,
        constraints=Constraints(10.0, 2.5, -12.0, 20.0, 30.0),
        field_id="F7",
        approved_by="Ada",
        traceparent="00-ab-cd-01",
    )
    return replace(pointing, **changes)


@pytest.fixture
async def hub():
    hub = Hub()
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
async def link(hub):
    link = hub.link()
    yield link
    await link.close()


async def until(fact):
    async with asyncio.timeout(90.0):
        while not fact():
            await asyncio.sleep(0.01)


async def first(kind, link, session_id, after_seq=0):
    async with asyncio.timeout(90.0), aclosing(link.watch(session_id, after_seq)) as stream:
        async for message in stream:
            if isinstance(message, kind):
                return message
    raise AssertionError(f"no {kind}")


@asynccontextmanager
async def agent(hub, world=None):
    sky, clock = AgentSky(MonotonicClock()), MonotonicClock()
    world = world or World(1, NOON, (), bogus_per_image=0.0)
    store = Store(None, "t1")
    made = Agent(
        TELESCOPE,
        SimulatedDriver(TELESCOPE, sky, world),
        hub.link(),
        store,
        sky=sky,
        link_clock=clock,
        utc_now=UTC_NOW,
        rng=np.random.default_rng(1),
        violation=lambda *_: None,
    )
    stop = asyncio.Event()
    running = asyncio.create_task(made.run(stop))
    try:
        yield store
    finally:
        stop.set()
        await running
        store.close()


async def test_a_pointing_crosses_the_wire_whole(hub, link):
    grant = await link.open_session(a_request())
    for sent in (a_pointing(), a_pointing(probability=None, limit_mag_ab=None, constraints=Constraints())):
        seq = await hub.telescope.command(sent)
        assert await first(Command, link, grant.session_id, seq - 1) == Command(seq, sent)


async def test_a_revocation_and_a_heartbeat_cross_the_wire_whole(hub, link):
    grant = await link.open_session(a_request())
    sent = Revocation("p1", 2, Reason.RETRACTED, True)
    await hub.telescope.command(sent)
    assert await first(Command, link, grant.session_id) == Command(1, sent)
    heartbeat = await first(Heartbeat, link, grant.session_id, 1)
    assert heartbeat.seq == 1
    assert abs((heartbeat.sky_clock.sky_time - UTC_NOW()).total_seconds()) < 20
    assert heartbeat.sky_clock.rate == 1.0


async def test_reports_cross_the_wire_whole(hub, link):
    grant = await link.open_session(a_request())
    await hub.telescope.command(a_pointing())
    exposure = ExposureResult(1, "g", NOON, NOON + timedelta(seconds=60), 60.0, 19.1, 2.25, "file:///x.fits", "ab" * 32)
    full = PointingReport(
        report_id="0198c0de-0000-7000-8000-000000000001",
        pointing_id="p1",
        revision=2,
        state=S.PARTIAL,
        report_time=NOON,
        agent_seq=7,
        reason=Reason.WEATHER,
        detail="clouds",
        fraction_done=0.0,
        expected_end=NOON,
        actual_ra_deg=0.0,
        actual_dec_deg=-1.5,
        actual_position_angle_deg=0.0,
        exposures=(exposure, ExposureResult(2, "g", NOON, NOON, 60.0)),
        late=True,
    )
    bare = PointingReport("0198c0de-0000-7000-8000-000000000002", "p1", 2, S.FAILED, NOON, 8)
    results = await link.report_pointings(grant.session_id, 1, [full, bare])
    assert hub.telescope.reports == [full, bare]
    assert [(r.item_id, r.code, r.current_state) for r in results] == [
        (full.report_id, 0, S.PARTIAL),
        (bare.report_id, 0, S.PARTIAL),  # it had ended: noted, and moved nothing
    ]


async def test_status_and_detections_cross_the_wire_whole(hub, link):
    grant = await link.open_session(a_request())
    status = StatusReport(
        NOON, False, (Reason.WEATHER, Reason.UNSAFE), NOON, "p1", 3, 0, -0.25, -2.0, 0.0, 3.0, 0.0, 100.0, 21.5, 1.25
    )
    status = replace(status, vetoed_events=("lvk:S1",))
    unknown = StatusReport(NOON, True)
    assert (await link.report_status(grant.session_id, status)).lease_left_s > 0
    await link.report_status(grant.session_id, unknown)
    assert hub.telescope.statuses == [status, unknown]

    full = Detection(
        "d1", "p1", 0.0, -5.0, NOON, "r", 18.5, 0.1, 0.3, 19.5, 0.0, 12.0, 0.0, 0.01, 3e-4, PNG, "file:///y"
    )
    bare = Detection("d2", "p1", 359.9, 5.0, NOON, "r", 18.5)
    results = await link.report_detections(grant.session_id, [full, bare, full])
    assert hub.telescope.detections == [full, bare]
    assert [r.code for r in results] == [0, 0, 6]


async def test_a_snapshot_comes_page_by_page(hub, link):
    grant = await link.open_session(a_request())
    sent = [a_pointing(f"p{n}") for n in range(3)]
    for pointing in sent:
        await hub.telescope.command(pointing)
    page = await link.list_pointings(grant.session_id, (), 2, "")
    rest = await link.list_pointings(grant.session_id, (S.OFFERED,), 2, page.next_page_token)
    assert [p.pointing for p in (*page.pointings, *rest.pointings)] == sent
    assert page.as_of_seq == 3
    assert rest.next_page_token == ""


async def test_refusals_carry_their_reason(hub, link):
    with pytest.raises(Refused) as unknown:
        await link.open_session(a_request("nobody"))
    assert unknown.value.reason == "NOT_FOUND"
    old = await link.open_session(a_request())
    new = await link.open_session(a_request())
    with pytest.raises(Refused) as stale:
        await link.report_status(old.session_id, StatusReport(NOON, True))
    assert stale.value.reason == "SESSION_STALE"
    with pytest.raises(Refused) as ahead:
        await first(Command, link, new.session_id, 99)
    assert ahead.value.reason == "CURSOR_AHEAD"


async def test_no_gateway_means_try_later(hub):
    await hub.stop()
    link = hub.link()
    with pytest.raises(RetryLater, match="gateway 127"):
        await link.open_session(a_request())
    await link.close()
    await hub.start()


async def test_an_agent_observes_and_detects_over_the_wire(hub):
    source = SkySource("sn", "supernova", 0.1, -23.5, {"r": ((-1e6, 12.0), (1e6, 12.0))})
    async with agent(hub, World(1, NOON, (source,), bogus_per_image=0.0)) as store:
        await hub.telescope.command(a_pointing(ra_deg=0.0, dec_deg=-23.38))
        await until(lambda: hub.telescope.reports and hub.telescope.reports[-1].state is S.COMPLETED)
        await until(lambda: store.unsent() == 0)
    assert [r.state for r in hub.telescope.reports if r.state is not S.EXPOSING] == [S.ACCEPTED, S.SLEWING, S.COMPLETED]
    assert len(hub.telescope.detections) == 4
    assert {d.filter for d in hub.telescope.detections} == {"r", "g"}


async def test_an_agent_outlives_its_gateway(hub):
    async with agent(hub) as store:
        await hub.telescope.command(a_pointing("before", planned_start=UTC_NOW() + timedelta(seconds=5)))
        await until(lambda: hub.telescope.reports)
        await hub.stop()
        await until(lambda: store.unsent() > 0)
        await hub.start()
        await hub.telescope.command(a_pointing("after"))
        for name in ("before", "after"):
            await until(
                lambda name=name: (
                    [r.state for r in hub.telescope.reports if r.pointing_id == name][-1:] == [S.COMPLETED]
                )
            )
    numbers = [r.agent_seq for r in hub.telescope.reports]
    assert numbers == sorted(set(numbers))
