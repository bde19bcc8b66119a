"""An ASGI application on a port of this machine for as long as a test needs it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn


@asynccontextmanager
async def app_served(app: Any, on: int = 0) -> AsyncIterator[str]:
    """Serve an application; give its address."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=on, log_config=None, ws="none", lifespan="on", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:
        if task.done():
            task.result()
            raise AssertionError(f"port {on} is taken")
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def caught_up(site: httpx.AsyncClient, seq: int, deadline_s: float = 60.0) -> int:
    """Wait until a dashboard has read the journal up to an entry; return which."""
    async with asyncio.timeout(deadline_s):
        while (await site.get("/api/v1/status")).json()["as_of"]["seq"] < seq:
            await asyncio.sleep(0.02)
    return seq
