"""Certificates over real sockets: tokens are spent, strangers held apart, certificates renewed and shown."""

import asyncio
import sqlite3
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import grpc
import grpc.aio
import pytest
from armillary.enrolment.v1 import enrolment_pb2, enrolment_pb2_grpc
from builders.secured import SmallAuthority, utc_now
from builders.secured_gateway import Secured, an_agents_request
from builders.tcp_proxy import TcpProxy

from coordinator.security.authority import open_authority
from coordinator.security.identity import Identity, Role
from coordinator.security.own_certificates import OwnCertificates
from telescopes.agent.enrolment import enrol
from telescopes.agent.grpc_link import GrpcLink
from telescopes.agent.renewal import Renewal
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.credentials.key_pair import life_of, new_key, signing_request
from telescopes.description.errors import Refused

Code = grpc.StatusCode
DUE = timedelta(days=61)


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
    other_work = [asyncio.create_task(asyncio.to_thread(go_on.wait, 120.0)) for _ in range(40)]
    async with grpc.aio.secure_channel(f"127.0.0.1:{secured.enrolment_port}", trusted) as channel:
        stub = enrolment_pb2_grpc.EnrolmentServiceStub(channel)
        shown = await stub.GetAuthority(enrolment_pb2.GetAuthorityRequest(), timeout=60.0)
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
