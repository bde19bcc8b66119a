"""What the gateway's guard lets in and for how long it holds a turn: with calls that are no gRPC's, in virtual time."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import grpc.aio
import pytest
from armillary.telescope.v1 import telescope_pb2 as pb
from builders.secured import SmallAuthority, utc_now

from coordinator.gateway.errors import Answering
from coordinator.gateway.guard import READ_WITHIN_S, Guard
from coordinator.security.admission import Admission
from coordinator.security.meters import Meters
from coordinator.security.refusals import Refusals
from coordinator.security.turns import AT_ONCE, Turns
from coordinator.simulation.virtual_loop import VirtualLoop, run_virtual
from telescopes.credentials.key_pair import life_of
from telescopes.description.errors import Refused

METHOD = "/armillary.telescope.v1.TelescopeService/ReportStatus"
OWN = pb.ReportStatusRequest(session_id="tca:1:token").SerializeToString()
Serve = Callable[[Any, Any], Awaitable[Any]]


@dataclass
class Call:
    """A call of one request; None: it never comes."""

    certificate: bytes
    body: bytes | None = OWN
    was_read: bool = False
    ended: int | None = None

    def auth_context(self) -> dict[str, list[bytes]]:
        return {"x509_pem_cert": [self.certificate]}

    async def read(self) -> bytes:
        self.was_read = True
        if self.body is None:
            await asyncio.Event().wait()
        return self.body

    def code(self) -> int | None:
        return self.ended

    async def abort_with_status(self, status: Any) -> None:
        self.ended = status.code.value[0]
        raise grpc.aio.AbortError


@dataclass
class Guarded:
    """A method behind a guard."""

    loop: VirtualLoop
    serve: Serve
    revoked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        now = self.loop.time
        admission = Admission(self.revoked.__contains__, Meters(now), utc_now)
        self.guard = Guard(admission, Refusals(now), Turns(now))

    async def call(self, certificate: bytes, body: bytes | None = OWN) -> int | None:
        """Call it; return the status with which it ended, None: it was answered."""
        return (await self.whole(METHOD, certificate, body)).ended

    async def whole(self, method: str, certificate: bytes, body: bytes | None = OWN) -> Call:
        """Call it by any name; return what became of the call."""

        async def found(_: Any) -> Any:
            return grpc.unary_unary_rpc_method_handler(self.serve, pb.ReportStatusRequest.FromString)

        details: Any = SimpleNamespace(method=method)
        handler: Any = await self.guard.intercept_service(found, details)
        call = Call(certificate, body)
        with contextlib.suppress(grpc.aio.AbortError):
            await handler.stream_unary(None, call)
        return call


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """Two of one telescope: one that was stolen, say, and its successor."""
    folder: Path = tmp_path_factory.mktemp("guard")
    authority = SmallAuthority(folder / "ca")
    made = [authority.identity(folder / each, ago=timedelta(0)).read().certificate for each in ("old", "new")]
    return made[0], made[1]


async def answered(request: Any, context: Any) -> None:
    """Answer at once."""


def test_a_call_that_its_role_may_not_make_is_not_read(certificates: tuple[bytes, bytes]) -> None:
    async def main(loop: VirtualLoop) -> None:
        guarded = Guarded(loop, answered)
        forbidden = await guarded.whole("/armillary.operator.v1.OperatorService/PauseTelescope", certificates[0])
        assert (forbidden.ended, forbidden.was_read) == (grpc.StatusCode.PERMISSION_DENIED.value[0], False)
        assert (await guarded.whole(METHOD, certificates[0])).was_read

    run_virtual(main)


def test_requests_that_never_come_give_their_turns_back(certificates: tuple[bytes, bytes]) -> None:
    async def main(loop: VirtualLoop) -> None:
        guarded = Guarded(loop, answered)
        stuck = [asyncio.create_task(guarded.call(certificates[0], None)) for _ in range(AT_ONCE)]
        await asyncio.sleep(1.0)
        assert await guarded.call(certificates[0]) is None
        assert loop.time() == pytest.approx(READ_WITHIN_S)
        assert {await task for task in stuck} == {grpc.StatusCode.UNAVAILABLE.value[0]}

    run_virtual(main)


def test_a_call_holds_its_turn_until_it_is_answered_whichever_certificate_it_shows(
    certificates: tuple[bytes, bytes],
) -> None:
    async def main(loop: VirtualLoop) -> None:
        serving = list[float]()

        async def slow(request: Any, context: Any) -> None:
            serving.append(loop.time())
            await asyncio.sleep(10.0)

        guarded = Guarded(loop, slow)
        async with asyncio.TaskGroup() as tasks:
            for number in range(2 * AT_ONCE):
                tasks.create_task(guarded.call(certificates[number % 2]))
            await asyncio.sleep(1.0)
            assert len(serving) == AT_ONCE
        assert serving[AT_ONCE:] == pytest.approx([10.0] * AT_ONCE)

    run_virtual(main)


def test_what_the_service_refuses_counts_as_what_the_guard_refuses(certificates: tuple[bytes, bytes]) -> None:
    async def main(loop: VirtualLoop) -> None:
        async def stale(request: Any, context: Any) -> None:
            async with Answering(context, 30.0):
                raise Refused("is old", where="session", mend="open one", reason="SESSION_STALE")

        guarded, ended_s = Guarded(loop, stale), list[float]()
        large = pb.ReportStatusRequest(session_id="tca:1:" + "x" * (1 << 20)).SerializeToString()
        for body in (OWN, large, OWN):
            assert await guarded.call(certificates[0], body) == grpc.StatusCode.FAILED_PRECONDITION.value[0]
            ended_s.append(loop.time())
        assert ended_s == pytest.approx([0.0, 0.05, 0.35], abs=0.01)

    run_virtual(main)


def test_requests_that_nobody_refuses_are_metered_by_their_bytes(certificates: tuple[bytes, bytes]) -> None:
    async def main(loop: VirtualLoop) -> None:
        guarded = Guarded(loop, answered)
        large = pb.ReportStatusRequest(session_id="tca:1:" + "x" * (4 << 20)).SerializeToString()
        ended = [await guarded.call(certificates[0], large) for _ in range(14)]
        assert ended[:8] == [None] * 7 + [grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]]
        assert loop.time() > 3.0

    run_virtual(main)


def test_a_certificate_that_was_taken_back_does_not_slow_its_successor(certificates: tuple[bytes, bytes]) -> None:
    async def main(loop: VirtualLoop) -> None:
        old, new = certificates
        guarded = Guarded(loop, answered, {life_of(old, "").serial})
        for _ in range(3):
            assert await guarded.call(old) == grpc.StatusCode.UNAUTHENTICATED.value[0]
        began_s = loop.time()
        assert began_s == pytest.approx(0.10)
        assert await guarded.call(new) is None
        assert loop.time() == began_s

    run_virtual(main)
