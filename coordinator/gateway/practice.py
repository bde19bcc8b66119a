"""A practice gateway: ``python -m coordinator.gateway.practice`` serves loopback telescopes, without Ray.

Whoever writes an agent in another language can try it here: every telescope exists, and gets one practice
pointing whenever its agent opens a session.
"""

import asyncio
import contextlib
import random
import signal
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
GRACE_S = 2.0
INTERRUPTED = 130


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


async def serve(host: str, port: int) -> int:
    """Serve until SIGINT or SIGTERM comes; return which."""
    gateway = practice_gateway(host, port)
    ended = ending_signal()
    port = await gateway.start()
    typer.echo(f"practice gateway at {host}:{port}; Ctrl-C ends it")
    try:
        return await ended
    finally:
        await gateway.stop(grace_s=GRACE_S)


def ending_signal() -> asyncio.Future[int]:
    """Return what will be the signal that asks for the end.

    The loop's own handlers wake a loop that sleeps. A Python handler alone may wait for ever: nothing else comes when
    nobody is connected, and the signal may reach one of gRPC's threads, or this one just before it falls asleep.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(number: int) -> None:
        if not ended.done():
            ended.set_result(number)

    with contextlib.suppress(NotImplementedError):  # Windows: there Ctrl-C cancels what runs.
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end, number)
    return ended


def main(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 50051,
) -> None:
    """Serve practice telescopes: each gets one pointing when its agent opens a session."""
    try:
        number = asyncio.run(serve(host, port))
    except ArmillaryError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    if number == signal.SIGINT:
        raise typer.Exit(INTERRUPTED)


if __name__ == "__main__":
    typer.run(main)
