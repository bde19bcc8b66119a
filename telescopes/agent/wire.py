"""Single values between the wire and the shared words: instants, spans, states and reasons."""

from datetime import UTC, datetime, timedelta

from armillary.telescope.v1 import telescope_pb2 as pb
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from telescopes.description.clocks import SkyClockReading
from telescopes.description.errors import Refused
from telescopes.description.states import PointingState, Reason

STATE_TO_WIRE = {state: f"POINTING_STATE_{state.name}" for state in PointingState}
STATE_FROM_WIRE = {int(pb.PointingState.Value(name)): state for state, name in STATE_TO_WIRE.items()}
REASON_TO_WIRE = {reason: f"REASON_{reason.name}" for reason in Reason}
REASON_FROM_WIRE = {int(pb.Reason.Value(name)): reason for reason, name in REASON_TO_WIRE.items()}


def timestamp(when: datetime | None) -> Timestamp | None:
    """Write an aware instant; None: absent."""
    if when is None:
        return None
    written = Timestamp()
    written.FromDatetime(when)
    return written


def instant(written: Timestamp) -> datetime:
    """Read an instant as aware UTC."""
    return written.ToDatetime(tzinfo=UTC)


def seconds(span: Duration) -> float:
    """Read a span."""
    return span.ToTimedelta() / timedelta(seconds=1)


def optional(message: Message, field: str) -> float | None:
    """Read a number that may be absent."""
    return float(getattr(message, field)) if message.HasField(field) else None


def state_of(number: int) -> PointingState | None:
    """Read a state; None: not said."""
    return STATE_FROM_WIRE.get(int(number))


def sky_clock_of(written: pb.SkyClock) -> SkyClockReading:
    """Read an announced sky clock."""
    if not written.HasField("sky_time"):
        raise Refused("sent no sky time", where="coordinator", mend="update the coordinator", reason="BAD_MESSAGE")
    return SkyClockReading(instant(written.sky_time), written.rate)
