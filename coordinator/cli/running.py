"""A running observatory, found by its state folder and asked over gRPC."""

from pathlib import Path
from typing import Any

import msgspec

from telescopes.description.errors import Refused


def run_file_of(state: Path) -> dict[str, Any]:
    """Read what a running observatory says of itself.

    Raises
    ------
    Refused
        None runs on that state.
    """
    try:
        document: dict[str, Any] = msgspec.json.decode((state / "run.json").read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise Refused(
            "no observatory runs on this state", where=str(state), mend="start one with `armillary up`"
        ) from error
    return document


def status_of(state: Path, timeout_s: float = 15.0) -> dict[str, Any]:
    """Ask a running observatory for the document armillary.status/1."""
    import grpc
    from armillary.operator.v1 import operator_pb2, operator_pb2_grpc

    gateway = run_file_of(state)["gateway"]
    with grpc.insecure_channel(gateway) as channel:
        stub = operator_pb2_grpc.OperatorServiceStub(channel)
        try:
            answer = stub.GetStatus(operator_pb2.GetStatusRequest(), timeout=timeout_s, wait_for_ready=True)
        except grpc.RpcError as error:
            raise Refused(
                f"does not answer ({error.code().name})",  # type: ignore[attr-defined]
                where=f"gateway {gateway}",
                mend="see whether `armillary up` still runs",
            ) from error
    document: dict[str, Any] = msgspec.json.decode(answer.document)
    return document
