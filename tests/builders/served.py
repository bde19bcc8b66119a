"""An ASGI application on a port of this machine for as long as a test needs it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

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
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
