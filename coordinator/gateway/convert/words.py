"""The closed sets of the wire and their words inside, matched by name."""

from typing import cast

from armillary.telescope.v1 import telescope_pb2 as pb

from telescopes.description.states import PointingState, Reason

STATE_TO_WIRE = {
    state: cast("pb.PointingState", pb.PointingState.Value(f"POINTING_STATE_{state.name}")) for state in PointingState
}
STATE_FROM_WIRE: dict[int, PointingState] = {number: state for state, number in STATE_TO_WIRE.items()}
REASON_TO_WIRE = {reason: cast("pb.Reason", pb.Reason.Value(f"REASON_{reason.name}")) for reason in Reason}
REASON_FROM_WIRE: dict[int, Reason] = {number: reason for reason, number in REASON_TO_WIRE.items()}
"""A word without its number fails at import: both lists must grow together."""
