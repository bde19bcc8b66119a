"""What the other end of a connection showed of itself."""

import urllib.parse
from typing import Any

import grpc.aio


def certificate_of(context: grpc.aio.ServicerContext[Any, Any]) -> bytes | None:
    """Return the caller's certificate, PEM, which gRPC has checked against the authority; None: it showed none."""
    return next(iter(context.auth_context().get("x509_pem_cert", ())), None)


def address_of(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    """Return the caller's address without its port: ``192.0.2.7``, ``2001:db8::7``; what is no such thing as it is."""
    kind, _, rest = urllib.parse.unquote(context.peer()).partition(":")
    return rest.rpartition(":")[0].strip("[]") if kind in ("ipv4", "ipv6") else kind
