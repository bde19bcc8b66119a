"""Where a server listens; an address that cannot be had is refused with its reason."""

import asyncio
import socket

import grpc
import grpc.aio

from telescopes.description.errors import Refused
from telescopes.description.host_port import HostPort


async def bind(server: grpc.aio.Server, host: str, port: int, credentials: grpc.ServerCredentials | None = None) -> int:
    """Let a server listen; return the port.

    The address is tried first: gRPC says only that it failed, and says so on standard error.

    Raises
    ------
    Refused
        The address cannot be listened on.
    """
    where = str(HostPort(host, port))
    try:
        await _try(host, port)
        if credentials is None:
            return server.add_insecure_port(where)
        return server.add_secure_port(where, credentials)
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or error
        raise Refused(
            f"cannot listen there ({why})",
            where=where,
            mend="stop what listens there, or choose another host or port (port 0 takes a free one)",
            reason="ADDRESS_UNUSABLE",
        ) from error


async def _try(host: str, port: int) -> None:
    """Raise the system's own error if no address of a host can be bound to."""
    failed: OSError | None = None
    for family, kind, _, _, address in await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    ):
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                failed = error
            else:
                return
    if failed is not None:
        raise failed
