"""A practice gateway: ``python -m coordinator.gateway.practice`` serves loopback telescopes, without Ray.

Whoever writes an agent in another language can try it here: every telescope exists, and gets one practice
pointing whenever its agent opens a session.
"""

import asyncio
import contextlib
import random
import signal
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import typer

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from coordinator.security.transport import refuse_open_plain_text
from telescopes.description.clocks import SkyClockReading, SystemSkyClock
from telescopes.description.errors import ArmillaryError
from telescopes.description.host_port import HostPort
from telescopes.description.messages import (
    Exposure,
    ItemResult,
    Pointing,
    PointingReport,
    SessionGrant,
    SessionRequest,
)

HEARTBEAT_S = 2.0
GRACE_S = 2.0
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class PracticeRequest:
    """Where practice pointings look (ICRS), how soon they are planned, and how long each of their exposures is."""

    ra_deg: float = 197.45
    dec_deg: float = -23.38
    start_in_s: float = 30.0
    exposure_s: float = 60.0


ASKED = PracticeRequest()


def silent(line: str) -> None:
    """Tell nobody."""


class PracticeTelescope(LoopbackTelescope):
    """A loopback telescope that offers one pointing to each session, and tells what is reported of it."""

    def __init__(self, telescope_id: str, asked: PracticeRequest, tell: Callable[[str], None]) -> None:
        super().__init__(telescope_id, heartbeat_s=HEARTBEAT_S)
        self._asked = asked
        self._tell = tell

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Open a session and offer a practice pointing."""
        grant = await super().open_session(request)
        cameras = request.capabilities.instruments
        instrument, filters = (cameras[0].id, cameras[0].filters) if cameras else ("main", ())
        filter_name = next(iter(filters), "clear")
        await self.command(
            practice_pointing(self.telescope_id, instrument, grant.server_time, filter_name, asked=self._asked)
        )
        return grant

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Keep reports, and tell each new one."""
        known = len(self.reports)
        results = await super().report_pointings(session_id, acked_seq, reports)
        for report in self.reports[known:]:
            why = f", {report.reason}: {report.detail!r}" if report.reason else ""
            self._tell(f"{self.telescope_id} {report.pointing_id[:8]}: {report.state}{why}")
        return results


class PracticeTelescopes(dict[str, LoopbackTelescope]):
    """Telescopes that come into being when they are asked for."""

    def __init__(self, asked: PracticeRequest, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._made_of = asked, tell

    def __missing__(self, telescope_id: str) -> LoopbackTelescope:
        self[telescope_id] = PracticeTelescope(telescope_id, *self._made_of)
        return self[telescope_id]


def practice_pointing(
    telescope_id: str, instrument_id: str, now: datetime, filter_name: str = "clear", *, asked: PracticeRequest = ASKED
) -> Pointing:
    """Make a pointing that may run within the next hour, near the celestial equator unless something else is asked."""
    return Pointing(
        pointing_id=str(uuid.uuid4()),
        revision=1,
        plan_id="practice",
        event_id="practice:1",
        event_revision=1,
        telescope_id=telescope_id,
        instrument_id=instrument_id,
        visit="1",
        ra_deg=asked.ra_deg,
        dec_deg=asked.dec_deg,
        position_angle_deg=0.0,
        window_start=now,
        window_end=now + timedelta(hours=1),
        planned_start=now + timedelta(seconds=asked.start_in_s),
        exposures=(Exposure(filter_name, asked.exposure_s, count=3),),
        accept_within_s=30.0,
    )


def practice_gateway(
    host: str, port: int, asked: PracticeRequest = ASKED, tell: Callable[[str], None] = silent
) -> GatewayServer:
    """Put a practice gateway together."""
    clock = SystemSkyClock()
    telescopes = PracticeTelescopes(asked, tell)
    service = TelescopeService(
        telescopes.__getitem__,
        sky_clock=lambda: SkyClockReading(clock.now(), clock.rate),
        utc_now=clock.now,
        timing=StreamTiming(HEARTBEAT_S, random.Random().random),
    )
    return GatewayServer(host, port, service, OperatorService(LoopbackDesk(telescopes, clock.now())))


async def serve(host: str, port: int, asked: PracticeRequest) -> int:
    """Serve until SIGINT or SIGTERM comes; return which."""
    gateway = practice_gateway(host, port, asked, typer.echo)
    ended = ending_signal()
    port = await gateway.start()
    typer.echo(f"practice gateway at {HostPort(host, port)}; Ctrl-C ends it")
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
    ra_deg: Annotated[float, typer.Option(min=0.0, max=360.0, help="Where to point (ICRS).")] = ASKED.ra_deg,
    dec_deg: Annotated[float, typer.Option(min=-90.0, max=90.0, help="Where to point (ICRS).")] = ASKED.dec_deg,
    start_in_s: Annotated[float, typer.Option(min=0.0, max=3000.0, help="How soon to begin.")] = ASKED.start_in_s,
    exposure_s: Annotated[float, typer.Option(min=0.001, max=3600.0, help="Of each exposure.")] = ASKED.exposure_s,
    insecure: Annotated[bool, typer.Option("--insecure", help="Others may reach it, in plain text.")] = False,
) -> None:
    """Serve practice telescopes: each gets one pointing when its agent opens a session."""
    try:
        refuse_open_plain_text(host, insecure=insecure)
        number = asyncio.run(serve(host, port, PracticeRequest(ra_deg, dec_deg, start_in_s, exposure_s)))
    except ArmillaryError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    if number == signal.SIGINT:
        raise typer.Exit(INTERRUPTED)


if __name__ == "__main__":
    typer.run(main)
