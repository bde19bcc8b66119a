"""The gateway's server: one port, both services, health and reflection, and an end without noise."""

from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
from armillary.operator.v1 import operator_pb2, operator_pb2_grpc
from armillary.telescope.v1 import telescope_pb2, telescope_pb2_grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from coordinator.gateway.binding import bind
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.telescope_service import TelescopeService

if TYPE_CHECKING:
    from coordinator.gateway.door import Door

SERVICES = tuple(
    file.services_by_name[name].full_name
    for file, name in ((telescope_pb2.DESCRIPTOR, "TelescopeService"), (operator_pb2.DESCRIPTOR, "OperatorService"))
)
LONGEST_MESSAGE_BYTES = 4 << 20
HANDSHAKE_WITHIN = ("grpc.server_handshake_timeout_ms", 20_000)
OPTIONS: tuple[tuple[str, Any], ...] = (
    # Two gateways on one port would each get half of the telescopes: the second must fail.
    ("grpc.so_reuseport", 0),
    # A frozen peer is noticed after 16 s; without ping_timeout it would be a minute (telescope-link.md §2.5).
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 8_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.ping_timeout_ms", 8_000),
    # Agents ping every 10 s; the default would send them away for it after 20 s.
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    ("grpc.max_concurrent_streams", 100),
    # Who says nothing has shown no certificate yet, and still holds a socket: for two minutes where nothing is said.
    HANDSHAKE_WITHIN,
    # Windows that grow with what a connection carries let a peer have megabytes on their way that are then refused.
    ("grpc.http2.bdp_probe", 0),
    ("grpc.max_receive_message_length", LONGEST_MESSAGE_BYTES),
    # Command streams drain by themselves within 2.2 h, so the grace lets the last of them end so.
    ("grpc.max_connection_age_ms", 7_200_000),
    ("grpc.max_connection_age_grace_ms", 9_000_000),
)


class GatewayServer:
    """Serve telescopes and operators on one port.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes a free one.
    telescopes, operators
        The two services.
    door : Door, optional
        Who comes in, with TLS; left out: everybody who reaches the address, in plain text.
    """

    def __init__(
        self,
        host: str,
        port: int,
        telescopes: TelescopeService,
        operators: OperatorService,
        door: "Door | None" = None,
    ) -> None:
        self._host = host
        self._port = port
        self._telescopes = telescopes
        self._operators = operators
        self._door = door
        self._health = health.aio.HealthServicer()
        self._server: grpc.aio.Server | None = None

    async def start(self) -> int:
        """Listen; return the port.

        Raises
        ------
        Refused
            The address cannot be listened on.
        """
        door = self._door
        server = grpc.aio.server(interceptors=door.interceptors if door else (), options=OPTIONS)
        telescope_pb2_grpc.add_TelescopeServiceServicer_to_server(self._telescopes, server)
        operator_pb2_grpc.add_OperatorServiceServicer_to_server(self._operators, server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        reflection.enable_server_reflection((*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
        try:
            port = await bind(server, self._host, self._port, await door.open(self._host, server) if door else None)
            await server.start()
        except BaseException:
            if door is not None:
                await door.close()
            raise
        self._server = server
        for service in SERVICES:
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        return port

    async def stop(self, grace_s: float = 10.0) -> None:
        """Say that nothing new is served, let streams drain, wait for calls up to `grace_s`, and end."""
        if self._server is None:
            return
        server, self._server = self._server, None
        await self._health.enter_graceful_shutdown()
        self._telescopes.drain()
        await server.stop(grace_s)
        if self._door is not None:
            await self._door.close()
