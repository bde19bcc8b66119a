"""What a gRPC status means: try later, or refused for good."""

import grpc

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
    Code.UNAUTHENTICATED: "enrol the telescope",
    Code.PERMISSION_DENIED: "use this telescope's own certificate",
    Code.NOT_FOUND: "add the telescope's site file at the coordinator",
    Code.UNIMPLEMENTED: "update the coordinator",
}


def error_of(failed: grpc.aio.AioRpcError, where: str) -> ArmillaryError:
    """Turn a failed call into one of the families of errors.

    Parameters
    ----------
    failed : grpc.aio.AioRpcError
        What the call raised.
    where : str
        Address of the gateway.
    """
    code, reason, after_s = failed.code(), *_details(failed)
    what = failed.details() or code.name
    mend = MENDS.get(code, "see the coordinator's log")
    if code in REFUSED or (code is Code.ABORTED and reason):
        return Refused(what, where=where, mend=mend, reason=reason or code.name)
    after_s = max(after_s, FAULT_AFTER_S if code in FAULTS_OVER_THERE else 0.0)
    return RetryLater(what, where=where, mend=mend, after_s=after_s)


def _details(failed: grpc.aio.AioRpcError) -> tuple[str, float]:
    """Read the machine's word for the reason and the wait asked for, empty and 0 where not sent."""
    # Imported here because only a failed call needs them.
    from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
    from google.rpc.status_pb2 import Status

    reason, after_s = "", 0.0
    for key, value in failed.trailing_metadata() or ():
        if key != "grpc-status-details-bin" or not isinstance(value, bytes):
            continue
        for detail in Status.FromString(value).details:
            info, retry = ErrorInfo(), RetryInfo()
            if detail.Unpack(info):
                reason = info.reason
            elif detail.Unpack(retry):
                after_s = retry.retry_delay.ToTimedelta().total_seconds()
    return reason, after_s
