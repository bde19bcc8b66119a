"""All that a gateway promises to the agent of one telescope."""

from collections.abc import AsyncIterator

from telescopes.conformance.promise import Fact, facts
from telescopes.conformance.server import Server
from telescopes.conformance.server_reports import REPORTS
from telescopes.conformance.server_sessions import SESSIONS
from telescopes.conformance.server_stream import STREAM
from telescopes.description.host_port import needed_host_port

CHAPTERS = (SESSIONS, STREAM, REPORTS)


async def try_server(target: str, telescope_id: str, within_s: float = 10.0) -> AsyncIterator[Fact]:
    """Try a gateway on every promise.

    Parameters
    ----------
    target : str
        ``host:port``.
    telescope_id : str
        Whose agent is played.
    within_s : float
        How long an answer may take.

    Raises
    ------
    Refused
        The target is no address.
    RetryLater
        Nothing answers at that address.
    """
    server = Server(str(needed_host_port(target, "--target")), telescope_id, within_s)
    try:
        await server.connect()
        async for fact in facts(CHAPTERS, server):
            yield fact
    finally:
        await server.close()
