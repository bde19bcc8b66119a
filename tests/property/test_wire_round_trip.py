"""Whatever one side says, the other side reads the same: both ends' conversions against each other."""

from datetime import UTC, datetime

from armillary.telescope.v1 import telescope_pb2 as pb
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.gateway.convert import answers, requests
from coordinator.gateway.convert.fields import InvalidRequest
from telescopes.agent import convert_down, convert_up
from telescopes.description.clocks import SkyClockReading
from telescopes.description.footprint import Circle, Polygons, Rectangle
from telescopes.description.messages import (
    Capabilities,
    Command,
    Constraints,
    Detection,
    Drain,
    Exposure,
    ExposureResult,
    Heartbeat,
    ItemResult,
    ListedPointing,
    Pointing,
    PointingPage,
    PointingReport,
    Revocation,
    SessionGrant,
    SessionRequest,
    StatusReply,
    StatusReport,
)
from telescopes.description.states import PointingState, Reason
from telescopes.description.telescope import Instrument, Limits, Timing

SESSION = "tca:3:abc"
few = settings(max_examples=60)


def number(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


def many(strategy: st.SearchStrategy, most: int = 4) -> st.SearchStrategy:
    return st.lists(strategy, max_size=most).map(tuple)


printable = st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" ")
word = st.text(printable, min_size=1, max_size=64)
text = st.text(printable, max_size=64)
prose = text.map(str.strip)
seq = st.integers(0, 2**63 - 1)
uint32 = st.integers(0, 2**32 - 1)
instant = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
interval = st.tuples(instant, instant).map(sorted)
span = st.integers(0, 10**12).map(lambda us: us / 1e6)
state, reason = st.sampled_from(PointingState), st.sampled_from(Reason)
sha256 = st.just("") | st.binary(min_size=32, max_size=32).map(bytes.hex)
degrees, declination = number(0.0, 360.0), number(-90.0, 90.0)
magnitude = number(-30.0, 40.0)
png = st.just(b"") | st.binary(max_size=64).map(lambda data: b"\x89PNG\r\n\x1a\n" + data)
clock = st.builds(SkyClockReading, instant, number(0.0, 1e4))

offset = number(-10.0, 10.0)
outline = st.lists(st.tuples(offset, offset), min_size=3, max_size=5).map(tuple)
footprint = (
    st.builds(Rectangle, number(0.0, 20.0), number(0.0, 20.0))
    | st.builds(Circle, number(0.0, 20.0))
    | st.builds(Polygons, st.lists(outline, min_size=1, max_size=3).map(tuple))
)
instrument = st.builds(Instrument, id=word, filters=many(word), footprint=footprint)
# What the wire carries of limits and timing; the rest has its default on the far side.
limits = st.builds(
    Limits,
    min_altitude_deg=declination,
    max_sun_altitude_deg=declination,
    min_moon_separation_deg=number(0.0, 180.0),
    declination_deg=maybe(st.tuples(declination, declination)),
    max_sun_altitude_by_filter=st.just({}),
    hour_angle_h=st.none(),
    horizon=st.just(()),
)
timing = st.builds(Timing, settle_s=span, readout_s=span, filter_change_s=span).map(
    lambda t: Timing(settle_s=t.settle_s % 86_400, readout_s=t.readout_s % 86_400, filter_change_s=0.5)
)
capabilities = st.builds(
    Capabilities,
    instruments=st.lists(instrument, min_size=1, max_size=3).map(tuple),
    limits=limits,
    timing=timing,
    config_sha256=sha256,
    drivers=many(word),
)
announcement = st.builds(
    SessionRequest,
    telescope_id=st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True),
    agent_version=text,
    boot_id=word,
    last_applied_seq=seq,
    journal_id=text,
    capabilities=capabilities,
    client_time=instant,
)
exposure_result = interval.flatmap(
    lambda ends: st.builds(
        ExposureResult,
        exposure_index=uint32,
        filter=word,
        start=st.just(ends[0]),
        end=st.just(ends[1]),
        exposure_s=number(0.0, 86_400.0),
        limiting_mag_ab=maybe(magnitude),
        fwhm_arcsec=maybe(number(0.0, 60.0)),
        image_uri=text,
        image_sha256=sha256,
    )
)
report = st.builds(
    PointingReport,
    report_id=word,
    pointing_id=word,
    revision=uint32,
    state=state,
    report_time=instant,
    agent_seq=seq,
    reason=maybe(reason),
    detail=prose,
    fraction_done=maybe(number(0.0, 1.0)),
    expected_end=maybe(instant),
    actual_ra_deg=maybe(degrees),
    actual_dec_deg=maybe(declination),
    actual_position_angle_deg=maybe(number(-360.0, 360.0)),
    exposures=many(exposure_result),
    late=st.booleans(),
)
status = st.builds(
    StatusReport,
    client_time=instant,
    safe=st.booleans(),
    blocking_reasons=many(reason),
    unavailable_until=maybe(instant),
    active_pointing_id=text,
    vetoed_events=many(text),
    buffered_reports=uint32,
    acked_seq=seq,
    clock_offset_s=maybe(number(-1e5, 1e5)),
    temperature_c=maybe(number(-90.0, 60.0)),
    humidity_pct=maybe(number(0.0, 100.0)),
    wind_mps=maybe(number(0.0, 100.0)),
    rain_mm_per_h=maybe(number(0.0, 100.0)),
    cloud_cover_pct=maybe(number(0.0, 100.0)),
    sky_quality_mag_arcsec2=maybe(number(0.0, 25.0)),
    seeing_arcsec=maybe(number(0.0, 20.0)),
)
detection = st.builds(
    Detection,
    detection_id=word,
    pointing_id=word,
    ra_deg=degrees,
    dec_deg=declination,
    mid_exposure=instant,
    filter=word,
    mag_ab=magnitude,
    mag_err=maybe(number(0.0, 10.0)),
    pos_err_arcsec=maybe(number(0.0, 1e5)),
    limiting_mag_ab=maybe(magnitude),
    real_bogus=maybe(number(0.0, 1.0)),
    snr=maybe(number(-1e6, 1e6)),
    host_separation_arcsec=maybe(number(0.0, 1e5)),
    host_redshift=maybe(number(0.0, 20.0)),
    host_redshift_err=maybe(number(0.0, 20.0)),
    cutout_png=png,
    image_uri=text,
)
exposure = st.builds(
    Exposure,
    filter=word,
    exposure_s=number(0.0, 1e4),
    count=uint32,
    binning=st.integers(1, 8),
    dither_arcsec=number(0.0, 100.0),
    target_depth_mag_ab=maybe(magnitude),
)
constraints = st.builds(
    Constraints,
    min_altitude_deg=maybe(declination),
    max_airmass=maybe(number(1.0, 10.0)),
    max_sun_altitude_deg=maybe(declination),
    min_moon_separation_deg=maybe(number(0.0, 180.0)),
    pointing_tolerance_arcsec=maybe(number(0.0, 1e4)),
)
pointing = st.builds(
    Pointing,
    pointing_id=text,
    revision=uint32,
    plan_id=text,
    event_id=text,
    event_revision=uint32,
    telescope_id=text,
    instrument_id=text,
    visit=text,
    ra_deg=degrees,
    dec_deg=declination,
    position_angle_deg=degrees,
    window_start=instant,
    window_end=instant,
    planned_start=instant,
    exposures=many(exposure),
    accept_within_s=span,
    probability=maybe(number(0.0, 1.0)),
    limit_mag_ab=maybe(magnitude),
    rank=uint32,
    priority=st.integers(0, 100),
    may_interrupt=st.booleans(),
    require_human_approval=st.booleans(),
    acceptability_threshold=number(0.0, 1.0),
    constraints=constraints,
    field_id=text,
    traceparent=text,
    approved_by=text,
)
revocation = st.builds(Revocation, text, uint32, reason, st.booleans())
said = (
    st.builds(Command, seq, pointing | revocation)
    | st.builds(Heartbeat, seq, instant, clock)
    | st.builds(Drain, seq, span)
)
# An agent lives with no others (telescopes/agent/bounded.py).
name = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=64)
heartbeat_s = st.integers(10_000, 3600 * 10**6).map(lambda us: us / 1e6)
lease_s = st.integers(100_000, 86_400 * 10**6).map(lambda us: us / 1e6)
grant = st.builds(SessionGrant, name, seq, name, clock, heartbeat_s, lease_s, instant, st.booleans(), seq)
result = st.builds(ItemResult, text, st.integers(0, 16), text, maybe(state))
page = st.builds(PointingPage, many(st.builds(ListedPointing, pointing, state, maybe(revocation))), text, seq)


def over_the_wire(message):  # type: ignore[no-untyped-def]
    """Send it as bytes, so that nothing is handed over that only memory can hold."""
    return type(message).FromString(message.SerializeToString())


@few
@given(announcement)
def test_an_announcement_arrives_as_it_was_said(asked: SessionRequest) -> None:
    assert requests.session_request_of(over_the_wire(convert_up.session_request(asked))) == asked


@few
@given(many(report), seq)
def test_reports_arrive_as_they_were_said(reports: tuple[PointingReport, ...], acked: int) -> None:
    message = pb.ReportPointingsRequest(
        session_id=SESSION, acked_seq=acked, reports=[convert_up.report(each) for each in reports]
    )
    batch = requests.pointing_reports_of(over_the_wire(message))
    assert (batch.session_id, batch.acked_seq, batch.items, batch.faults) == (SESSION, acked, reports, ())


@few
@given(status)
def test_a_status_arrives_as_it_was_said(known: StatusReport) -> None:
    message = over_the_wire(convert_up.status_request(SESSION, known))
    assert requests.status_report_of(message) == (SESSION, known)


@few
@given(many(detection))
def test_detections_arrive_as_they_were_said(detections: tuple[Detection, ...]) -> None:
    message = pb.ReportDetectionsRequest(
        session_id=SESSION, detections=[convert_up.detection(each) for each in detections]
    )
    assert requests.detections_of(over_the_wire(message)).items == detections


@few
@given(said)
def test_a_command_arrives_as_it_was_given(command: Command | Heartbeat | Drain) -> None:
    assert convert_down.message_of(over_the_wire(answers.command(command))) == command


@few
@given(grant)
def test_a_grant_arrives_as_it_was_given(granted: SessionGrant) -> None:
    assert convert_down.grant_of(over_the_wire(answers.session_grant(granted))) == granted


@few
@given(many(result), instant, span, clock)
def test_answers_arrive_as_they_were_given(
    results: tuple[ItemResult, ...], server_time: datetime, left_s: float, sky: SkyClockReading
) -> None:
    written = (over_the_wire(each) for each in answers.item_results(results))
    assert tuple(convert_down.result_of(each) for each in written) == results
    reply = StatusReply(server_time, left_s, sky)
    assert convert_down.status_reply_of(over_the_wire(answers.status_reply(reply))) == reply


@few
@given(page, instant)
def test_a_page_arrives_as_it_was_given(listed: PointingPage, server_time: datetime) -> None:
    assert convert_down.page_of(over_the_wire(answers.page(listed, server_time))) == listed


REQUESTS = (
    (pb.OpenSessionRequest, requests.session_request_of),
    (pb.WatchCommandsRequest, requests.watch_of),
    (pb.ReportPointingsRequest, requests.pointing_reports_of),
    (pb.ReportStatusRequest, requests.status_report_of),
    (pb.ReportDetectionsRequest, requests.detections_of),
    (pb.ListPointingsRequest, requests.listing_of),
)


@few
@given(st.sampled_from(REQUESTS), st.binary(max_size=400))
def test_whatever_bytes_parse_they_are_read_or_refused_and_nothing_else(kind, data: bytes) -> None:  # type: ignore[no-untyped-def]
    message_type, read = kind
    message = message_type()
    try:
        message.MergeFromString(data)
    except Exception as error:  # noqa: BLE001 - what does not parse never reaches us
        assert "parsing" in str(error)
        return
    try:
        read(message)
    except InvalidRequest as refused:
        assert refused.violations
