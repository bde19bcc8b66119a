"""A running agent's certificate is renewed when a third of its life is left; no token, no person."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import grpc
import grpc.aio
from armillary.enrolment.v1 import enrolment_pb2 as pb
from armillary.enrolment.v1 import enrolment_pb2_grpc

from telescopes.agent.enrolment import checked
from telescopes.agent.grpc_errors import error_of
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.credentials.key_pair import Life, life_of, only_certificate, signing_request
from telescopes.description.errors import ArmillaryError, Refused

log = logging.getLogger(__name__)

LOOK_S = 3600.0
WITHIN_S = 30.0
SHOUT = timedelta(days=14)


class Renewal:
    """Looks every hour whether it is time, for as long as the agent runs.

    The key stays, so that only one file changes: no instant in which key and certificate do not fit.

    Parameters
    ----------
    name, gateway : str
        The telescope's id; ``host:port``.
    files : IdentityFiles
        The present identity.
    utc_now : callable
        This machine's UTC.
    """

    def __init__(self, name: str, gateway: str, files: IdentityFiles, utc_now: Callable[[], datetime]) -> None:
        self._name = name
        self._gateway = gateway
        self._files = files
        self._utc_now = utc_now

    async def run(self) -> None:
        """Look and renew for ever; what fails is tried again."""
        while True:
            try:
                await self.renew_if_due()
            except (ArmillaryError, OSError) as error:
                self._tell(error)
            await asyncio.sleep(LOOK_S)

    async def renew_if_due(self) -> bool:
        """Renew if it is time; return whether it was.

        Raises
        ------
        ArmillaryError
            The gateway is away, or refuses.
        """
        identity = self._files.read()
        life, now = life_of(identity.certificate, str(self._files.certificate)), self._utc_now()
        if now < life.renew_at:
            return False
        asked = pb.RenewCertificateRequest(signing_request_pem=signing_request(identity.key, self._name))
        shown = grpc.ssl_channel_credentials(identity.authority, identity.key, identity.certificate)
        async with grpc.aio.secure_channel(self._gateway, shown) as channel:
            stub = enrolment_pb2_grpc.EnrolmentServiceStub(channel)
            try:
                answer = await stub.RenewCertificate(asked, timeout=WITHIN_S)  # type: ignore[misc]
            except grpc.aio.AioRpcError as failed:
                raise error_of(failed, f"gateway {self._gateway}") from failed
        self._keep(answer.certificate, identity.key, life)
        return True

    def _keep(self, signed: pb.Certificate, key: bytes, before: Life) -> None:
        """Change over to what was signed; what is good stays unless the new one is as good."""
        where = f"gateway {self._gateway}"
        authority = only_certificate(signed.authority_pem, where)
        life = checked(signed.certificate_pem, key, where)
        if life.uris != before.uris or life.ends <= before.ends:
            what = f"signed {', '.join(life.uris) or 'nobody'} until {life.ends:%Y-%m-%dT%H:%M:%SZ}"
            raise Refused(what, where=where, mend="ask the coordinator; the present certificate stays")
        self._files.keep_certificate(signed.certificate_pem, authority)
        log.info("certificate renewed, valid until %s", f"{life.ends:%Y-%m-%dT%H:%M:%SZ}")

    def _tell(self, error: Exception) -> None:
        """Say that it failed: aloud when little time is left."""
        try:
            left = life_of(self._files.certificate.read_bytes(), "certificate").left(self._utc_now())
        except (ArmillaryError, OSError):
            left = timedelta(0)
        level = logging.ERROR if left < SHOUT else logging.WARNING
        log.log(level, "the certificate was not renewed, %.1f days are left: %s", left / timedelta(days=1), error)
