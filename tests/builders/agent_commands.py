"""A gateway in this process, and `armillary agent …` as processes of their own."""

import asyncio
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope, no_such_telescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from telescopes.description.clocks import LinkTime, MonotonicClock, ScaledSkyClock, SkyClockReading, SystemSkyClock
from telescopes.description.messages import Exposure, Pointing

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
UTC_NOW = SystemSkyClock().now
DEADLINE_S = 120.0
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


def without_clock(err):
    """Leave out the warning that a busy machine causes: of ways there and back of different length."""
    return "".join(line for line in err.splitlines(keepends=True) if "machine's clock" not in line)


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

    def pointing(self, name, accept_within_s=5.0, exposure_s=60.0):
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
            window_end=now + timedelta(hours=4),
            planned_start=now + timedelta(seconds=60),
            exposures=(Exposure("r", exposure_s, 2),),
            accept_within_s=accept_within_s,
        )

    def states(self, name):
        return [r.state for r in self.telescope.reports if r.pointing_id == name]


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
    async with command(*arguments) as process, asyncio.timeout(DEADLINE_S):
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()


async def until(fact):
    async with asyncio.timeout(DEADLINE_S):
        while not fact():
            await asyncio.sleep(0.02)
