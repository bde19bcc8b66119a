"""What a request claims and takes: for which telescope it speaks, and how much it brings."""

from armillary.enrolment.v1 import enrolment_pb2
from armillary.telescope.v1 import telescope_pb2

from coordinator.gateway.convert.fields import telescope_of
from coordinator.security.admission import Claim
from coordinator.security.meters import CUTOUT_BYTES, DETECTION_BATCHES, RENEWALS, REPORTS, Cost


def claim_of(request: object) -> Claim:
    """Read a request's claim; of one that comes in pieces only the call counts."""
    return Claim(_telescope_id(request), Cost(_brought(request)))


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
