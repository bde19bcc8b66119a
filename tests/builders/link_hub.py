"""A gateway that can go away and come back on the same port, over one telescope in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope, no_such_telescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from telescopes.agent.grpc_link import GrpcLink
from telescopes.description.clocks import SkyClockReading, SystemSkyClock
from telescopes.description.states import PointingState

UTC_NOW = SystemSkyClock().now
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class Hub:
    """The gateway, and what it is told of telescope `t1`."""

    heartbeat_s: float = 0.3
    make: type[LoopbackTelescope] = LoopbackTelescope
    port: int = 0
    telescope: LoopbackTelescope = field(init=False)
    service: TelescopeService = field(init=False)
    server: GatewayServer = field(init=False)

    def __post_init__(self) -> None:
        self.telescope = self.make("t1", heartbeat_s=self.heartbeat_s)

    def find(self, telescope_id: str) -> LoopbackTelescope:
        if telescope_id != "t1":
            raise no_such_telescope(telescope_id)
        return self.telescope

    async def start(self) -> None:
        self.service = TelescopeService(
            self.find,
            sky_clock=lambda: SkyClockReading(UTC_NOW(), 1.0),
            utc_now=UTC_NOW,
            timing=StreamTiming(self.heartbeat_s, lambda: 0.5),
        )
        desk = OperatorService(LoopbackDesk({"t1": self.telescope}, NOON))
        self.server = GatewayServer("127.0.0.1", self.port, self.service, desk)
        self.port = await self.server.start()

    async def stop(self) -> None:
        await self.server.stop(grace_s=0.2)

    def states(self, pointing_id: str) -> list[PointingState]:
        return [r.state for r in self.telescope.reports if r.pointing_id == pointing_id]

    def link(self) -> GrpcLink:
        return GrpcLink(f"127.0.0.1:{self.port}")
