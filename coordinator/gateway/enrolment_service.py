"""Certificates over the wire: a token is spent for the first, the present one is the key to the next."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

import grpc.aio
from armillary.enrolment.v1 import enrolment_pb2 as pb
from armillary.enrolment.v1 import enrolment_pb2_grpc

from coordinator.gateway.convert.answers import stamp
from coordinator.gateway.errors import Answering
from coordinator.gateway.peer import address_of, certificate_of
from coordinator.security.authority import Authority, Signed, key_sha256
from coordinator.security.passport import Passports
from coordinator.security.register import Register
from coordinator.security.strangers import Strangers
from telescopes.description.errors import Refused

Context = grpc.aio.ServicerContext[Any, Any]

T = TypeVar("T")

UNARY_S = 30.0
WORKERS = 2
"""Threads of its own: what strangers ask for keeps no other work of the gateway waiting."""
MOST_SECRET = 200


class EnrolmentService(enrolment_pb2_grpc.EnrolmentServiceServicer):
    """Speak `armillary.enrolment.v1`: to strangers on their own port, to others beside the other services.

    Parameters
    ----------
    authority : callable
        Opens the authority; Refused where there is none.
    register : Register
        Tokens and certificates.
    strangers : Strangers
        How fast those may go who have no certificate.
    utc_now : callable
        This machine's UTC.
    """

    def __init__(
        self,
        authority: Callable[[], Authority],
        register: Register,
        strangers: Strangers,
        utc_now: Callable[[], datetime],
    ) -> None:
        self._authority = authority
        self._register = register
        self._strangers = strangers
        self._utc_now = utc_now
        self._passports = Passports()
        self._workers = ThreadPoolExecutor(WORKERS, "enrolment")

    def close(self) -> None:
        """Let go of its threads; what they have begun they end."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    async def GetAuthority(self, request: pb.GetAuthorityRequest, context: Context) -> pb.GetAuthorityResponse:
        """Show the authority's certificate."""
        async with Answering(context, UNARY_S):
            self._count(context)
            authority = await self._work(self._authority)
            return pb.GetAuthorityResponse(authority_pem=authority.pem)

    async def Enroll(self, request: pb.EnrollRequest, context: Context) -> pb.EnrollResponse:
        """Spend a token for a certificate."""
        async with Answering(context, UNARY_S):
            self._count(context)
            signed = await self._work(self._enrol, request.secret[:MOST_SECRET], request.signing_request_pem)
            return pb.EnrollResponse(certificate=signed)

    async def RenewCertificate(
        self, request: pb.RenewCertificateRequest, context: Context
    ) -> pb.RenewCertificateResponse:
        """Sign the next certificate of who calls."""
        async with Answering(context, UNARY_S):
            shown = certificate_of(context)
            if shown is None:
                mend = "call it at the gateway's own port, with the present certificate"
                raise Refused("nobody is known here", where="caller", mend=mend, reason="UNAUTHENTICATED")
            signed = await self._work(self._renew, shown, request.signing_request_pem)
            return pb.RenewCertificateResponse(certificate=signed)

    async def _work(self, work: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._workers, work, *given)

    def _count(self, context: Context) -> None:
        """Count the calls of strangers; who has shown a certificate was counted at the door."""
        if certificate_of(context) is None:
            self._strangers.pay(address_of(context))

    def _enrol(self, secret: str, request_pem: bytes) -> pb.Certificate:
        authority, now = self._authority(), self._utc_now()
        signed = self._register.spend(
            secret, key_sha256(request_pem), now, lambda who: authority.sign_client(who, request_pem, now)
        )
        return _said(signed, authority)

    def _renew(self, shown: bytes, request_pem: bytes) -> pb.Certificate:
        now = self._utc_now()
        passport, authority = self._passports.of(shown), self._authority()
        signed = authority.sign_client(passport.identity, request_pem, now)
        self._register.renew(passport.serial, signed, now)
        return _said(signed, authority)


def _said(signed: Signed, authority: Authority) -> pb.Certificate:
    return pb.Certificate(
        certificate_pem=signed.pem,
        authority_pem=authority.pem,
        identity=signed.identity.uri,
        expire_time=stamp(signed.not_after),
    )
