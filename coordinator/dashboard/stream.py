"""The live stream: journal entries as server-sent events, resumable by sequence number."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from coordinator.dashboard.board import Board
from coordinator.dashboard.doorkeeper import may_still_look
from coordinator.dashboard.hub import Client
from coordinator.dashboard.views import iso
from telescopes.description.errors import Refused, RetryLater

HEARTBEAT_S = 10.0
CLOCK_S = 5.0
MOST_STREAMS = 900
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def build_stream(board: Board) -> APIRouter:
    """Return the route of `/stream`."""
    router = APIRouter()

    @router.get("/stream")
    async def stream(
        request: Request,
        after: Annotated[int | None, Query(ge=0)] = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> StreamingResponse:
        """Follow the journal from a number on; the header of a reconnecting browser wins over the address."""
        if len(board.hub) >= MOST_STREAMS or not board.ready:
            raise RetryLater("no stream is free", where="dashboard", mend="open it again later", after_s=5.0)
        return StreamingResponse(
            _events(board, _cursor(last_event_id, after), request), media_type="text/event-stream", headers=HEADERS
        )

    return router


def _cursor(last_event_id: str | None, after: int | None) -> int | None:
    if not last_event_id:
        return after
    if not last_event_id.isdecimal():
        raise Refused("is no sequence number", where=f"Last-Event-ID: {last_event_id[:40]}", mend="send digits")
    return int(last_event_id)


async def _events(board: Board, after_seq: int | None, request: Request) -> AsyncIterator[bytes]:
    """Give frames as they come, the clocks every 5 s, a comment every 10 s; end when the session has ended."""
    client = board.hub.subscribe(after_seq)
    loop = asyncio.get_running_loop()
    next_clock, next_heartbeat = loop.time(), loop.time() + HEARTBEAT_S
    try:
        yield b"retry: 2000\n\n"
        while not board.hub.closed:
            if loop.time() >= next_clock:
                if not await may_still_look(request):
                    return
                yield clock_frame(board)
                next_clock = loop.time() + CLOCK_S
            if loop.time() >= next_heartbeat:
                yield b": still here\n\n"
                next_heartbeat = loop.time() + HEARTBEAT_S
            if frames := await _next(client, min(next_clock, next_heartbeat)):
                yield frames
    finally:
        board.hub.leave(client)


async def _next(client: Client, deadline: float) -> bytes:
    """Wait for frames until a time of the loop's clock; empty: nothing came."""
    try:
        async with asyncio.timeout_at(deadline):
            return await client.next()
    except TimeoutError:
        return b""


def clock_frame(board: Board) -> bytes:
    """Return both clocks and how far the board has read; it carries no id, so no cursor moves."""
    data = {
        "sky_time": iso(board.clock.now()),
        "sky_rate": board.clock.rate,
        "machine_time": iso(board.port.utc()),
        "machine_rate": board.port.utc_rate,
        "heard_at": iso(board.heard_at),
        "seq": board.seq,
    }
    return b"event: clock\ndata: %s\n\n" % msgspec.json.encode(data)
