"""A gateway that refuses each call with the codes that a test gives it, and then answers."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc

ANSWERS = {
    "OpenSession": pb.OpenSessionResponse,
    "ReportPointings": pb.ReportPointingsResponse,
    "ReportStatus": pb.ReportStatusResponse,
    "ReportDetections": pb.ReportDetectionsResponse,
    "ListPointings": pb.ListPointingsResponse,
}


@dataclass
class Fickle(telescope_pb2_grpc.TelescopeServiceServicer):
    """Refuses with the next code, as long as there is one; `came` says when each method was called, link time."""

    codes: Iterator[grpc.StatusCode]
    came: dict[str, list[float]] = field(default_factory=dict)
    address: str = ""

    def __getattribute__(self, name: str) -> Any:
        if name not in ANSWERS:
            return super().__getattribute__(name)

        async def answer(request: Any, context: Any) -> Any:
            await self._refuse(name, context)
            return ANSWERS[name]()

        return answer

    async def WatchCommands(self, request: Any, context: Any) -> AsyncIterator[pb.WatchCommandsResponse]:
        """Refuse, or hang up."""
        await self._refuse("WatchCommands", context)
        return
        yield

    async def _refuse(self, name: str, context: Any) -> None:
        self.came.setdefault(name, []).append(time.monotonic())
        code = next(self.codes, None)
        if code is not None:
            await context.abort(code, "not now")


@asynccontextmanager
async def a_fickle_gateway(*codes: grpc.StatusCode) -> AsyncIterator[Fickle]:
    """Serve on a free port of this machine."""
    fickle = Fickle(iter(codes))
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    telescope_pb2_grpc.add_TelescopeServiceServicer_to_server(fickle, server)
    fickle.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield fickle
    finally:
        await server.stop(0.2)
