"""How a call ends where something fails in it: told with its status, or as cancelled where nobody can be told."""

import asyncio
import logging
from typing import Any

import grpc
import pytest

from coordinator.gateway.errors import Answering
from telescopes.description.errors import Refused


class Gone:
    """A call whose peer has gone."""

    async def abort_with_status(self, status: Any) -> None:
        """Fail as gRPC does."""
        raise grpc.aio.InternalError("Failed execute_batch")


async def test_who_has_gone_is_told_nothing_and_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    gone: Any = Gone()
    with caplog.at_level(logging.DEBUG), pytest.raises(asyncio.CancelledError):
        async with Answering(gone), Answering(gone, 30.0):
            raise Refused("the session is not the newest", where="session x", mend="open a session")
    assert caplog.records == []
