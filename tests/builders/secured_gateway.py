"""A gateway with TLS that runs in a test, and what is asked of it first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from armillary.telescope.v1 import telescope_pb2 as pb

from builders.secured import SmallAuthority, utc_now
from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope, no_such_telescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from coordinator.security.identity import Identity, Role
from telescopes.credentials.enrolment_token import EnrolmentToken
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.description.clocks import SkyClockReading
from telescopes.description.footprint import Circle
from telescopes.description.messages import Capabilities, SessionRequest
from telescopes.description.telescope import Instrument, Limits, Timing

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


@asynccontextmanager
async def secured_gateway(folder: Path) -> AsyncIterator[Secured]:
    """Serve two telescopes with the authority of a folder."""
    authority = SmallAuthority(folder / "ca")
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
    made = Secured(authority, None, folder, "", 0, desk)  # type: ignore[arg-type]
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
