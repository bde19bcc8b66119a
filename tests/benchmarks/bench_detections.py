"""Detections through gRPC into the journal.

Run ``python tests/benchmarks/bench_detections.py``; it prints markdown rows. The server (gateway, vetter and SQLite
journal in one process) and the client share the machine's cores; a batch is answered when it is durable.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from coordinator.services.journal import InMemoryBlobs
from coordinator.services.vetter import Vetter
from coordinator.sky.skymap import SkyMap
from coordinator.store.journal import SqliteJournal
from telescopes.agent.grpc_link import GrpcLink
from telescopes.description.clocks import SkyClockReading, SystemSkyClock
from telescopes.description.messages import Capabilities, Detection, ItemResult, SessionRequest
from telescopes.description.telescope import Limits, Timing

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
BATCH, SENDERS, BATCHES = 200, 8, 25


class VettedTelescope(LoopbackTelescope):
    """A telescope in memory whose detections go to the real vetter."""

    vetter: Vetter

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand detections to the vetter, as a telescope's session does."""
        return await self.vetter.store(self.telescope_id, detections)


async def serve(folder: Path) -> None:
    """Serve one telescope until standard input ends; say the port, and at the end how many are in the journal."""
    clock = SystemSkyClock()
    journal = SqliteJournal(folder / "journal.sqlite", clock.now)

    async def no_map(sha256: str) -> SkyMap:
        raise AssertionError("no event asks for a map")

    telescope = VettedTelescope("tca")
    telescope.vetter = Vetter(journal, InMemoryBlobs(), clock, no_map)
    await telescope.vetter.start()
    service = TelescopeService(
        lambda _: telescope,
        sky_clock=lambda: SkyClockReading(clock.now(), 1.0),
        utc_now=clock.now,
        timing=StreamTiming(10.0, random.Random(1).random),
    )
    server = GatewayServer("127.0.0.1", 0, service, OperatorService(LoopbackDesk({}, START)))
    print(await server.start(), flush=True)
    work = asyncio.create_task(telescope.vetter.run())
    await asyncio.to_thread(sys.stdin.read)
    work.cancel()
    await server.stop(1.0)
    print(len(telescope.vetter.state.detections), flush=True)


def batch(sender: int, number: int) -> list[Detection]:
    """Detections of one image: places all over the sky, so that each is a candidate of its own."""
    chance = random.Random(sender * 1000 + number)
    return [
        Detection(
            detection_id=f"{sender}-{number}-{n}",
            pointing_id=f"p-{sender}-{number}",
            ra_deg=chance.uniform(0.0, 360.0),
            dec_deg=chance.uniform(-80.0, 80.0),
            mid_exposure=START + timedelta(seconds=number),
            filter="r",
            mag_ab=chance.uniform(15.0, 20.0),
        )
        for n in range(BATCH)
    ]


async def send(address: str, sender: int, batches: Sequence[Sequence[Detection]]) -> None:
    """Send batches one after the other on a connection of its own."""
    link = GrpcLink(address)
    try:
        capabilities = Capabilities((), Limits(), Timing(), "", ())
        grant = await link.open_session(SessionRequest("tca", "", str(sender), 0, "", capabilities, START))
        for one in batches:
            results = await link.report_detections(grant.session_id, one)
            assert all(result.code == 0 for result in results), results[0]
    finally:
        await link.close()


async def main() -> float:
    """Measure, print a row, and return detections a second."""
    with tempfile.TemporaryDirectory() as folder:
        pipe = asyncio.subprocess.PIPE
        server = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--serve", folder, stdin=pipe, stdout=pipe
        )
        assert server.stdout is not None
        address = f"127.0.0.1:{int(await server.stdout.readline())}"
        work = [[batch(sender, number) for number in range(BATCHES)] for sender in range(SENDERS)]
        began = time.monotonic()
        await asyncio.gather(*(send(address, sender, batches) for sender, batches in enumerate(work)))
        took_s = time.monotonic() - began
        out, _ = await server.communicate(b"")
        kept, sent = int(out), SENDERS * BATCHES * BATCH
    assert kept == sent, f"{kept} of {sent} are kept"
    rate = sent / took_s
    print(
        f"| detections through gRPC and journal, {SENDERS} senders in batches of {BATCH} | ≥ 5,000/s | {rate:,.0f}/s |"
    )
    return rate


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve(Path(sys.argv[2])))
    else:
        asyncio.run(main())
