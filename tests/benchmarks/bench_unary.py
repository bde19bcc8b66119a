"""Unary calls with mTLS beside plain text: the same gateway behind two ports, by turns in the same run.

Run ``python tests/benchmarks/bench_unary.py``; it prints a markdown table. A call is ReportStatus with what a site says
of its weather. The server is a process of its own; the client takes one connection, then fifty at once.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import psutil
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders.secured import SmallAuthority, signed_for

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from telescopes.conformance.server import now
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.description.clocks import SkyClockReading, SystemSkyClock

TELESCOPE = "tca"
TURNS = 20
CALLS = 250
AT_ONCE = 50
CALLS_OF_EACH = 10
HANDSHAKES = 20
FAST = 1e4
"""The door's measures run by a clock that is so much faster, so that they are taken and never reached."""
CLOCK = SystemSkyClock()


def gateway(telescope: LoopbackTelescope, authority: SmallAuthority | None) -> GatewayServer:
    """Make a gateway over one telescope that lives in memory, behind certificates or not."""
    service = TelescopeService(
        lambda _: telescope,
        sky_clock=lambda: SkyClockReading(CLOCK.now(), 1.0),
        utc_now=CLOCK.now,
        timing=StreamTiming(10.0, random.Random(1).random),
    )
    door = None if authority is None else authority.door(link_now=lambda: FAST * time.monotonic())
    return GatewayServer("127.0.0.1", 0, service, OperatorService(LoopbackDesk({}, CLOCK.now())), door)


async def serve(folder: Path) -> None:
    """Serve both until standard input ends; say the ports."""
    telescope = LoopbackTelescope(TELESCOPE)
    both = [gateway(telescope, None), gateway(telescope, SmallAuthority(folder / "ca"))]
    print(*[await one.start() for one in both], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for one in both:
        await one.stop(1.0)


@dataclass
class Way:
    """One way to the gateway, and what its calls took."""

    name: str
    address: str
    files: IdentityFiles | None
    spans_s: list[float] = field(default_factory=list)
    crowded_s: list[float] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    server_cpu_s: float = 0.0

    @asynccontextmanager
    async def stub(self) -> AsyncIterator[Any]:
        """Speak over a connection of its own."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        async with self._channel(options) as channel:
            yield telescope_pb2_grpc.TelescopeServiceStub(channel)

    def _channel(self, options: list[tuple[str, int]]) -> grpc.aio.Channel:
        if self.files is None:
            return grpc.aio.insecure_channel(self.address, options)
        own = self.files.read()
        credentials = grpc.ssl_channel_credentials(own.authority, own.key, own.certificate)
        return grpc.aio.secure_channel(self.address, credentials, options)


def a_status(session_id: str) -> pb.ReportStatusRequest:
    """What a site says every ten seconds."""
    return pb.ReportStatusRequest(
        session_id=session_id, client_time=now(), safe=True, temperature_c=4.5, humidity_pct=60.0, wind_mps=3.0
    )


async def session(stub: Any) -> str:
    """Open the session that both ways speak in."""
    asked = pb.OpenSessionRequest(telescope_id=TELESCOPE, boot_id="bench", client_time=now())
    return str((await stub.OpenSession(asked)).session_id)


async def calls(stub: Any, session_id: str, count: int) -> list[float]:
    """Make calls one after the other; say how long each took."""
    spans = []
    for _ in range(count):
        began = time.perf_counter()
        await stub.ReportStatus(a_status(session_id))
        spans.append(time.perf_counter() - began)
    return spans


def cpu_s(server: psutil.Process) -> float:
    """What the server has worked so far."""
    return float(sum(server.cpu_times()[:2]))


async def measured(ways: list[Way], server: psutil.Process) -> None:
    """Measure the ways by turns."""
    async with ways[0].stub() as one, ways[1].stub() as other:
        session_id = await session(one)
        for stub in (one, other):
            await calls(stub, session_id, CALLS)
        for _ in range(TURNS):
            for way, stub in zip(ways, (one, other), strict=True):
                began = cpu_s(server)
                way.spans_s += await calls(stub, session_id, CALLS)
                way.server_cpu_s += cpu_s(server) - began
        for way in ways * HANDSHAKES:
            async with way.stub() as fresh:
                way.first_s += await calls(fresh, session_id, 1)
        for way in ways:
            await crowd(way, session_id)


async def crowd(way: Way, session_id: str) -> None:
    """Call over many connections at once; the first calls, which connect, are not counted."""

    async def one() -> list[float]:
        async with way.stub() as stub:
            await calls(stub, session_id, 1)
            ready.append(None)
            while len(ready) < AT_ONCE:
                await asyncio.sleep(0.01)
            return await calls(stub, session_id, CALLS_OF_EACH)

    ready: list[None] = []
    for spans in await asyncio.gather(*(one() for _ in range(AT_ONCE))):
        way.crowded_s += spans


async def main() -> float:
    """Measure, print the table, and return the ratio of the medians."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, __file__, "--serve", temporary),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None and process.stdin is not None
        plain, tls = (f"127.0.0.1:{port.decode()}" for port in (await process.stdout.readline()).split())
        files = signed_for(folder / "ca", folder, TELESCOPE)
        ways = [Way("plain text", plain, None), Way("mTLS", tls, files)]
        await measured(ways, psutil.Process(process.pid))
        process.stdin.close()
        await process.wait()
    return told(*ways)


def told(plain: Way, tls: Way) -> float:
    """Print the table; return the ratio of the medians."""
    crowd_of = f"{AT_ONCE} at once: p50, p99 ms"
    print(f"\n| {TURNS * CALLS} unary calls | p50 ms | p99 ms | server CPU µs a call | {crowd_of} | first call ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    for way in (plain, tls):
        (p50, p99), crowded = percentiles_ms(way.spans_s), percentiles_ms(way.crowded_s)
        cpu_us, first_ms = 1e6 * way.server_cpu_s / (TURNS * CALLS), 1e3 * statistics.median(way.first_s)
        rest = f"{cpu_us:.0f} | {crowded[0]:.1f}, {crowded[1]:.1f} | {first_ms:.1f}"
        print(f"| {way.name} | {p50:.2f} | {p99:.2f} | {rest} |")
    one, other = (percentiles_ms(way.spans_s) for way in (plain, tls))
    cpu = tls.server_cpu_s / plain.server_cpu_s
    print(f"| mTLS to plain | {other[0] / one[0]:.2f} | {other[1] / one[1]:.2f} | {cpu:.2f} | | |")
    return other[0] / one[0]


def percentiles_ms(spans_s: list[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile, in milliseconds."""
    cuts = statistics.quantiles(spans_s, n=100)
    return 1e3 * cuts[49], 1e3 * cuts[98]


def test_calls_with_certificates_are_measured_beside_plain_ones() -> None:
    assert asyncio.run(main()) > 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve(Path(sys.argv[2])))
    else:
        asyncio.run(main())
