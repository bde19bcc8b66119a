"""What a request claims and takes: for which telescope it speaks, and how much it brings."""

from armillary.enrolment.v1 import enrolment_pb2
from armillary.operator.v1 import operator_pb2
from armillary.telescope.v1 import telescope_pb2

from coordinator.gateway.convert.fields import telescope_of
from coordinator.security.admission import Claim
from coordinator.security.identity import Identity
from coordinator.security.meters import CUTOUT_BYTES, DETECTION_BATCHES, RENEWALS, REPORTS, Cost

DECISIONS = (
    operator_pb2.PauseTelescopeRequest,
    operator_pb2.ResumeTelescopeRequest,
    operator_pb2.VetoPointingRequest,
    operator_pb2.ApproveEventRequest,
    operator_pb2.DismissEventRequest,
)


def claim_of(request: object) -> Claim:
    """Read a request's claim; of one that comes in pieces only the call counts."""
    return Claim(_telescope_id(request), Cost(_brought(request)))


def sign_decision(request: object, who: Identity) -> None:
    """Put the name in the certificate beside the name that somebody gives: a decision is journalled with both."""
    if isinstance(request, DECISIONS) and request.operator != who.name:
        request.operator = f"{request.operator} [{who.name}]" if request.operator else who.name


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
