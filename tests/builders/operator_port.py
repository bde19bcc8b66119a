"""A gateway on a real port for commands of people, with a desk of the test's own behind it."""

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackTelescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from telescopes.description.clocks import SkyClockReading

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@asynccontextmanager
async def serving(folder: Path, operator: OperatorService) -> AsyncIterator[Path]:
    """Serve people; yield the state folder that tells commands where."""
    telescopes = TelescopeService(
        dict[str, LoopbackTelescope]().__getitem__,
        sky_clock=lambda: SkyClockReading(NOW, 1.0),
        utc_now=lambda: NOW,
        timing=StreamTiming(1.0, random.Random(1).random),
    )
    server = GatewayServer("127.0.0.1", 0, telescopes, operator)
    port = await server.start()
    (folder / "run.json").write_text(json.dumps({"gateway": f"127.0.0.1:{port}"}))
    yield folder
    await server.stop(0)
