"""What the other end of a connection showed of itself."""

from typing import Any

import grpc.aio


def certificate_of(context: grpc.aio.ServicerContext[Any, Any]) -> bytes | None:
    """Return the caller's certificate, PEM, which gRPC has checked against the authority; None: it showed none."""
    return next(iter(context.auth_context().get("x509_pem_cert", ())), None)
