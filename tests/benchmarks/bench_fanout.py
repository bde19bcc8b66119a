"""One pointing to 200 open streams: the gateway against bare grpc.aio, in turns in the same run.

Run ``python tests/benchmarks/bench_fanout.py``; it prints a markdown table. The streams are 200 connections of two
client processes. Times go from before the command is given to its arrival, on the machine's monotonic clock.
"""

import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import grpc.aio
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.convert import answers
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.practice import practice_pointing
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from telescopes.description.clocks import SkyClockReading
from telescopes.description.messages import Capabilities, Command, SessionRequest
from telescopes.description.telescope import Limits, Timing

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
STREAMS = 200
CLIENTS = 2
ROUNDS = 40
BETWEEN_S = 0.25
POINTING = practice_pointing("tca", "main", NOW)


class Bare(telescope_pb2_grpc.TelescopeServiceServicer):
    """The least that grpc.aio can do: every stream waits for the same message, made once."""

    def __init__(self) -> None:
        self.message = pb.WatchCommandsResponse()
        self.news = asyncio.Event()

    async def WatchCommands(
        self, request: pb.WatchCommandsRequest, context: Any
    ) -> AsyncIterator[pb.WatchCommandsResponse]:
        seq = 0
        yield pb.WatchCommandsResponse(seq=0)
        while True:
            while self.message.seq <= seq:
                await self.news.wait()
            seq = self.message.seq
            yield self.message

    def give(self, seq: int) -> None:
        """Give every stream one pointing."""
        self.message = answers.command(Command(seq, POINTING))
        self.news.set()
        self.news = asyncio.Event()


async def client(address: str, session: str, streams: int) -> None:
    """Open streams, say so, and print when each pointing arrived at each."""
    arrived: dict[int, list[float]] = {seq: [] for seq in range(1, ROUNDS + 1)}
    opened = 0

    async def watch() -> None:
        nonlocal opened
        options = [("grpc.use_local_subchannel_pool", 1)]
        async with grpc.aio.insecure_channel(address, options=options) as channel:
            stub: Any = telescope_pb2_grpc.TelescopeServiceStub(channel)
            greeted = False
            async for said in stub.WatchCommands(pb.WatchCommandsRequest(session_id=session)):
                if not greeted:
                    greeted, opened = True, opened + 1
                    if opened == streams:
                        print("open", flush=True)
                if said.HasField("pointing"):
                    arrived[said.seq].append(time.monotonic())
                    if said.seq == ROUNDS:
                        return

    await asyncio.gather(*(watch() for _ in range(streams)))
    print(json.dumps(arrived), flush=True)


class Crowd:
    """The client processes of one server."""

    def __init__(self, address: str, session: str) -> None:
        self._words = ["--client", address, session, str(STREAMS // CLIENTS)]
        self._processes: list[asyncio.subprocess.Process] = []

    async def open(self) -> None:
        """Start them and wait until every stream is open."""
        for _ in range(CLIENTS):
            process = await asyncio.create_subprocess_exec(
                sys.executable, __file__, *self._words, stdout=asyncio.subprocess.PIPE
            )
            self._processes.append(process)
        for process in self._processes:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"open\n"

    async def spans_s(self, given: dict[int, float]) -> list[float]:
        """Wait for their end and say how long each pointing took to each stream."""
        spans: list[float] = []
        for process in self._processes:
            out, _ = await process.communicate()
            for seq, times in json.loads(out).items():
                assert len(times) == STREAMS // CLIENTS, f"pointing {seq} reached {len(times)} streams"
                spans += [at - given[int(seq)] for at in times]
        return spans


class Turns:
    """When each pointing was given, and what this process worked until all was quiet again."""

    def __init__(self) -> None:
        self.given: dict[int, float] = {}
        self.cpu_s = 0.0

    @asynccontextmanager
    async def turn(self, seq: int) -> AsyncIterator[None]:
        """Give one pointing inside."""
        began_s = time.process_time()
        self.given[seq] = time.monotonic()
        yield
        await asyncio.sleep(BETWEEN_S)
        self.cpu_s += time.process_time() - began_s


async def gateway() -> tuple[GatewayServer, LoopbackTelescope, str, str]:
    """Start the gateway over one telescope that lives in memory."""
    telescope = LoopbackTelescope("tca")
    service = TelescopeService(
        lambda _: telescope,
        sky_clock=lambda: SkyClockReading(NOW, 1.0),
        utc_now=lambda: NOW,
        timing=StreamTiming(10.0, random.Random(1).random),
    )
    server = GatewayServer("127.0.0.1", 0, service, OperatorService(LoopbackDesk({}, NOW)))
    port = await server.start()
    capabilities = Capabilities((), Limits(), Timing(), "", ())
    grant = await telescope.open_session(SessionRequest("tca", "", "b", 0, "", capabilities, NOW))
    return server, telescope, f"127.0.0.1:{port}", grant.session_id


async def main() -> float:
    """Measure both in turns, print the table, and return the ratio of the medians."""
    ours, telescope, address, session = await gateway()
    bare, bare_server = Bare(), grpc.aio.server()
    telescope_pb2_grpc.add_TelescopeServiceServicer_to_server(bare, bare_server)
    bare_address = f"127.0.0.1:{bare_server.add_insecure_port('127.0.0.1:0')}"
    await bare_server.start()
    crowd, bare_crowd = Crowd(address, session), Crowd(bare_address, session)
    await crowd.open()
    await bare_crowd.open()
    turns, bare_turns = Turns(), Turns()
    for seq in range(1, ROUNDS + 1):
        async with turns.turn(seq):
            await telescope.command(replace(POINTING, pointing_id=f"p{seq}"))
        async with bare_turns.turn(seq):
            bare.give(seq)
    spans, bare_spans = await crowd.spans_s(turns.given), await bare_crowd.spans_s(bare_turns.given)
    await ours.stop(grace_s=1.0)
    await bare_server.stop(1.0)
    ratio = statistics.median(spans) / statistics.median(bare_spans)
    cpu = turns.cpu_s / bare_turns.cpu_s
    print(f"\n| one pointing to {STREAMS} streams, {ROUNDS} rounds | p50 ms | p99 ms | max ms | server CPU ms |")
    print("| --- | --- | --- | --- | --- |")
    print(row("bare grpc.aio", bare_spans, bare_turns.cpu_s))
    print(row(f"gateway (to bare: p50 {ratio:.2f}, CPU {cpu:.2f}; budget 1.5)", spans, turns.cpu_s))
    return ratio


def row(name: str, spans_s: list[float], cpu_s: float) -> str:
    """Return one row of the table."""
    percentiles = statistics.quantiles(spans_s, n=100)
    times_ms = [1e3 * each for each in (percentiles[49], percentiles[98], max(spans_s), cpu_s / ROUNDS)]
    return f"| {name} | {' | '.join(f'{each:.1f}' for each in times_ms)} |"


def test_one_pointing_reaches_two_hundred_streams() -> None:
    assert asyncio.run(main()) > 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--client"]:
        asyncio.run(client(sys.argv[2], sys.argv[3], int(sys.argv[4])))
    else:
        asyncio.run(main())
