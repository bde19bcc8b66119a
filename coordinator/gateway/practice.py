"""A practice gateway: ``python -m coordinator.gateway.practice`` serves loopback telescopes, without Ray.

Whoever writes an agent in another language can try it here: every telescope exists, and gets one practice
pointing whenever its agent opens a session.
"""

import asyncio
import random
import uuid
from datetime import datetime, timedelta
from typing import Annotated

import typer

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from telescopes.description.clocks import SkyClockReading, SystemSkyClock
from telescopes.description.errors import ArmillaryError
from telescopes.description.messages import Exposure, Pointing, SessionGrant, SessionRequest

HEARTBEAT_S = 2.0


class PracticeTelescope(LoopbackTelescope):
    """A loopback telescope that offers one pointing to each session."""

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Open a session and offer a practice pointing."""
        grant = await super().open_session(request)
        instruments = request.capabilities.instruments
        await self.command(
            practice_pointing(self.telescope_id, instruments[0].id if instruments else "main", grant.server_time)
        )
        return grant


class PracticeTelescopes(dict[str, LoopbackTelescope]):
    """Telescopes that come into being when they are asked for."""

    def __missing__(self, telescope_id: str) -> LoopbackTelescope:
        self[telescope_id] = PracticeTelescope(telescope_id, heartbeat_s=HEARTBEAT_S)
        return self[telescope_id]


def practice_pointing(telescope_id: str, instrument_id: str, now: datetime) -> Pointing:
    """Make a pointing near the celestial equator that may run within the next hour."""
    return Pointing(
        pointing_id=str(uuid.uuid4()),
        revision=1,
        plan_id="practice",
        event_id="practice:1",
        event_revision=1,
        telescope_id=telescope_id,
        instrument_id=instrument_id,
        visit="1",
        ra_deg=197.45,
        dec_deg=-23.38,
        position_angle_deg=0.0,
        window_start=now,
        window_end=now + timedelta(hours=1),
        planned_start=now + timedelta(seconds=30),
        exposures=(Exposure("clear", 60.0, count=3),),
        accept_within_s=30.0,
    )


def practice_gateway(host: str, port: int) -> GatewayServer:
    """Put a practice gateway together."""
    clock = SystemSkyClock()
    telescopes = PracticeTelescopes()
    service = TelescopeService(
        telescopes.__getitem__,
        sky_clock=lambda: SkyClockReading(clock.now(), clock.rate),
        utc_now=clock.now,
        timing=StreamTiming(HEARTBEAT_S, random.Random().random),
    )
    return GatewayServer(host, port, service, OperatorService(LoopbackDesk(telescopes, clock.now())))


async def serve(host: str, port: int) -> None:
    """Serve until cancelled."""
    gateway = practice_gateway(host, port)
    port = await gateway.start()
    typer.echo(f"practice gateway at {host}:{port}; Ctrl-C ends it")
    try:
        await asyncio.Event().wait()
    finally:
        await gateway.stop(grace_s=2.0)


def main(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 50051,
) -> None:
    """Serve practice telescopes: each gets one pointing when its agent opens a session."""
    try:
        asyncio.run(serve(host, port))
    except ArmillaryError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


if __name__ == "__main__":
    typer.run(main)
