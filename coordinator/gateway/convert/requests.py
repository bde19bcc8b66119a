"""What an agent asks and reports: wire to plain data, strictly.

Bounds keep out what is impossible. A fault in the request itself refuses it; a fault in one item of a batch refuses
that item alone; a sensor that says what cannot be costs a telescope nothing but that figure.
"""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from armillary.telescope.v1 import telescope_pb2 as pb

from coordinator.gateway.convert.capabilities import SHA256_BYTES, capabilities_of
from coordinator.gateway.convert.fields import MOST_URI, Fields, Violation, telescope_of
from telescopes.description.bounds import LONGEST_STEP_S, MOST_EXPOSURES
from telescopes.description.errors import Broken
from telescopes.description.event_key import LONGEST_EVENT_KEY
from telescopes.description.messages import (
    INVALID_ARGUMENT,
    Detection,
    ExposureResult,
    ItemResult,
    PointingReport,
    SessionRequest,
    StatusReport,
)
from telescopes.description.states import PointingState

log = logging.getLogger(__name__)

MOST_REPORTS = 500
MOST_DETECTIONS = 1000
MOST_REASONS = 32
MOST_STATES = 16
MOST_VETOED = 1000
MOST_CUTOUT_BYTES = 65_536
MOST_PAGE = 500
DEFAULT_PAGE = 100
PAGE_TOKEN = re.compile(r"[0-9]{0,18}")
PNG = b"\x89PNG\r\n\x1a\n"
FAINTEST_MAG = 50.0
LARGEST_UINT32 = 2**32 - 1
SENSORS = {
    "temperature_c": (-150.0, 100.0),
    "humidity_pct": (-10.0, 110.0),
    "wind_mps": (-1.0, 200.0),
    "rain_mm_per_h": (-1.0, 1000.0),
    "cloud_cover_pct": (0.0, 100.0),
    "sky_quality_mag_arcsec2": (-10.0, 30.0),
    "seeing_arcsec": (0.0, 120.0),
}
"""What can be; the sensors of a site are no part of the link, and a broken one is no reason to end it."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Batch(Generic[Item]):
    """A batch in its order: items that can be handed on, and answers to those that cannot."""

    session_id: str
    acked_seq: int
    items: tuple[Item | ItemResult, ...]
    faults: tuple[Violation, ...] = ()

    @property
    def good(self) -> tuple[Item, ...]:
        """The items that can be handed on."""
        return tuple(item for item in self.items if not isinstance(item, ItemResult))

    def answers(self, results: Sequence[ItemResult]) -> tuple[ItemResult, ...]:
        """Put the answers to the good items between those to the bad ones, in the batch's order."""
        if len(results) != len(self.good):
            raise Broken(
                f"{len(results)} answers to {len(self.good)} items",
                where=self.session_id,
                mend="report it: a service must answer item by item",
            )
        rest = iter(results)
        return tuple(item if isinstance(item, ItemResult) else next(rest) for item in self.items)


@dataclass(frozen=True, slots=True)
class Watch:
    """A command stream that is asked for."""

    session_id: str
    after_seq: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of pointings that is asked for."""

    session_id: str
    states: tuple[PointingState, ...]
    page_size: int
    page_token: str


def session_request_of(message: pb.OpenSessionRequest) -> SessionRequest:
    """Read an agent's announcement."""
    fields = Fields(message)
    request = SessionRequest(
        telescope_id=fields.telescope_id(),
        agent_version=fields.word("agent_version", required=False),
        boot_id=fields.word("boot_id"),
        last_applied_seq=fields.count("last_applied_seq"),
        journal_id=fields.word("journal_id", required=False),
        capabilities=capabilities_of(fields.below("capabilities")),
        client_time=fields.instant("client_time"),
    )
    fields.refuse_if_wrong()
    return request


def watch_of(message: pb.WatchCommandsRequest) -> Watch:
    """Read which commands are wanted."""
    fields = Fields(message)
    watch = Watch(fields.session_id(), fields.count("after_seq"))
    fields.refuse_if_wrong()
    return watch


def pointing_reports_of(message: pb.ReportPointingsRequest) -> Batch[PointingReport]:
    """Read a batch of reports."""
    fields = Fields(message)
    session_id, acked_seq = fields.session_id(), fields.count("acked_seq")
    listed = fields.each("reports", MOST_REPORTS)
    fields.refuse_if_wrong()
    return _batch(session_id, acked_seq, listed, "report_id", _pointing_report)


def detections_of(message: pb.ReportDetectionsRequest) -> Batch[Detection]:
    """Read a batch of detections."""
    fields = Fields(message)
    session_id, listed = fields.session_id(), fields.each("detections", MOST_DETECTIONS)
    fields.refuse_if_wrong()
    return _batch(session_id, 0, listed, "detection_id", _detection)


def status_report_of(message: pb.ReportStatusRequest) -> tuple[str, StatusReport]:
    """Read a site's status, and whose session sends it; a figure of the weather that cannot be is unknown."""
    fields = Fields(message)
    session_id = fields.session_id()
    report = StatusReport(
        client_time=fields.instant("client_time"),
        safe=fields.flag("safe"),
        blocking_reasons=fields.reasons("blocking_reasons", MOST_REASONS),
        unavailable_until=fields.maybe_instant("unavailable_until_time"),
        active_pointing_id=fields.word("active_pointing_id", required=False),
        buffered_reports=fields.count("buffered_reports", LARGEST_UINT32),
        acked_seq=fields.count("acked_seq"),
        clock_offset_s=fields.maybe_number("clock_offset_s", -1e10, 1e10),
        vetoed_events=fields.words("vetoed_event_ids", MOST_VETOED, LONGEST_EVENT_KEY),
        **{name: _sensor(session_id, message, name) for name in SENSORS},
    )
    fields.refuse_if_wrong()
    return session_id, report


def _sensor(session_id: str, message: pb.ReportStatusRequest, name: str) -> float | None:
    """Read what a sensor says; what is out of its bounds goes into the log and is unknown."""
    figure = Fields(message)
    value = figure.maybe_number(name, *SENSORS[name])
    for fault in figure.noted:
        log.warning("%s: %s: %s; taken as unknown", telescope_of(session_id), fault.field, fault.description)
    return None if figure.noted else value


def listing_of(message: pb.ListPointingsRequest) -> Listing:
    """Read which page is wanted; a page larger than the largest is made smaller."""
    fields = Fields(message)
    listing = Listing(
        session_id=fields.session_id(),
        states=fields.states("states", MOST_STATES),
        page_size=min(fields.count("page_size") or DEFAULT_PAGE, MOST_PAGE),
        page_token=fields.matching("page_token", PAGE_TOKEN, "a page's token: use next_page_token, or none"),
    )
    fields.refuse_if_wrong()
    return listing


def _batch(
    session_id: str, acked_seq: int, listed: Sequence[Fields], id_field: str, read: Callable[[Fields], Item]
) -> Batch[Item]:
    items: list[Item | ItemResult] = []
    faults: list[Violation] = []
    for each in listed:
        before = len(each.noted)
        item = read(each)
        noted = each.noted[before:]
        items.append(_refused(each.prose(id_field), noted[0]) if noted else item)
        faults += noted
    return Batch(session_id, acked_seq, tuple(items), tuple(faults))


def _refused(item_id: str, fault: Violation) -> ItemResult:
    """Answer a bad item; the reason names its first bad field, as INVALID_ACTUAL_RA_DEG."""
    field = fault.field.partition(".")[2]
    return ItemResult(item_id, INVALID_ARGUMENT, f"INVALID_{re.sub(r'[^a-z0-9]+', '_', field).strip('_').upper()}")


def _pointing_report(fields: Fields) -> PointingReport:
    return PointingReport(
        report_id=fields.word("report_id"),
        pointing_id=fields.word("pointing_id"),
        revision=fields.count("revision", LARGEST_UINT32),
        state=fields.state("state"),
        report_time=fields.instant("report_time"),
        agent_seq=fields.count("agent_seq"),
        reason=fields.maybe_reason("reason"),
        detail=fields.prose("detail"),
        fraction_done=fields.maybe_number("fraction_done", 0.0, 1.0),
        expected_end=fields.maybe_instant("expected_end_time"),
        actual_ra_deg=fields.maybe_number("actual_ra_deg", 0.0, 360.0),
        actual_dec_deg=fields.maybe_number("actual_dec_deg", -90.0, 90.0),
        actual_position_angle_deg=fields.maybe_number("actual_position_angle_deg", -360.0, 360.0),
        exposures=tuple(_exposure_result(each) for each in fields.each("exposures", MOST_EXPOSURES)),
        late=fields.flag("late"),
    )


def _exposure_result(fields: Fields) -> ExposureResult:
    window = fields.below("window")
    start, end = window.instant("start_time"), window.instant("end_time")
    if end < start:
        window.wrong("end_time", "is before start_time")
    return ExposureResult(
        exposure_index=fields.count("exposure_index", LARGEST_UINT32),
        filter=fields.word("filter", 64),
        start=start,
        end=end,
        exposure_s=fields.number("exposure_s", 0.0, LONGEST_STEP_S),
        limiting_mag_ab=fields.maybe_number("limiting_mag_ab", -FAINTEST_MAG, FAINTEST_MAG),
        fwhm_arcsec=fields.maybe_number("fwhm_arcsec", 0.0, 3600.0),
        image_uri=fields.word("image_uri", MOST_URI, required=False),
        image_sha256=fields.data("image_sha256", SHA256_BYTES, exactly=SHA256_BYTES).hex(),
    )


def _detection(fields: Fields) -> Detection:
    return Detection(
        detection_id=fields.word("detection_id"),
        pointing_id=fields.word("pointing_id"),
        ra_deg=fields.number("ra_deg", 0.0, 360.0),
        dec_deg=fields.number("dec_deg", -90.0, 90.0),
        mid_exposure=fields.instant("mid_exposure_time"),
        filter=fields.word("filter", 64),
        mag_ab=fields.number("mag_ab", -FAINTEST_MAG, FAINTEST_MAG),
        mag_err=fields.maybe_number("mag_err", 0.0, FAINTEST_MAG),
        pos_err_arcsec=fields.maybe_number("pos_err_arcsec", 0.0, 648_000.0),
        limiting_mag_ab=fields.maybe_number("limiting_mag_ab", -FAINTEST_MAG, FAINTEST_MAG),
        real_bogus=fields.maybe_number("real_bogus", 0.0, 1.0),
        snr=fields.maybe_number("snr", -1e9, 1e9),
        host_separation_arcsec=fields.maybe_number("host_separation_arcsec", 0.0, 648_000.0),
        host_redshift=fields.maybe_number("host_redshift", -0.1, 30.0),
        host_redshift_err=fields.maybe_number("host_redshift_err", 0.0, 30.0),
        cutout_png=_cutout(fields),
        image_uri=fields.word("image_uri", MOST_URI, required=False),
    )


def _cutout(fields: Fields) -> bytes:
    cutout = fields.data("cutout_png", MOST_CUTOUT_BYTES)
    if cutout and not cutout.startswith(PNG):
        fields.wrong("cutout_png", "is not a PNG")
    return cutout
