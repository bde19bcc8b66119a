"""What people ask of the observatory, and what it answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from armillary.operator.v1 import operator_pb2 as pb

from coordinator.dispatch.facts import OperatorActed
from coordinator.gateway.convert.answers import stamp
from coordinator.gateway.convert.fields import Fields, InvalidRequest, Violation
from coordinator.services.ports import Submitted, TelescopeView
from coordinator.services.quarantined import Page
from coordinator.services.telescope_acts import ASK, WITHDRAW
from telescopes.description.bounds import LONGEST_EXPOSURE_S
from telescopes.description.event_key import EVENT_KEY, LONGEST_EVENT_KEY

PURPOSES = ("", "observation", "test", "mock", "injection")
MOST_PIECE_BYTES = 1 << 20
MARK = re.compile("counterpart|rejected|withdrawn")


@dataclass(frozen=True, slots=True)
class Submission:
    """One whole alert as a person handed it over; empty: as the message says."""

    name: str
    purpose: str
    event_key: str
    data: bytes = b""


class Pieces:
    """The pieces of a file so far; the first names it. Each is checked as it comes.

    Parameters
    ----------
    most_bytes : int
        How large the whole file may be.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._first: Submission | None = None
        self._data: list[bytes] = []
        self._total = 0

    def add(self, piece: pb.SubmitAlertRequest) -> None:
        """Take one more piece; Refused if it is not what it should be."""
        fields = Fields(piece, f"pieces[{len(self._data)}].")
        if self._first is None:
            self._first = _named(fields)
        elif piece.name or piece.purpose or piece.event_key:
            fields.wrong("name", "is said again: name, purpose and event_key belong to the first piece alone")
        self._data.append(fields.data("data", MOST_PIECE_BYTES))
        self._total += len(piece.data)
        if self._total > self._most_bytes:
            fields.wrong("data", f"makes the file larger than {self._most_bytes} bytes")
        fields.refuse_if_wrong()

    def whole(self) -> Submission:
        """Put them together."""
        if self._first is None or self._total == 0:
            raise InvalidRequest([Violation("data", "is missing: nothing was sent")])
        return replace(self._first, data=b"".join(self._data))


def pause_of(message: pb.PauseTelescopeRequest) -> OperatorActed:
    """Read a pause."""
    fields = Fields(message)
    return _action(fields, "pause", fields.telescope_id())


def resume_of(message: pb.ResumeTelescopeRequest) -> OperatorActed:
    """Read the end of a pause, or of the veto of one event."""
    fields = Fields(message)
    if message.event_key:
        return _action(fields, "allow_event", fields.telescope_id(), {"event": _event_key(fields)})
    return _action(fields, "resume", fields.telescope_id())


def event_veto_of(message: pb.VetoEventRequest) -> OperatorActed:
    """Read the veto of an event for one telescope."""
    fields = Fields(message)
    return _action(fields, "veto_event", fields.telescope_id(), {"event": _event_key(fields)})


def night_veto_of(message: pb.VetoNightRequest) -> OperatorActed:
    """Read the veto of a night."""
    fields = Fields(message)
    return _action(fields, "veto_night", fields.telescope_id())


def maintenance_of(message: pb.ScheduleMaintenanceRequest) -> OperatorActed:
    """Read maintenance to come."""
    fields = Fields(message)
    span = {key: fields.instant(f"{key}_time").isoformat() for key in ("start", "end")}
    return _action(fields, "maintenance", fields.telescope_id(), span)


def cancelled_maintenance_of(message: pb.CancelMaintenanceRequest) -> OperatorActed:
    """Read that maintenance is taken back."""
    fields = Fields(message)
    return _action(fields, "cancel_maintenance", fields.telescope_id())


def asked_pointing_of(message: pb.AskPointingRequest) -> OperatorActed:
    """Read a wish for a pointing; what is left out is left to the scheduler."""
    fields = Fields(message)
    given = {
        "ra_deg": fields.maybe_number("ra_deg", 0.0, 360.0),
        "dec_deg": fields.maybe_number("dec_deg", -90.0, 90.0),
        "exposure_s": fields.maybe_number("exposure_s", 0.0, LONGEST_EXPOSURE_S),
    }
    details = {"event": _event_key(fields)} | {name: repr(value) for name, value in given.items() if value is not None}
    words = {"candidate": fields.word("candidate_id", required=False), "filter": fields.word("filter", required=False)}
    details |= {name: word for name, word in words.items() if word}
    if message.HasField("count"):
        details["count"] = str(message.count)
    window = {name: fields.maybe_instant(f"{name}_time") for name in ("start", "end")}
    details |= {name: at.isoformat() for name, at in window.items() if at is not None}
    if message.anyway:
        details["anyway"] = "yes"
    return _action(fields, ASK, fields.telescope_id(), details)


def withdrawn_pointing_of(message: pb.WithdrawPointingRequest) -> OperatorActed:
    """Read that such a wish is withdrawn."""
    fields = Fields(message)
    return _action(fields, WITHDRAW, fields.telescope_id(), {"pointing": fields.word("pointing")})


def veto_of(message: pb.VetoPointingRequest) -> OperatorActed:
    """Read a veto."""
    fields = Fields(message)
    return _action(fields, "veto", fields.word("pointing_id"))


def pointing_approval_of(message: pb.ApprovePointingRequest) -> OperatorActed:
    """Read a yes to an offer."""
    fields = Fields(message)
    return _action(fields, "approve_pointing", fields.word("pointing_id"))


def approval_of(message: pb.ApproveEventRequest) -> OperatorActed:
    """Read an approval."""
    fields = Fields(message)
    return _action(fields, "approve", _event_key(fields))


def dismissal_of(message: pb.DismissEventRequest) -> OperatorActed:
    """Read a dismissal."""
    fields = Fields(message)
    return _action(fields, "dismiss", _event_key(fields))


def mark_of(message: pb.MarkCandidateRequest) -> OperatorActed:
    """Read a mark on a candidate."""
    fields = Fields(message)
    details = {"event": _event_key(fields), "as": fields.matching("mark", MARK, "counterpart, rejected or withdrawn")}
    return _action(fields, "mark_candidate", fields.word("candidate_id"), details)


def comment_of(message: pb.CommentCandidateRequest) -> OperatorActed:
    """Read a remark about a candidate."""
    fields = Fields(message)
    details = {"event": _event_key(fields)}
    return _action(fields, "comment_candidate", fields.word("candidate_id"), details, why="comment")


def _event_key(fields: Fields) -> str:
    return fields.matching("event_key", EVENT_KEY, "an event key: namespace:id, such as lvk:S190814bv")


def cursor_of(message: pb.RetryQuarantineRequest) -> str:
    """Read where a page of the quarantine begins."""
    fields = Fields(message)
    after = fields.word("after", required=False)
    fields.refuse_if_wrong()
    return after


def read_again(page: Page) -> pb.RetryQuarantineResponse:
    """Write what became of messages that were read again."""
    return pb.RetryQuarantineResponse(
        messages=[
            pb.QuarantinedMessage(
                file=one.file,
                raw_sha256=one.raw_sha256,
                outcome=one.outcome,
                event_key=one.event_key,
                reason=one.reason,
            )
            for one in page.messages
        ],
        next=page.next,
    )


def _action(
    fields: Fields, action: str, subject: str, details: dict[str, str] | None = None, why: str = "reason"
) -> OperatorActed:
    acted = OperatorActed(
        action_id=fields.word("action_id"),
        action=action,
        subject=subject,
        operator=fields.word("operator"),
        reason=fields.prose(why),
        details=details or {},
    )
    if not acted.reason:
        fields.wrong(why, "is missing: say why, it is kept with the action")
    fields.refuse_if_wrong()
    return acted


def _named(fields: Fields) -> Submission:
    named = Submission(
        name=fields.word("name", 255),
        purpose=fields.word("purpose", required=False),
        event_key=fields.word("event_key", LONGEST_EVENT_KEY, required=False),
    )
    if named.purpose not in PURPOSES:
        fields.wrong("purpose", f"must be empty or one of {', '.join(PURPOSES[1:])}")
    if named.event_key and not EVENT_KEY.fullmatch(named.event_key):
        fields.wrong("event_key", "must be empty or namespace:id, such as lvk:S190814bv")
    return named


def telescope_states(views: Sequence[TelescopeView]) -> pb.ListTelescopesResponse:
    """Write how the telescopes are."""
    return pb.ListTelescopesResponse(
        telescopes=[
            pb.TelescopeState(
                telescope_id=view.telescope_id,
                state=view.state,
                since_time=stamp(view.since),
                open_pointings=view.open_pointings,
                lease_left_s=view.lease_left_s,
                clock_offset_s=view.clock_offset_s,
                blocked_because=view.blocked_because,
            )
            for view in views
        ]
    )


def submitted(result: Submitted) -> pb.SubmitAlertResponse:
    """Write what became of an alert."""
    seq, outcome, event_key, reason = result
    return pb.SubmitAlertResponse(seq=seq, outcome=outcome, event_key=event_key, reason=reason)
