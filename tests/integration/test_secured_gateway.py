"""The gateway with TLS, over real sockets and real certificates: who comes in, as whom, and how much."""

import asyncio
import gc
import socket
import tracemalloc
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from armillary.enrolment.v1 import enrolment_pb2, enrolment_pb2_grpc
from armillary.operator.v1 import operator_pb2, operator_pb2_grpc
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc
from builders.secured import SmallAuthority, utc_now
from builders.secured_gateway import Secured, an_agents_request, announcement
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.guard import ASK_EACH_S
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from coordinator.security.identity import Role
from coordinator.security.turns import AT_ONCE
from telescopes.agent.grpc_link import GrpcLink
from telescopes.agent.tls_probe import why_closed
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.description.clocks import SkyClockReading
from telescopes.description.errors import Refused

Code = grpc.StatusCode
EXPIRED = timedelta(days=91)


async def test_a_telescope_is_served_as_itself_and_as_no_other(secured: Secured, failure: Any) -> None:
    async with secured.channel(secured.files()) as channel:
        stub = telescope_pb2_grpc.TelescopeServiceStub(channel)
        session = (await stub.OpenSession(announcement())).session_id
        refused = await failure(stub.OpenSession(announcement("zadko")))
        assert (refused.code, refused.reason) == (Code.PERMISSION_DENIED, "IDENTITY_MISMATCH")
        other = session.replace("tca", "zadko")
        for call in (
            stub.ReportPointings(pb.ReportPointingsRequest(session_id=other)),
            stub.ReportStatus(pb.ReportStatusRequest(session_id=other)),
            stub.ReportDetections(pb.ReportDetectionsRequest(session_id=other)),
            stub.ListPointings(pb.ListPointingsRequest(session_id=other)),
            stub.WatchCommands(pb.WatchCommandsRequest(session_id=other)),
        ):
            assert (await failure(call)).reason == "IDENTITY_MISMATCH"
        assert (await stub.ReportPointings(pb.ReportPointingsRequest(session_id=session))).results == []


async def test_each_role_calls_what_is_its_own(secured: Secured, failure: Any) -> None:
    def calls(channel: grpc.aio.Channel) -> dict[str, Any]:
        desk = operator_pb2_grpc.OperatorServiceStub(channel)
        site = telescope_pb2_grpc.TelescopeServiceStub(channel)
        pause = operator_pb2.PauseTelescopeRequest(action_id="a", telescope_id="tca", operator="ada", reason="wind")
        piece = operator_pb2.SubmitAlertRequest(name="a.xml", data=b"<a/>")
        return {
            "list": lambda: desk.ListTelescopes(operator_pb2.ListTelescopesRequest()),
            "submit": lambda: desk.SubmitAlert(iter([piece])),
            "pause": lambda: desk.PauseTelescope(pause),
            "session": lambda: site.OpenSession(announcement()),
            "enroll": lambda: enrolment_pb2_grpc.EnrolmentServiceStub(channel).Enroll(enrolment_pb2.EnrollRequest()),
            "health": lambda: health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest()),
        }

    allowed = {}
    for role in Role:
        async with secured.channel(secured.files("tca", role)) as channel:
            allowed[role] = set()
            for name, call in calls(channel).items():
                try:
                    await call()
                    allowed[role].add(name)
                except grpc.aio.AioRpcError as error:
                    assert error.code() is Code.PERMISSION_DENIED, (role, name, error)
    assert allowed == {
        Role.TELESCOPE: {"session", "health"},
        Role.OPERATOR: {"list", "submit", "pause", "health"},
        Role.COORDINATOR: {"list", "submit", "health"},
        Role.VIEWER: {"list", "health"},
    }


async def test_a_decision_carries_the_name_in_the_certificate(secured: Secured) -> None:
    async with secured.channel(secured.files("ada", Role.OPERATOR)) as channel:
        desk = operator_pb2_grpc.OperatorServiceStub(channel)
        for said in ("Bob", "ada"):
            await desk.PauseTelescope(
                operator_pb2.PauseTelescopeRequest(action_id=said, telescope_id="tca", operator=said, reason="wind")
            )
    assert [one.operator for one in secured.desk.actions.values()] == ["Bob [ada]", "ada"]


async def test_who_shows_no_certificate_or_a_strangers_or_an_old_one_is_told_why(
    secured: Secured, tmp_path: Path
) -> None:
    stranger = SmallAuthority(tmp_path / "other").identity(tmp_path / "stranger")
    forged = IdentityFiles(stranger.key, stranger.certificate, secured.files("x").authority)
    said = {}
    for name, files in {
        "none": None,
        "wrong gateway": stranger,
        "forged": forged,
        "old": secured.files(ago=EXPIRED),
    }.items():
        link = GrpcLink(secured.address, files)
        with pytest.raises(Refused) as refused:
            await link.open_session(an_agents_request())
        await link.close()
        said[name] = refused.value
    assert {refused.reason for refused in said.values()} == {"NO_CERTIFICATE"}
    assert "has none; enrol: armillary agent enroll" in str(said["none"])
    assert "cannot be trusted" in str(said["wrong gateway"])
    assert "does not take this telescope's certificate" in str(said["forged"])
    assert "ran out at" in str(said["old"])


async def test_a_gateway_that_is_away_or_speaks_plain_text_is_no_matter_of_certificates(
    secured: Secured, gateway: Any
) -> None:
    away = await asyncio.to_thread(why_closed, "127.0.0.1:1", None, utc_now())
    plain = await asyncio.to_thread(why_closed, gateway.address, None, utc_now())
    assert (away, plain) == (None, None)
    refused = await asyncio.to_thread(why_closed, gateway.address, secured.files(), utc_now())
    assert refused is not None and "speaks no TLS" in refused.what
    assert await asyncio.to_thread(why_closed, secured.address, secured.files(), utc_now()) is None


async def test_a_certificate_that_is_taken_back_ends_its_stream_and_its_calls_without_a_restart(
    secured: Secured, failure: Any
) -> None:
    async with secured.channel(secured.files()) as channel, secured.channel(secured.files("zadko")) as other:
        stub = telescope_pb2_grpc.TelescopeServiceStub(channel)
        session = (await stub.OpenSession(announcement())).session_id
        stream = stub.WatchCommands(pb.WatchCommandsRequest(session_id=session))
        assert (await stream.read()).HasField("heartbeat")
        secured.authority.register.revoke("tca", utc_now(), "laptop lost")
        async with asyncio.timeout(90.0):
            ended = await failure(stream)
        assert (ended.code, ended.reason) == (Code.UNAUTHENTICATED, "CERTIFICATE_REVOKED")
        refused = await failure(stub.ReportStatus(pb.ReportStatusRequest(session_id=session)))
        assert (refused.code, refused.reason) == (Code.UNAUTHENTICATED, "CERTIFICATE_REVOKED")
        await telescope_pb2_grpc.TelescopeServiceStub(other).OpenSession(announcement("zadko"))


async def test_a_gateway_that_stops_drains_a_guarded_stream_and_leaves_nothing(secured: Secured, until: Any) -> None:
    before = asyncio.all_tasks()
    async with secured.channel(secured.files()) as channel:
        stub = telescope_pb2_grpc.TelescopeServiceStub(channel)
        session = (await stub.OpenSession(announcement())).session_id
        stream = stub.WatchCommands(pb.WatchCommandsRequest(session_id=session))
        await stream.read()
        cancelled = stub.WatchCommands(pb.WatchCommandsRequest(session_id=session))
        await cancelled.read()
        cancelled.cancel()
        await secured.server.stop(grace_s=1.0)
        last = None
        while (message := await stream.read()) is not grpc.aio.EOF:
            last = message
    assert last is not None and last.HasField("drain")
    await until(lambda: asyncio.all_tasks() <= before)


async def test_too_many_reports_at_once_are_sent_back_with_when_to_come_again(secured: Secured, failure: Any) -> None:
    async with secured.channel(secured.files()) as channel, secured.channel(secured.files("zadko")) as other:
        stub = telescope_pb2_grpc.TelescopeServiceStub(channel)
        session = (await stub.OpenSession(announcement())).session_id
        batch = pb.ReportPointingsRequest(session_id=session, reports=[pb.PointingReport()] * 200)
        assert len((await stub.ReportPointings(batch)).results) == 200
        refused = await failure(stub.ReportPointings(batch))
        assert (refused.code, refused.reason, refused.retry_after_s) == (Code.RESOURCE_EXHAUSTED, "RATE", 10.0)
        await telescope_pb2_grpc.TelescopeServiceStub(other).OpenSession(announcement("zadko"))
        secured.link_s += 10.0
        assert len((await stub.ReportPointings(batch)).results) == 200


async def test_a_call_that_waits_its_turn_is_not_read_and_keeps_nobody_else_waiting(
    secured: Secured, until: Any
) -> None:
    sent, path = list[int](), "/armillary.telescope.v1.TelescopeService/ReportPointings"
    async with secured.channel(secured.files()) as channel, secured.channel(secured.files("zadko")) as other:
        stub = telescope_pb2_grpc.TelescopeServiceStub(channel)
        session = (await stub.OpenSession(announcement())).session_id
        large = pb.ReportPointingsRequest(session_id=session, reports=[pb.PointingReport(detail="x" * 8000)] * 450)
        raw: Any = channel.stream_unary(path)

        async def call(number: int) -> grpc.StatusCode:
            async def pieces() -> AsyncIterator[bytes]:
                yield large.SerializeToString()
                sent.append(number)  # Asked for only when the first is on its way, and so is read over there.

            try:
                await raw(pieces())
            except grpc.aio.AioRpcError as failed:
                return failed.code()
            return Code.OK

        calls = [asyncio.create_task(call(number)) for number in range(40)]
        await until(lambda: sum(task.done() for task in calls) >= AT_ONCE)
        assert {task.result() for task in calls if task.done()} == {Code.OK, Code.RESOURCE_EXHAUSTED}
        await telescope_pb2_grpc.TelescopeServiceStub(other).OpenSession(announcement("zadko"))
        assert len(sent) <= AT_ONCE + 2
        for task in calls:
            task.cancel()
        await asyncio.gather(*calls, return_exceptions=True)


async def test_a_large_call_that_was_answered_leaves_nothing_behind(secured: Secured) -> None:
    many, size_bytes = 10, 2_000_000
    async with secured.channel(secured.files()) as channel:
        session = (await telescope_pb2_grpc.TelescopeServiceStub(channel).OpenSession(announcement())).session_id
        status = pb.ReportStatusRequest(session_id=session, safe=True)
        status.client_time.FromDatetime(utc_now())
        known = status.SerializeToString()
        unknown = b"\xc2\x3e\x80\x89\x7a" + b"x" * size_bytes  # field 1000: so many bytes
        raw: Any = channel.unary_unary("/armillary.telescope.v1.TelescopeService/ReportStatus")
        await raw(known)
        gc.collect()
        gc.disable()  # what waits for it would be as good as kept: it comes seldom beside large calls
        tracemalloc.start()
        try:
            for _ in range(many):
                await raw(known + unknown)
            kept_bytes, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            gc.enable()
    assert kept_bytes < 3 * size_bytes


async def test_health_is_watched_behind_the_door(secured: Secured) -> None:
    async with secured.channel(secured.files()) as channel:
        said = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert (await said.read()).status == health_pb2.HealthCheckResponse.SERVING
        said.cancel()


async def test_a_certificate_that_is_taken_back_watches_health_no_more(secured: Secured, failure: Any) -> None:
    async with secured.channel(secured.files()) as channel:
        said = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert (await said.read()).status == health_pb2.HealthCheckResponse.SERVING
        secured.authority.register.revoke("tca", utc_now(), "laptop lost")
        async with asyncio.timeout(90.0):
            ended = await failure(said)
        assert (ended.code, ended.reason) == (Code.UNAUTHENTICATED, "CERTIFICATE_REVOKED")


async def test_a_certificate_that_is_taken_back_ends_the_streams_on_which_it_sends_nothing_more(
    secured: Secured, failure: Any
) -> None:
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    async with secured.channel(secured.files("ada", Role.OPERATOR)) as channel:
        told = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo()
        handed_over = operator_pb2_grpc.OperatorServiceStub(channel).SubmitAlert()
        await told.write(asked)
        assert (await told.read()).list_services_response.service
        await handed_over.write(operator_pb2.SubmitAlertRequest(name="half.fits", data=b"x"))
        secured.authority.register.revoke("ada", utc_now(), "left")
        async with asyncio.timeout(90.0):
            ended = [await failure(told.read()), await failure(handed_over)]
    assert [(one.code, one.reason) for one in ended] == [(Code.UNAUTHENTICATED, "CERTIFICATE_REVOKED")] * 2


async def test_reflection_is_asked_again_after_a_pause(secured: Secured) -> None:
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    async with secured.channel(secured.files()) as channel:
        told = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo()
        await told.write(asked)
        assert (await told.read()).list_services_response.service
        await asyncio.sleep(1.5 * ASK_EACH_S)
        await told.write(asked)
        assert (await told.read()).list_services_response.service
        await told.done_writing()
        assert await told.read() is grpc.aio.EOF


async def test_bytes_that_are_no_request_are_refused_with_the_method(secured: Secured, failure: Any) -> None:
    async with secured.channel(secured.files()) as channel:
        raw: Any = channel.unary_unary("/armillary.telescope.v1.TelescopeService/ReportStatus")
        refused = await failure(raw(b"\xff" * 1000))
        assert (refused.code, refused.reason) == (Code.INVALID_ARGUMENT, "INVALID")


async def test_a_certificate_serves_for_its_own_end_of_the_link_alone(secured: Secured) -> None:
    folder = secured.authority.folder
    gateways = IdentityFiles(folder / "gateway.key", folder / "gateway.pem", folder / "authority.pem")
    link = GrpcLink(secured.address, gateways)
    with pytest.raises(Refused, match="does not take this telescope's certificate"):
        await link.open_session(an_agents_request())
    await link.close()

    own = secured.files().read()
    server = grpc.aio.server()
    shown = grpc.ssl_server_credentials([(own.key, own.certificate)])
    port = server.add_secure_port("127.0.0.1:0", shown)
    await server.start()
    link = GrpcLink(f"127.0.0.1:{port}", secured.files("zadko"))
    with pytest.raises(Refused, match="cannot be trusted"):
        await link.open_session(an_agents_request("zadko"))
    await link.close()
    await server.stop(0)


async def test_a_gateway_whose_port_is_taken_leaves_no_port_open(secured: Secured, tmp_path: Path) -> None:
    other = SmallAuthority(tmp_path / "other").door()
    port = int(secured.address.rpartition(":")[2])
    service = TelescopeService(
        dict[str, LoopbackTelescope]().__getitem__,
        sky_clock=lambda: SkyClockReading(utc_now(), 1.0),
        utc_now=utc_now,
        timing=StreamTiming(0.1, lambda: 0.5),
    )
    server = GatewayServer("127.0.0.1", port, service, OperatorService(LoopbackDesk({}, utc_now())), other)
    with pytest.raises(Refused, match="cannot listen there"):
        await server.start()
    with socket.create_server(("127.0.0.1", other.port_for_enrolment)):
        pass
