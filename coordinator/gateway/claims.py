"""What a request claims and takes: for which telescope it speaks, and how much it brings."""

from typing import Any

from armillary.enrolment.v1 import enrolment_pb2
from armillary.operator.v1 import operator_pb2
from armillary.telescope.v1 import telescope_pb2
from google.protobuf.message import Message

from coordinator.gateway.convert.fields import telescope_of
from coordinator.security.admission import Claim
from coordinator.security.identity import Identity
from coordinator.security.meters import CUTOUT_BYTES, DETECTION_BATCHES, RENEWALS, REPORTS, Cost

DECISIONS = frozenset(
    message.full_name
    for message in operator_pb2.DESCRIPTOR.message_types_by_name.values()
    if "operator" in message.fields_by_name
)
"""Requests that carry a person's name, those to come included."""


def claim_of(request: object) -> Claim:
    """Read a request's claim; of one that comes in pieces only the call counts."""
    return Claim(_telescope_id(request), Cost(_brought(request)))


def sign_decision(request: object, who: Identity) -> None:
    """Put the name in the certificate beside the name that somebody gives: a decision is journalled with both."""
    if not isinstance(request, Message) or request.DESCRIPTOR.full_name not in DECISIONS:
        return
    decision: Any = request
    if decision.operator != who.name:
        decision.operator = f"{decision.operator} [{who.name}]" if decision.operator else who.name


def _telescope_id(request: object) -> str | None:
    match request:
        case telescope_pb2.OpenSessionRequest():
            return request.telescope_id
        case (
            telescope_pb2.WatchCommandsRequest()
            | telescope_pb2.ReportPointingsRequest()
            | telescope_pb2.ReportStatusRequest()
            | telescope_pb2.ReportDetectionsRequest()
            | telescope_pb2.ListPointingsRequest()
        ):
            return telescope_of(request.session_id)
        case _:
            return None


def _brought(request: object) -> dict[str, float]:
    match request:
        case telescope_pb2.ReportPointingsRequest():
            return {REPORTS: float(len(request.reports))}
        case telescope_pb2.ReportDetectionsRequest():
            cutouts = sum(len(each.cutout_png) for each in request.detections)
            return {DETECTION_BATCHES: 1.0, CUTOUT_BYTES: float(cutouts)}
        case enrolment_pb2.RenewCertificateRequest():
            return {RENEWALS: 1.0}
        case _:
            return {}
