"""All that an agent promises to its coordinator."""

from collections.abc import AsyncIterator, Callable

from telescopes.conformance.agent_link import LINK
from telescopes.conformance.agent_offers import OFFERS
from telescopes.conformance.agent_peer import AgentPeer
from telescopes.conformance.promise import Fact, facts
from telescopes.conformance.toy_gateway import ToyGateway
from telescopes.description.errors import RetryLater

CHAPTERS = (LINK, OFFERS)
WAIT_S = 300.0


async def try_agent(
    host: str, port: int, within_s: float, *, listening: Callable[[str], object], wait_s: float = WAIT_S
) -> AsyncIterator[Fact]:
    """Play a gateway, and try the agent that connects to it on every promise.

    Parameters
    ----------
    host, port
        Where to listen; port 0 takes a free one.
    within_s : float
        How long an answer may take.
    listening : callable
        Is told the address.
    wait_s : float
        How long an agent is waited for.

    Raises
    ------
    RetryLater
        No agent came.
    """
    gateway = ToyGateway()
    address = await gateway.start(host, port)
    try:
        listening(address)
        if not await gateway.until(lambda: bool(gateway.heard.sessions), wait_s):
            raise RetryLater(f"no agent came within {wait_s:g} s", where=address, mend="start the agent against it")
        async for fact in facts(CHAPTERS, AgentPeer(gateway, within_s)):
            yield fact
    finally:
        await gateway.stop()
