"""`armillary agent …` as processes of their own against a real gateway."""

import asyncio
import re
import signal
import socket
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope, no_such_telescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from telescopes.description.clocks import LinkTime, MonotonicClock, ScaledSkyClock, SkyClockReading, SystemSkyClock
from telescopes.description.messages import Exposure, Pointing
from telescopes.description.states import PointingState
from telescopes.drivers.world import SkySource, World

S = PointingState
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
UTC_NOW = SystemSkyClock().now
SITE = """
id = "t1"
name = "Test"
[site]
latitude_deg = 30.0
longitude_deg = 0.0
[[instruments]]
id = "main"
filters = ["r"]
[instruments.footprint]
shape = "rectangle"
width_deg = 2.0
height_deg = 2.0
[[instruments.depth]]
filter = "r"
exposure_s = 60.0
limit_mag_ab = 20.0
[timing]
slew_rate_deg_s = 5.0
readout_s = 5.0
[observing]
exposure_s = 60.0
[link]
gateway = "127.0.0.1:{port}"
[driver]
name = "simulated"
"""


class FastTelescope(LoopbackTelescope):
    """Its sky runs fast; its machine's clock does not."""

    server_ahead_s = 0.0

    async def open_session(self, request):
        now = UTC_NOW() + timedelta(seconds=self.server_ahead_s)
        return replace(await super().open_session(request), server_time=now)

    async def report_status(self, session_id, report):
        return replace(await super().report_status(session_id, report), server_time=UTC_NOW())


class Observatory:
    """A gateway in this process, and agents in their own."""

    def __init__(self, folder):
        self.folder = folder
        clock = MonotonicClock()
        self.sky = ScaledSkyClock(clock, LinkTime(clock.now()), MIDNIGHT, 100.0)
        self.telescope = FastTelescope("t1", heartbeat_s=0.5, clock=self.sky)
        self.config = folder / "site.toml"

    def find(self, telescope_id):
        if telescope_id != "t1":
            raise no_such_telescope(telescope_id)
        return self.telescope

    async def start(self):
        service = TelescopeService(
            self.find,
            sky_clock=lambda: SkyClockReading(self.sky.now(), self.sky.rate),
            utc_now=UTC_NOW,
            timing=StreamTiming(0.5, lambda: 0.5),
        )
        desk = OperatorService(LoopbackDesk({"t1": self.telescope}, MIDNIGHT))
        self.server = GatewayServer("127.0.0.1", 0, service, desk)
        self.config.write_text(SITE.format(port=await self.server.start()))

    def pointing(self, name):
        now = self.sky.now()
        return Pointing(
            pointing_id=name,
            revision=1,
            plan_id="plan",
            event_id="lvk:S1",
            event_revision=1,
            telescope_id="t1",
            instrument_id="main",
            visit="1",
            ra_deg=100.0,
            dec_deg=30.0,
            position_angle_deg=0.0,
            window_start=now,
            window_end=now + timedelta(hours=1),
            planned_start=now + timedelta(seconds=60),
            exposures=(Exposure("r", 60.0, 2),),
            accept_within_s=5.0,
        )

    def states(self, name):
        return [r.state for r in self.telescope.reports if r.pointing_id == name]


@pytest.fixture
async def observatory(tmp_path):
    made = Observatory(tmp_path)
    await made.start()
    yield made
    await made.server.stop(grace_s=0.2)


@asynccontextmanager
async def command(*arguments):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "coordinator.cli",
        "agent",
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ended(*arguments):
    """Run to the end; return status, output and errors."""
    async with command(*arguments) as process, asyncio.timeout(60.0):
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()


async def until(fact):
    async with asyncio.timeout(60.0):
        while not fact():
            await asyncio.sleep(0.02)


async def test_a_simulated_agent_loses_its_link_and_its_truth_comes_late(observatory, tmp_path):
    source = SkySource("s", "supernova", 100.2, 30.3, {"r": ((-10.0, 15.0), (10.0, 15.0))})
    world = tmp_path / "world.json"
    world.write_bytes(msgspec.json.encode(World(1, MIDNIGHT, (source,), bogus_per_image=0.0)))
    drill = ("--lose-link-after-completed", 1, "--lose-link-for-s", 3)
    arguments = ("simulate", "--config", observatory.config, "--world", world, "--state", tmp_path / "state", *drill)
    async with command(*arguments) as process:
        await observatory.telescope.command(observatory.pointing("p1"))
        await until(lambda: S.COMPLETED in observatory.states("p1"))
        await until(lambda: len(observatory.telescope.detections) == 2)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 30.0)
        assert process.returncode == 0
    ends = {r.state: r for r in observatory.telescope.reports}
    assert (ends[S.ACCEPTED].late, ends[S.COMPLETED].late) == (False, False)
    assert ends[S.COMPLETED].report_time < observatory.sky.now() - timedelta(seconds=100)
    assert {d.pointing_id for d in observatory.telescope.detections} == {"p1"}


async def test_an_agent_killed_while_observing_goes_on_after_its_restart(observatory, tmp_path):
    arguments = ("run", "--config", observatory.config, "--state", tmp_path / "state")
    async with command(*arguments) as process:
        await observatory.telescope.command(observatory.pointing("p1"))
        await until(lambda: S.EXPOSING in observatory.states("p1"))
        process.send_signal(signal.SIGKILL)
        await process.communicate()
    async with command(*arguments) as process:
        await until(lambda: S.COMPLETED in observatory.states("p1"))
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), 30.0)
        assert process.returncode == 130
        assert b"Traceback" not in err
    assert observatory.states("p1").count(S.ACCEPTED) == 1
    last = observatory.telescope.reports[-1]
    assert [e.exposure_index for e in last.exposures] == [0, 1]


async def test_check_says_what_is_well(observatory):
    status, out, err = await ended("check", "--config", observatory.config)
    assert (status, err) == (0, "")
    assert all(word in out for word in ("site file", "driver simulated", "session 2", "clock", "rate 100"))


async def test_check_says_that_a_site_that_asks_a_person_cannot_answer_yet(observatory):
    observatory.config.write_text(observatory.config.read_text() + "[policy]\nhuman_approval = true\n")
    status, out, err = await ended("check", "--config", observatory.config)
    assert (status, len(err.strip().splitlines())) == (0, 1)
    assert "policy.human_approval" in err
    assert "every offer expires" in err
    assert "rate 100" in out


async def test_check_names_a_program_that_is_not_there(observatory):
    observatory.config.write_text(observatory.config.read_text() + '[reduction]\ncommand = ["no-such-pipeline"]\n')
    status, _, err = await ended("check", "--config", observatory.config)
    assert (status, len(err.strip().splitlines())) == (1, 1)
    assert "reduction.command: there is no program 'no-such-pipeline'" in err


async def test_check_names_every_mistake_of_the_site_file(observatory):
    text = observatory.config.read_text()
    text = text.replace("latitude_deg = 30.0", "latitude_deg = 130.0").replace("exposure_s = 60.0\n[link]", "[link]")
    observatory.config.write_text(text.replace('filters = ["r"]', "filters = 7"))
    status, out, err = await ended("check", "--config", observatory.config)
    assert (status, out) == (1, "")
    assert all(key in err for key in ("site.latitude_deg", "observing.exposure_s", "filters"))


async def test_a_wrong_clock_is_one_clear_line_and_a_failure(observatory, tmp_path):
    observatory.telescope.server_ahead_s = 60.0
    for arguments in (("check",), ("run", "--state", tmp_path / "state")):
        status, _, err = await ended(*arguments, "--config", observatory.config)
        assert status == 1
        assert len(err.strip().splitlines()) == 1
        # Of the round trip the agent takes the middle; on a busy machine the way there and back differ.
        found = re.search(r"clock is (-?\d+\.\d)", err)
        assert found, err
        assert float(found[1]) == pytest.approx(-60.0, abs=1.0)
        assert "NTP" in err


async def test_no_gateway_is_one_clear_line(observatory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        observatory.config.write_text(SITE.format(port=free.getsockname()[1]))
        status, _, err = await ended("check", "--config", observatory.config)
    assert status == 1
    assert len(err.strip().splitlines()) == 1
    assert "check that the coordinator runs" in err


async def test_a_telescope_that_the_coordinator_does_not_know_ends_with_the_mend(observatory, tmp_path):
    observatory.config.write_text(observatory.config.read_text().replace('id = "t1"', 'id = "t9"'))
    status, _, err = await ended("run", "--config", observatory.config, "--state", tmp_path / "state")
    assert status == 1
    assert len(err.strip().splitlines()) == 1
    assert "t9" in err
