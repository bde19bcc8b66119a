"""Detections through gRPC into the journal, and on to their odds.

Run ``python tests/benchmarks/bench_detections.py``; it prints markdown rows. The server (gateway, vetter and SQLite
journal in one process) and the client share the machine's cores; a batch is answered when it is durable. Single ones
are sent after one another into an event that is searched: counted is by the clock, from the client's door to the entry
of the odds that hold it, as the journal dates it.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders.vetting import CENTRE, T0, a_sky, an_event

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryBlobs, Stored, Writer
from coordinator.services.vetter import Vetter
from coordinator.sky.skymap import SkyMap
from coordinator.store.journal import SqliteJournal
from coordinator.store.journal_file import JournalFile
from telescopes.agent.grpc_link import GrpcLink
from telescopes.description.clocks import SkyClockReading, SystemSkyClock
from telescopes.description.messages import Capabilities, Detection, ItemResult, SessionRequest
from telescopes.description.telescope import Limits, Timing

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
JOURNAL = "journal.sqlite"
BATCH, SENDERS, BATCHES = 200, 8, 25
SINGLES, LONGEST_S = 200, 30.0
CAPABILITIES = Capabilities((), Limits(), Timing(), "", ())


class VettedTelescope(LoopbackTelescope):
    """A telescope in memory whose detections go to the real vetter."""

    vetter: Vetter

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand detections to the vetter, as a telescope's session does."""
        return await self.vetter.store(self.telescope_id, detections)


async def serve(folder: Path, searched: bool) -> None:
    """Serve one telescope until standard input ends; say the port, and at the end how many are in the journal.

    `searched`: an event is, so that detections near it are weighed.
    """
    clock = SystemSkyClock()
    journal = SqliteJournal(folder / JOURNAL, clock.now)
    if searched:
        event, writer = an_event(), await Writer.elected(journal, "scheduler")
        await writer.append([entry_of("event_revised", event, sky_time=clock.now(), event=event.key)])

    async def its_map(sha256: str) -> SkyMap:
        return a_sky(sha256=sha256, sigma_deg=10.0)

    telescope = VettedTelescope("tca")
    telescope.vetter = Vetter(journal, InMemoryBlobs(), clock, its_map)
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
        grant = await link.open_session(SessionRequest("tca", "", str(sender), 0, "", CAPABILITIES, START))
        for one in batches:
            results = await link.report_detections(grant.session_id, one)
            assert all(result.code == 0 for result in results), results[0]
    finally:
        await link.close()


def nearby(number: int) -> Detection:
    """A detection near the event, in no other's place."""
    chance = random.Random(number)
    return Detection(
        detection_id=str(number),
        pointing_id="p",
        ra_deg=CENTRE[0],
        dec_deg=CENTRE[1] + 0.02 * number,
        mid_exposure=T0 + timedelta(hours=20),
        filter="r",
        mag_ab=chance.uniform(16.0, 20.0),
        mag_err=0.05,
        pos_err_arcsec=0.2,
        limiting_mag_ab=20.5,
        real_bogus=chance.uniform(0.3, 1.0),
        snr=20.0,
    )


async def odds_after(journal: JournalFile, seq: int) -> Stored:
    """Wait for the first odds that know what was kept after a sequence number."""
    async with asyncio.timeout(LONGEST_S):
        while True:
            for stored in journal.read(seq).entries:
                if stored.entry.kind == "candidates_scored" and int(stored.entry.cause or 0) > seq:
                    return stored
            await asyncio.sleep(0.002)


async def singles(address: str, folder: Path) -> list[float]:
    """Send one after the other; return the seconds from each to the odds in the journal."""
    link, took, chance = GrpcLink(address), [], random.Random(7)
    journal = JournalFile.for_reading(folder / JOURNAL)
    try:
        grant = await link.open_session(SessionRequest("tca", "", "1", 0, "", CAPABILITIES, START))
        for number in range(SINGLES):
            seq, began = journal.info().head_seq, datetime.now(UTC)
            (result,) = await link.report_detections(grant.session_id, [nearby(number)])
            assert result.code == 0, result
            took.append(((await odds_after(journal, seq)).recorded_at - began).total_seconds())
            await asyncio.sleep(chance.uniform(0.0, 0.02))
    finally:
        journal.close()
        await link.close()
    return took


@asynccontextmanager
async def served(folder: Path, *words: str) -> AsyncIterator[tuple[str, Process]]:
    """Run the server in a process of its own; yield its address."""
    pipe = asyncio.subprocess.PIPE
    server = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve", str(folder), *words, stdin=pipe, stdout=pipe
    )
    assert server.stdout is not None
    try:
        yield f"127.0.0.1:{int(await server.stdout.readline())}", server
    finally:
        if server.returncode is None:
            await server.communicate(b"")


async def sustained() -> None:
    """Print how many detections a second come through when many send at once."""
    with tempfile.TemporaryDirectory() as folder:
        async with served(Path(folder)) as (address, server):
            work = [[batch(sender, number) for number in range(BATCHES)] for sender in range(SENDERS)]
            began = time.monotonic()
            await asyncio.gather(*(send(address, sender, batches) for sender, batches in enumerate(work)))
            took_s = time.monotonic() - began
            out, _ = await server.communicate(b"")
    kept, sent = int(out), SENDERS * BATCHES * BATCH
    assert kept == sent, f"{kept} of {sent} are kept"
    what = f"detections through gRPC and journal, {SENDERS} senders in batches of {BATCH}"
    print(f"| {what} | ≥ 5,000/s | {sent / took_s:,.0f}/s |")


async def one_by_one() -> None:
    """Print how long a single detection takes to its odds."""
    with tempfile.TemporaryDirectory() as folder:
        async with served(Path(folder), "--searched") as (address, _server):
            took = await singles(address, Path(folder))
    p99_s = statistics.quantiles(took, n=100)[98]
    said = f"median {1e3 * statistics.median(took):.0f}, p99 {1e3 * p99_s:.0f} ms (n = {SINGLES})"
    print(f"| one detection at gRPC → its odds in the SQLite journal | p99 ≤ 250 ms | {said} |")


async def main() -> None:
    """Measure and print rows."""
    await sustained()
    await one_by_one()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve(Path(sys.argv[2]), "--searched" in sys.argv[3:]))
    else:
        asyncio.run(main())
