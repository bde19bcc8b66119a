"""The gateway's door with TLS: its certificate, who comes in, and a second port where strangers enrol."""

import logging
from collections.abc import Callable, Sequence

import grpc
import grpc.aio
from armillary.enrolment.v1 import enrolment_pb2_grpc

from coordinator.gateway.binding import bind
from coordinator.gateway.enrolment_service import EnrolmentService
from coordinator.gateway.guard import Guard
from coordinator.gateway.server import HANDSHAKE_WITHIN
from coordinator.security.own_certificates import OwnCertificates
from telescopes.description.errors import ArmillaryError

log = logging.getLogger(__name__)

Configuration = grpc.ServerCertificateConfiguration
Stamp = tuple[int, ...]

ENROLMENT_OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_concurrent_streams", 8),
    HANDSHAKE_WITHIN,
    ("grpc.max_receive_message_length", 64 << 10),
    ("grpc.max_connection_age_ms", 60_000),
)


class Door:
    """TLS on the gateway's port, and enrolment on one of its own.

    Python's gRPC cannot ask for a certificate without wanting one, so those who have none yet need another port. It
    takes small messages only, and serves nothing else.

    Parameters
    ----------
    certificates : OwnCertificates
        The gateway's own; looked at with each connection, so that a renewed one is shown without a restart.
    guard : Guard
        Who comes in.
    enrolment : EnrolmentService
        Who signs.
    enrolment_port : int
        Where; 0 takes a free one.
    close : callable
        Lets go of what the admission holds.
    """

    def __init__(
        self,
        certificates: OwnCertificates,
        guard: Guard,
        enrolment: EnrolmentService,
        enrolment_port: int,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._certificates = certificates
        self._guard = guard
        self._enrolment = enrolment
        self._enrolment_port = enrolment_port
        self._let_go = close
        self._strangers: grpc.aio.Server | None = None
        self.port_for_enrolment = 0

    @property
    def interceptors(self) -> Sequence[grpc.aio.ServerInterceptor]:
        """What stands before every service."""
        return (self._guard,)

    async def open(self, host: str, server: grpc.aio.Server) -> grpc.ServerCredentials:
        """Serve enrolment, beside the gateway's services and on its own port; return what the gateway shows.

        Raises
        ------
        Refused
            There is no authority, or the port cannot be listened on.
        """
        self._certificates.make_fresh()
        enrolment_pb2_grpc.add_EnrolmentServiceServicer_to_server(self._enrolment, server)
        strangers = grpc.aio.server(options=ENROLMENT_OPTIONS)
        enrolment_pb2_grpc.add_EnrolmentServiceServicer_to_server(self._enrolment, strangers)
        shown = self._credentials(wants_certificate=False)
        self.port_for_enrolment = await bind(strangers, host, self._enrolment_port, shown)
        await strangers.start()
        self._strangers = strangers
        return self._credentials(wants_certificate=True)

    async def close(self) -> None:
        """End enrolment."""
        if self._strangers is not None:
            strangers, self._strangers = self._strangers, None
            await strangers.stop(0.5)
            self._enrolment.close()
            self._let_go()

    def _credentials(self, *, wants_certificate: bool) -> grpc.ServerCredentials:
        shown = [self._certificates.gateway.stamp]

        def renewed() -> Configuration | None:
            try:
                self._certificates.make_fresh()
                stamp = self._certificates.gateway.stamp
            except (ArmillaryError, OSError) as error:
                log.error("the gateway's certificate cannot be looked at, the present one is shown on: %s", error)
                return None
            if stamp == shown[0]:
                return None
            shown[0] = stamp
            return self._configuration()

        return grpc.dynamic_ssl_server_credentials(self._configuration(), renewed, wants_certificate)  # type: ignore[arg-type]

    def _configuration(self) -> Configuration:
        key, certificate = self._certificates.gateway.read()
        authority = self._certificates.authority_file.read_bytes()
        return grpc.ssl_server_certificate_configuration([(key, certificate + authority)], authority)
