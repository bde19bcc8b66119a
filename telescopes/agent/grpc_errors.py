"""What a gRPC status means: try later, or refused for good."""

from dataclasses import dataclass, replace

import grpc
import grpc.aio

from telescopes.agent.link import INVALID
from telescopes.description.errors import ArmillaryError, Refused, RetryLater

Code = grpc.StatusCode
REFUSED = frozenset(
    {
        Code.INVALID_ARGUMENT,
        Code.NOT_FOUND,
        Code.ALREADY_EXISTS,
        Code.PERMISSION_DENIED,
        Code.UNAUTHENTICATED,
        Code.FAILED_PRECONDITION,
        Code.OUT_OF_RANGE,
        Code.UNIMPLEMENTED,
    }
)
FAULTS_OVER_THERE = frozenset({Code.INTERNAL, Code.UNKNOWN, Code.DATA_LOSS})
FAULT_AFTER_S = 5.0
MENDS = {
    Code.UNAVAILABLE: "check that the coordinator runs and that [link] gateway is its address; "
    "a gateway that wants a client certificate looks like this too",
    Code.UNAUTHENTICATED: "enrol the telescope with a new token: armillary agent enroll",
    Code.PERMISSION_DENIED: "use this telescope's own certificate",
    Code.NOT_FOUND: "add the telescope's site file at the coordinator",
    Code.UNIMPLEMENTED: "update the coordinator",
}


@dataclass(frozen=True, slots=True)
class Details:
    """The machine's word for the reason, what it is about, the mend, and the wait asked for; empty where not sent."""

    reason: str = ""
    what_about: str = ""
    mend: str = ""
    after_s: float = 0.0


def error_of(failed: grpc.aio.AioRpcError, where: str) -> ArmillaryError:
    """Turn a failed call into one of the families of errors.

    Parameters
    ----------
    failed : grpc.aio.AioRpcError
        What the call raised.
    where : str
        Address of the gateway.
    """
    code, said = failed.code(), _details(failed)
    what = (failed.details() or code.name).removesuffix(f"; {said.mend}")  # it is said once, below
    if said.what_about:
        what = f"{said.what_about}: {what}"
    mend = MENDS.get(code) or said.mend or "see the coordinator's log"
    if code in REFUSED or (code is Code.ABORTED and said.reason):
        reason = INVALID if code is Code.INVALID_ARGUMENT else said.reason or code.name
        return Refused(what, where=where, mend=mend, reason=reason)
    after_s = max(said.after_s, FAULT_AFTER_S if code in FAULTS_OVER_THERE else 0.0)
    return RetryLater(what, where=where, mend=mend, after_s=after_s)


def _details(failed: grpc.aio.AioRpcError) -> Details:
    """Read what came in the status besides its code and text."""
    # Imported here because only a failed call needs them.
    from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
    from google.rpc.status_pb2 import Status

    said = Details()
    for key, value in failed.trailing_metadata() or ():
        if key != "grpc-status-details-bin" or not isinstance(value, bytes):
            continue
        for detail in Status.FromString(value).details:
            info, retry = ErrorInfo(), RetryInfo()
            if detail.Unpack(info):
                known = dict(info.metadata)
                said = replace(said, reason=info.reason, what_about=known.get("where", ""), mend=known.get("mend", ""))
            elif detail.Unpack(retry):
                said = replace(said, after_s=retry.retry_delay.ToTimedelta().total_seconds())
    return said
