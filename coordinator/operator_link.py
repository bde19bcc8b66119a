"""The way to a running observatory for people and scripts: found by its state folder, asked over gRPC."""

import fcntl
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc
import msgspec
from armillary.operator.v1 import operator_pb2 as pb
from armillary.operator.v1 import operator_pb2_grpc

from telescopes.description.errors import Refused, RetryLater

PIECE = 2**20
DEADLINE_S = 120.0
STATUS_S = 15.0
RUN_FILE, LOCK_FILE = "run.json", "lock"
UNREACHABLE = "UNREACHABLE"
RETRY_LATER = "RETRY_LATER"
START_IT = "start it with `armillary up`, or name its state folder with --state"


@dataclass(frozen=True, slots=True)
class Running:
    """What a running observatory says of itself in its state folder."""

    gateway: str
    pid: int | None = None
    dashboard: str | None = None
    authority: str | None = None
    certificate: str | None = None
    key: str | None = None


def running_on(state: Path) -> Running:
    """Find the observatory that runs on a state folder.

    Raises
    ------
    Refused
        None runs there.
    """
    where = state / RUN_FILE
    if _given_up(state / LOCK_FILE):
        raise Refused("no observatory runs here any more", where=str(state), mend=START_IT)
    try:
        return msgspec.json.decode(where.read_bytes(), type=Running)
    except FileNotFoundError:
        raise Refused("no observatory runs here", where=str(state), mend=START_IT) from None
    except (OSError, msgspec.DecodeError) as error:
        raise Refused("does not say where the gateway is", where=str(where), mend=START_IT) from error


def _given_up(lock: Path) -> bool:
    """Say whether the lock of a state folder is there and nobody holds it: its observatory was killed."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # no lock, one that is held, or one that cannot be asked
        return False
    return True


@dataclass(frozen=True, slots=True)
class Submission:
    """One file with what a person says of it; empty: nothing."""

    name: str
    raw: bytes
    purpose: str = ""
    event_key: str = ""

    def pieces(self) -> Iterator[pb.SubmitAlertRequest]:
        """Cut it up; the first piece carries the names."""
        yield pb.SubmitAlertRequest(
            name=self.name, data=self.raw[:PIECE], purpose=self.purpose, event_key=self.event_key
        )
        for start in range(PIECE, len(self.raw), PIECE):
            yield pb.SubmitAlertRequest(data=self.raw[start : start + PIECE])


class Operator:
    """A connection to the gateway's service for people; a context manager.

    Parameters
    ----------
    running : Running or str
        The observatory, with the files that open it where it wants a certificate; or an address without TLS.
    """

    def __init__(self, running: Running | str) -> None:
        found = Running(running) if isinstance(running, str) else running
        self._address = found.gateway
        self._channel = _channel(found)
        self._stub: Any = operator_pb2_grpc.OperatorServiceStub(self._channel)

    def __enter__(self) -> "Operator":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._channel.close()

    def submit(self, submission: Submission) -> pb.SubmitAlertResponse:
        """Hand one file over; it is durable when this returns.

        Raises
        ------
        RetryLater
            A part of the observatory is restarting.
        Refused
            Nobody answers (reason ``UNREACHABLE``), or the gateway refuses this file.
        """
        try:
            answer: pb.SubmitAlertResponse = self._stub.SubmitAlert(submission.pieces(), timeout=DEADLINE_S)
        except grpc.RpcError as error:
            raise _restarting(error, submission.name) or self._refusal(submission, error) from error
        return answer

    def pause(self, telescope_id: str, operator: str, reason: str) -> int:
        """Stop offers to a telescope; return the journal entry that holds the decision.

        Raises
        ------
        RetryLater
            A part of the observatory is restarting.
        Refused
            Nobody answers, or this telescope cannot be paused.
        """
        return self._act("PauseTelescope", _said(operator, reason, telescope_id=telescope_id), telescope_id)

    def resume(self, telescope_id: str, operator: str, reason: str, event_key: str = "") -> int:
        """End a pause, a vetoed night and maintenance that has begun; with an event, that event's veto alone.

        Raises
        ------
        RetryLater
            A part of the observatory is restarting.
        Refused
            Nobody answers, or there is no such telescope.
        """
        said = _said(operator, reason, telescope_id=telescope_id, event_key=event_key)
        return self._act("ResumeTelescope", said, telescope_id)

    def veto(self, pointing_id: str, operator: str, reason: str) -> int:
        """Ask one pointing back, running or not; raises as `resume`."""
        return self._act("VetoPointing", _said(operator, reason, pointing_id=pointing_id), pointing_id)

    def approve_pointing(self, pointing_id: str, operator: str, reason: str) -> int:
        """Say yes to an offer that wants a person's; raises as `resume`."""
        return self._act("ApprovePointing", _said(operator, reason, pointing_id=pointing_id), pointing_id)

    def veto_event(self, telescope_id: str, event_key: str, operator: str, reason: str) -> int:
        """Keep an event from a telescope; raises as `resume`."""
        said = _said(operator, reason, telescope_id=telescope_id, event_key=event_key)
        return self._act("VetoEvent", said, telescope_id)

    def veto_night(self, telescope_id: str, operator: str, reason: str) -> int:
        """Close a telescope until its next noon; raises as `resume`."""
        return self._act("VetoNight", _said(operator, reason, telescope_id=telescope_id), telescope_id)

    def maintain(self, telescope_id: str, start: datetime, end: datetime, operator: str, reason: str) -> int:
        """Keep a span of a telescope's time free; raises as `resume`."""
        said = _said(operator, reason, telescope_id=telescope_id, start_time=start, end_time=end)
        return self._act("ScheduleMaintenance", said, telescope_id)

    def cancel_maintenance(self, telescope_id: str, operator: str, reason: str) -> int:
        """Take back maintenance that has not begun; raises as `resume`."""
        return self._act("CancelMaintenance", _said(operator, reason, telescope_id=telescope_id), telescope_id)

    def ask_pointing(
        self, telescope_id: str, event_key: str, operator: str, reason: str, **what: Any
    ) -> tuple[int, str]:
        """Ask a telescope for a pointing; return the journal entry, and its name; raises as `resume`.

        `what` are fields of AskPointingRequest: candidate_id, ra_deg, dec_deg, filter, exposure_s, count, start_time,
        end_time, anyway; what is left out is the site's own.
        """
        said = _said(operator, reason, telescope_id=telescope_id, event_key=event_key, **what)
        answer = self._done("AskPointing", said, telescope_id)
        return int(answer.seq), str(answer.pointing)

    def withdraw_pointing(self, telescope_id: str, pointing: str, operator: str, reason: str) -> int:
        """Withdraw what was asked for by hand; raises as `resume`."""
        said = _said(operator, reason, telescope_id=telescope_id, pointing=pointing)
        return self._act("WithdrawPointing", said, telescope_id)

    def mark(self, event_key: str, candidate_id: str, mark: str, operator: str, reason: str) -> int:
        """Say what a candidate is, or take that back; raises as `resume`."""
        said = _said(operator, reason, event_key=event_key, candidate_id=candidate_id, mark=mark)
        return self._act("MarkCandidate", said, f"candidate {candidate_id}")

    def comment(self, event_key: str, candidate_id: str, operator: str, comment: str) -> int:
        """Put a remark beside a candidate; raises as `resume`."""
        said = {"action_id": str(uuid.uuid4()), "operator": operator, "comment": comment}
        named = {"event_key": event_key, "candidate_id": candidate_id}
        return self._act("CommentCandidate", said | named, f"candidate {candidate_id}")

    def _act(self, name: str, said: dict[str, Any], where: str) -> int:
        """Hand a decision over; return the journal entry that holds it."""
        return int(self._done(name, said, where).seq)

    def _done(self, name: str, said: dict[str, Any], where: str) -> Any:
        """Hand a decision over; return the answer."""
        try:
            return getattr(self._stub, name)(getattr(pb, f"{name}Request")(**said), timeout=STATUS_S)
        except grpc.RpcError as error:
            raise _restarting(error, where) or Refused(
                f"was not done ({error.code().name}: {error.details()})", where=where, mend="see `armillary status`"
            ) from error

    def decide(self, event_key: str, *, approve: bool, operator: str, reason: str) -> int:
        """Approve or dismiss an event; return the journal entry that holds the decision.

        Raises
        ------
        RetryLater
            A part of the observatory is restarting.
        Refused
            Nobody answers, or there is no such event.
        """
        said = {"action_id": str(uuid.uuid4()), "event_key": event_key, "operator": operator, "reason": reason}
        try:
            if approve:
                return int(self._stub.ApproveEvent(pb.ApproveEventRequest(**said), timeout=STATUS_S).seq)
            return int(self._stub.DismissEvent(pb.DismissEventRequest(**said), timeout=STATUS_S).seq)
        except grpc.RpcError as error:
            where = f"event {event_key}"
            raise _restarting(error, where) or Refused(
                f"was not {'approved' if approve else 'dismissed'} ({error.code().name}: {error.details()})",
                where=where,
                mend="see `armillary status`",
            ) from error

    def retry_quarantine(self, after: str = "") -> pb.RetryQuarantineResponse:
        """Let a page of the quarantine be read again.

        Raises
        ------
        RetryLater
            A part of the observatory is restarting.
        Refused
            Nobody answers.
        """
        try:
            answer: pb.RetryQuarantineResponse = self._stub.RetryQuarantine(
                pb.RetryQuarantineRequest(after=after), timeout=DEADLINE_S
            )
        except grpc.RpcError as error:
            raise _restarting(error, "quarantine") or Refused(
                f"does not answer ({error.code().name})", where=f"gateway {self._address}", mend=START_IT
            ) from error
        return answer

    def status(self) -> dict[str, Any]:
        """Return the document armillary.status/1.

        Raises
        ------
        RetryLater
            A part of the observatory is restarting.
        Refused
            Nobody answers.
        """
        try:
            answer = self._stub.GetStatus(pb.GetStatusRequest(), timeout=STATUS_S, wait_for_ready=True)
        except grpc.RpcError as error:
            where = f"gateway {self._address}"
            raise _restarting(error, where) or Refused(
                f"does not answer ({error.code().name})", where=where, mend=START_IT
            ) from error
        document: dict[str, Any] = msgspec.json.decode(answer.document)
        return document

    def _refusal(self, submission: Submission, error: grpc.RpcError) -> Refused:
        code = error.code()
        if code is grpc.StatusCode.UNAVAILABLE:
            return Refused("no observatory answers", where=self._address, mend=START_IT, reason=UNREACHABLE)
        return Refused(
            f"was not taken ({code.name}: {error.details()})",
            where=submission.name,
            mend="mend it and hand it over again",
        )


def _said(operator: str, reason: str, **what: Any) -> dict[str, Any]:
    """Put together what every decision needs."""
    return {"action_id": str(uuid.uuid4()), "operator": operator, "reason": reason, **what}


def _channel(running: Running) -> grpc.Channel:
    """Open the way to a gateway; with TLS as the person whose key lies in its state folder."""
    if not (running.authority and running.certificate and running.key):
        return grpc.insecure_channel(running.gateway)
    try:
        authority, certificate, key = (
            Path(name).read_bytes() for name in (running.authority, running.certificate, running.key)
        )
    except OSError as error:
        mend = "run this as the user who runs the observatory"
        raise Refused(f"cannot be read ({error.strerror})", where=str(error.filename), mend=mend) from error
    # It is on this machine, whatever address it listens on.
    options = [("grpc.ssl_target_name_override", "localhost")]
    return grpc.secure_channel(running.gateway, grpc.ssl_channel_credentials(authority, key, certificate), options)


def _restarting(error: Any, where: str) -> RetryLater | None:
    """Return what to raise where the gateway is there and says that the world may heal; None: it says no such thing."""
    from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
    from grpc_status import rpc_status

    status = rpc_status.from_call(error)
    info, retry = ErrorInfo(), RetryInfo()
    if status is None or not any(detail.Unpack(info) for detail in status.details) or info.reason != RETRY_LATER:
        return None
    after_s = next((_seconds(retry) for detail in status.details if detail.Unpack(retry)), 1.0)
    return RetryLater(f"cannot be answered now ({status.message})", where=where, mend="ask again", after_s=after_s)


def _seconds(retry: Any) -> float:
    return float(retry.retry_delay.ToTimedelta().total_seconds())
