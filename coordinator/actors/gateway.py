"""The gateway's actor: the gRPC server on its fixed port; it holds nothing that a restart could lose."""

import random
from typing import Any

from coordinator.actors.operator_desk import OperatorDesk
from coordinator.actors.remote import RemoteJournal, RemoteTelescope
from coordinator.actors.shell import Shell
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.settings import Settings
from telescopes.description.errors import Refused


class GatewayActor(Shell):
    """The gateway behind an actor's door."""

    def __init__(self, settings: Settings, telescope_ids: tuple[str, ...]) -> None:
        self._settings = settings
        self._ports = {t: RemoteTelescope(t) for t in telescope_ids}
        super().__init__()

    async def _start(self) -> None:
        from coordinator.factory import door, utc_now
        from coordinator.gateway.command_stream import StreamTiming
        from coordinator.gateway.operator_service import OperatorService
        from coordinator.gateway.server import GatewayServer
        from coordinator.gateway.telescope_service import TelescopeService

        self._clock = JournaledSkyClock(utc_now)
        await self._clock.catch_up(RemoteJournal())
        timing = StreamTiming(heartbeat_s=self._settings.link.heartbeat_s, draw=random.random)
        telescopes = TelescopeService(self._port, sky_clock=self._clock.reading, utc_now=utc_now, timing=timing)
        operators = OperatorService(OperatorDesk(self._settings.streams[0].id, utc_now()))
        settings = self._settings
        self._server = GatewayServer(settings.host, settings.port, telescopes, operators, door(settings))
        self._telescopes = telescopes
        await self._server.start()
        self._keep(self._clock.follow(RemoteJournal()), "sky clock")

    def _port(self, telescope_id: str) -> RemoteTelescope:
        try:
            return self._ports[telescope_id]
        except KeyError:
            raise Refused(
                "no such telescope here",
                where=f"telescope {telescope_id}",
                mend="add its site file to the coordinator's folder of sites",
                reason="NOT_FOUND",
            ) from None

    def _says(self) -> dict[str, Any]:
        return {"open_streams": self._telescopes.open_streams}

    async def drain(self, grace_s: float) -> None:
        """Let streams end in order before the system stops."""
        await self.ready()
        await self._server.stop(grace_s)
