"""The gateway with TLS, over real sockets and real certificates: who comes in, as whom, and how much."""

import asyncio
import gc
import socket
import sqlite3
import ssl
import threading
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
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
from builders.tcp_proxy import TcpProxy
from grpc_health.v1 import health_pb2, health_pb2_grpc

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope, no_such_telescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from coordinator.security.authority import open_authority
from coordinator.security.identity import Identity, Role
from coordinator.security.own_certificates import OwnCertificates
from coordinator.security.turns import AT_ONCE
from telescopes.agent.enrolment import enrol
from telescopes.agent.grpc_link import GrpcLink
from telescopes.agent.renewal import Renewal
from telescopes.agent.tls_probe import why_closed
from telescopes.credentials.enrolment_token import EnrolmentToken
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.credentials.key_pair import life_of, new_key, signing_request
from telescopes.description.clocks import SkyClockReading
from telescopes.description.errors import Refused
from telescopes.description.footprint import Circle
from telescopes.description.messages import Capabilities, SessionRequest
from telescopes.description.telescope import Instrument, Limits, Timing

Code = grpc.StatusCode
EXPIRED = timedelta(days=91)
DUE = timedelta(days=61)
CAMERA = Instrument("main", ("r",), Circle(1.0))
KNOWN = Capabilities((CAMERA,), Limits(), Timing(), "ab" * 32, ("simulated",))


@dataclass
class Secured:
    """A gateway with TLS that runs here, and its authority."""

    authority: SmallAuthority
    server: GatewayServer
    folder: Path
    address: str
    enrolment_port: int
    desk: LoopbackDesk
    link_s: float = 0.0

    def token(self, name: str = "tca", **changes: Any) -> EnrolmentToken:
        secret, _ = self.authority.register.new_token(Identity(Role.TELESCOPE, name), utc_now())
        said = {"authority_sha256": self.authority.sha256, "secret": secret, **changes}
        return EnrolmentToken("telescope", name, self.enrolment_port, **said)

    def channel(self, files: IdentityFiles) -> grpc.aio.Channel:
        own = files.read()
        credentials = grpc.ssl_channel_credentials(own.authority, own.key, own.certificate)
        return grpc.aio.secure_channel(self.address, credentials, [("grpc.use_local_subchannel_pool", 1)])

    def files(self, name: str = "tca", role: Role = Role.TELESCOPE, **changes: Any) -> IdentityFiles:
        return self.authority.identity(self.folder, name, role, **changes)


@pytest.fixture
async def secured(tmp_path: Path) -> AsyncIterator[Secured]:
    authority = SmallAuthority(tmp_path / "ca")
    telescopes = {name: LoopbackTelescope(name, heartbeat_s=0.1) for name in ("tca", "zadko")}

    def port(telescope_id: str) -> LoopbackTelescope:
        if telescope_id not in telescopes:
            raise no_such_telescope(telescope_id)
        return telescopes[telescope_id]

    service = TelescopeService(
        port,
        sky_clock=lambda: SkyClockReading(utc_now(), 1.0),
        utc_now=utc_now,
        timing=StreamTiming(0.1, lambda: 0.5),
    )
    desk = LoopbackDesk(telescopes, utc_now())
    made = Secured(authority, None, tmp_path, "", 0, desk)  # type: ignore[arg-type]
    door = authority.door(link_now=lambda: made.link_s)
    made.server = GatewayServer("127.0.0.1", 0, service, OperatorService(desk), door)
    made.address = f"127.0.0.1:{await made.server.start()}"
    made.enrolment_port = door.port_for_enrolment
    yield made
    await made.server.stop(grace_s=0.2)


def announcement(telescope_id: str = "tca") -> pb.OpenSessionRequest:
    request = pb.OpenSessionRequest(telescope_id=telescope_id, boot_id="boot")
    request.client_time.FromDatetime(utc_now())
    return request


def an_agents_request(telescope_id: str = "tca") -> SessionRequest:
    return SessionRequest(telescope_id, "0.1.0", "boot", 0, "", KNOWN, utc_now())


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
        async with asyncio.timeout(10.0):
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
        async with asyncio.timeout(10.0):
            ended = await failure(said)
        assert (ended.code, ended.reason) == (Code.UNAUTHENTICATED, "CERTIFICATE_REVOKED")


async def test_bytes_that_are_no_request_are_refused_with_the_method(secured: Secured, failure: Any) -> None:
    async with secured.channel(secured.files()) as channel:
        raw: Any = channel.unary_unary("/armillary.telescope.v1.TelescopeService/ReportStatus")
        refused = await failure(raw(b"\xff" * 1000))
        assert (refused.code, refused.reason) == (Code.INVALID_ARGUMENT, "INVALID")


async def test_a_token_is_spent_once_and_opens_the_gateway(secured: Secured) -> None:
    token, files = secured.token(), IdentityFiles.in_folder(secured.folder / "site")
    life = await asyncio.to_thread(enrol, token, secured.address, files)
    assert life.uris == ("spiffe://armillary/telescope/tca",)
    assert timedelta(days=89) < life.left(utc_now()) < timedelta(days=90)
    assert files.key.stat().st_mode & 0o777 == 0o600
    link = GrpcLink(secured.address, files)
    assert (await link.open_session(an_agents_request())).session_id
    await link.close()
    with pytest.raises(Refused, match="was spent already"):
        await asyncio.to_thread(enrol, token, secured.address, IdentityFiles.in_folder(secured.folder / "thief"))
    with sqlite3.connect(secured.authority.folder / "register.sqlite") as db:
        kept = "\n".join(db.iterdump())
    db.close()
    assert token.secret not in kept


async def test_an_answer_that_was_lost_is_given_again_to_the_same_key(secured: Secured) -> None:
    token, request = secured.token(), signing_request(new_key(), "tca")
    trusted = grpc.ssl_channel_credentials(secured.authority.pem)
    async with grpc.aio.secure_channel(f"127.0.0.1:{secured.enrolment_port}", trusted) as channel:
        stub = enrolment_pb2_grpc.EnrolmentServiceStub(channel)
        asked = enrolment_pb2.EnrollRequest(secret=token.secret, signing_request_pem=request)
        first, again = await stub.Enroll(asked), await stub.Enroll(asked)
    assert first.certificate.certificate_pem == again.certificate.certificate_pem


async def test_strangers_who_ask_without_end_keep_no_other_address_from_enrolling(
    secured: Secured, failure: Any
) -> None:
    trusted, bad, good = grpc.ssl_channel_credentials(secured.authority.pem), "127.0.0.66", "127.0.0.7"
    proxies = {source: TcpProxy(secured.enrolment_port, source=source) for source in (bad, good)}
    async with grpc.aio.secure_channel(f"127.0.0.1:{proxies[bad].port}", trusted) as channel:
        stub = enrolment_pb2_grpc.EnrolmentServiceStub(channel)
        guess = enrolment_pb2.EnrollRequest(secret="guess", signing_request_pem=signing_request(new_key(), "tca"))
        assert {(await failure(stub.Enroll(guess))).code for _ in range(30)} == {Code.UNAUTHENTICATED}
        refused = await failure(stub.Enroll(guess))
        assert (refused.code, refused.reason) == (Code.RESOURCE_EXHAUSTED, "RATE")
        token = replace(secured.token(), port=proxies[good].port)
        files = IdentityFiles.in_folder(secured.folder / "site")
        assert await asyncio.to_thread(enrol, token, f"127.0.0.1:{token.port}", files)
    for proxy in proxies.values():
        proxy.close()


async def test_enrolment_shares_no_threads_with_other_work(secured: Secured) -> None:
    trusted, go_on = grpc.ssl_channel_credentials(secured.authority.pem), threading.Event()
    other_work = [asyncio.create_task(asyncio.to_thread(go_on.wait, 20.0)) for _ in range(40)]
    async with grpc.aio.secure_channel(f"127.0.0.1:{secured.enrolment_port}", trusted) as channel:
        stub = enrolment_pb2_grpc.EnrolmentServiceStub(channel)
        shown = await stub.GetAuthority(enrolment_pb2.GetAuthorityRequest(), timeout=10.0)
    assert shown.authority_pem == secured.authority.pem
    assert not any(task.done() for task in other_work)
    go_on.set()
    await asyncio.gather(*other_work)


async def test_two_who_spend_one_token_at_once_get_one_certificate(secured: Secured) -> None:
    token, trusted = secured.token(), grpc.ssl_channel_credentials(secured.authority.pem)
    async with grpc.aio.secure_channel(f"127.0.0.1:{secured.enrolment_port}", trusted) as channel:
        stub = enrolment_pb2_grpc.EnrolmentServiceStub(channel)
        asked = [
            enrolment_pb2.EnrollRequest(secret=token.secret, signing_request_pem=signing_request(new_key(), "tca"))
            for _ in range(4)
        ]
        answers = await asyncio.gather(*map(stub.Enroll, asked), return_exceptions=True)
    failed = [one for one in answers if isinstance(one, grpc.aio.AioRpcError)]
    assert [error.code() for error in failed] == [Code.UNAUTHENTICATED] * 3


async def test_a_gateway_of_another_authority_never_sees_the_secret(secured: Secured) -> None:
    token = secured.token(authority_sha256="0" * 64)
    with pytest.raises(Refused, match="another authority"):
        await asyncio.to_thread(enrol, token, secured.address, IdentityFiles.in_folder(secured.folder / "site"))
    assert [one.state(utc_now()) for one in secured.authority.register.tokens()] == ["open"]


class Stranger(enrolment_pb2_grpc.EnrolmentServiceServicer):
    """Somebody on the way: shows the authority that anybody may see with their own behind it, and signs nothing."""

    def __init__(self, shown: bytes) -> None:
        self.shown = shown
        self.secrets: list[str] = []

    async def GetAuthority(self, request: Any, context: Any) -> enrolment_pb2.GetAuthorityResponse:
        return enrolment_pb2.GetAuthorityResponse(authority_pem=self.shown)

    async def Enroll(self, request: Any, context: Any) -> enrolment_pb2.EnrollResponse:
        self.secrets.append(request.secret)
        return enrolment_pb2.EnrollResponse()

    async def RenewCertificate(self, request: Any, context: Any) -> enrolment_pb2.RenewCertificateResponse:
        return enrolment_pb2.RenewCertificateResponse()


@asynccontextmanager
async def stranger(authority: SmallAuthority, shown: bytes) -> AsyncIterator[tuple[Stranger, int]]:
    """Serve a stranger with the gateway's certificate of an authority."""
    OwnCertificates(authority.folder, ("localhost", "127.0.0.1"), utc_now).make_fresh()
    pair = [(authority.folder / f"gateway.{end}").read_bytes() for end in ("key", "pem")]
    servicer, server = Stranger(shown), grpc.aio.server()
    enrolment_pb2_grpc.add_EnrolmentServiceServicer_to_server(servicer, server)
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(pair[0], pair[1])]))
    await server.start()
    yield servicer, port
    await server.stop(0.2)


async def test_an_authority_with_another_behind_it_is_not_the_tokens(secured: Secured) -> None:
    theirs = SmallAuthority(secured.folder / "theirs")
    async with stranger(theirs, secured.authority.pem + theirs.pem) as (servicer, port):
        files = IdentityFiles.in_folder(secured.folder / "site")
        with pytest.raises(Refused, match="not one certificate"):
            await asyncio.to_thread(enrol, replace(secured.token(), port=port), f"127.0.0.1:{port}", files)
        assert servicer.secrets == []
        assert not files.authority.exists()


async def test_a_renewal_that_brings_nothing_leaves_what_is_good(secured: Secured) -> None:
    files = secured.files(ago=DUE)
    before = files.read()
    async with stranger(secured.authority, b"") as (_, port):
        with pytest.raises(Refused):
            await Renewal("tca", f"127.0.0.1:{port}", files, utc_now).renew_if_due()
    assert files.read() == before


async def test_what_is_taken_back_while_the_next_is_signed_is_not_renewed(secured: Secured) -> None:
    register, shown = secured.authority.register, life_of(secured.files().read().certificate, "").serial
    register.revoke("tca", utc_now(), "stolen")
    request = signing_request(new_key(), "tca")
    signed = open_authority(secured.authority.folder).sign_client(Identity(Role.TELESCOPE, "tca"), request, utc_now())
    with pytest.raises(Refused) as refused:
        register.renew(shown, signed, utc_now())
    assert refused.value.reason == "CERTIFICATE_REVOKED"
    assert signed.serial not in {one.serial for one in register.certificates()}


async def test_the_observatorys_own_certificate_is_made_anew_after_it_was_taken_back(secured: Secured) -> None:
    folder = secured.authority.folder
    secured.authority.register.revoke("local", utc_now(), "by mistake")
    before = (folder / "local.pem").read_bytes()
    own = OwnCertificates(folder, ("localhost", "127.0.0.1"), utc_now)
    own.make_fresh()
    assert own.local.certificate.read_bytes() != before


async def test_a_certificate_is_renewed_in_time_and_shown_by_the_running_link(secured: Secured) -> None:
    files = secured.files(ago=DUE)
    link, before = GrpcLink(secured.address, files), files.read()
    await link.open_session(an_agents_request())
    renewal = Renewal("tca", secured.address, files, utc_now)
    assert await renewal.renew_if_due()
    assert not await renewal.renew_if_due()
    assert files.read().key == before.key
    secured.authority.register.revoke(life_of(before.certificate, "").serial, utc_now(), "old")
    assert (await link.open_session(an_agents_request())).session_id
    await link.close()


async def test_a_renewed_certificate_of_the_gateway_is_shown_without_a_restart(secured: Secured) -> None:
    def shown() -> bytes:
        host, _, port = secured.address.rpartition(":")
        return ssl.get_server_certificate((host, secured.enrolment_port or int(port))).encode()

    first = await asyncio.to_thread(shown)
    OwnCertificates(secured.authority.folder, ("localhost", "127.0.0.1", "elsewhere.example"), utc_now).make_fresh()
    second = await asyncio.to_thread(shown)
    assert "elsewhere.example" not in life_of(first, "").hosts
    assert "elsewhere.example" in life_of(second, "").hosts


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
