"""Single values between the wire and the shared words: instants, spans, states and reasons."""

from datetime import UTC, datetime

from armillary.telescope.v1 import telescope_pb2 as pb
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from telescopes.description.clocks import EARLIEST, LATEST, SkyClockReading
from telescopes.description.errors import Refused
from telescopes.description.states import PointingState, Reason

FASTEST_RATE = 1e6
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
    """Read an instant as aware UTC; what lies beyond the calendar reads as its last one, which nothing accepts."""
    try:
        return written.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.max.replace(tzinfo=UTC)


def seconds(span: Duration) -> float:
    """Read a span, also one that is too long for a calendar."""
    return (span.seconds * 10**9 + span.nanos) / 10**9


def optional(message: Message, field: str) -> float | None:
    """Read a number that may be absent."""
    return float(getattr(message, field)) if message.HasField(field) else None


def state_of(number: int) -> PointingState | None:
    """Read a state; None: not said."""
    return STATE_FROM_WIRE.get(int(number))


def sky_clock_of(written: pb.SkyClock) -> SkyClockReading:
    """Read an announced sky clock; one that no clock could follow is refused."""
    reading = SkyClockReading(instant(written.sky_time), written.rate)
    if not (EARLIEST < reading.sky_time < LATEST and 0.0 <= reading.rate <= FASTEST_RATE):
        raise Refused(
            f"sent no sky time that can be: {reading.sky_time.isoformat()}, rate {reading.rate:g}",
            where="coordinator",
            mend="update the coordinator",
            reason="BAD_MESSAGE",
        )
    return reading
