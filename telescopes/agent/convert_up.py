"""From plain data to the wire: everything that the agent says."""

from collections.abc import Sequence

from armillary.telescope.v1 import telescope_pb2 as pb

from telescopes.agent.wire import REASON_TO_WIRE, STATE_TO_WIRE, timestamp
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.messages import (
    Capabilities,
    Detection,
    ExposureResult,
    PointingReport,
    SessionRequest,
    StatusReport,
)
from telescopes.description.states import PointingState
from telescopes.description.telescope import Limits

DETAIL_CHARACTERS = 500


def session_request(asked: SessionRequest) -> pb.OpenSessionRequest:
    """Write an agent's announcement."""
    return pb.OpenSessionRequest(
        telescope_id=asked.telescope_id,
        agent_version=asked.agent_version,
        boot_id=asked.boot_id,
        last_applied_seq=asked.last_applied_seq,
        capabilities=capabilities(asked.capabilities),
        client_time=timestamp(asked.client_time),
        journal_id=asked.journal_id,
    )


def capabilities(known: Capabilities) -> pb.Capabilities:
    """Write what the telescope is."""
    timing = known.timing
    return pb.Capabilities(
        instruments=[
            pb.Instrument(
                instrument_id=i.id,
                filters=i.filters,
                footprint=footprint(i.footprint),
                readout_s=timing.readout_s,
                filter_change_s=timing.filter_change_s,
            )
            for i in known.instruments
        ],
        limits=limits(known.limits),
        overhead_s=timing.settle_s,
        config_sha256=bytes.fromhex(known.config_sha256),
        drivers=known.drivers,
    )


def limits(known: Limits) -> pb.Limits:
    """Write the site's limits."""
    written = pb.Limits(
        min_altitude_deg=known.min_altitude_deg,
        max_sun_altitude_deg=known.max_sun_altitude_deg,
        min_moon_separation_deg=known.min_moon_separation_deg,
    )
    if known.declination_deg is not None:
        written.min_declination_deg, written.max_declination_deg = known.declination_deg
    return written


def footprint(shape: Footprint) -> pb.Footprint:
    """Write the sky that one exposure covers."""
    match shape:
        case Rectangle(width_deg, height_deg):
            return pb.Footprint(rectangle=pb.Footprint.Rectangle(width_deg=width_deg, height_deg=height_deg))
        case Circle(radius_deg):
            return pb.Footprint(circle=pb.Footprint.Circle(radius_deg=radius_deg))
        case Polygons(outlines):
            return pb.Footprint(polygons=pb.Footprint.Polygons(polygons=[polygon(o) for o in outlines]))


def polygon(outline: Sequence[tuple[float, float]]) -> pb.Footprint.Polygon:
    """Write one detector's outline."""
    return pb.Footprint.Polygon(vertices=[pb.Footprint.Vertex(x_east_deg=x, y_north_deg=y) for x, y in outline])


def report(known: PointingReport) -> pb.PointingReport:
    """Write one fact about one pointing."""
    return pb.PointingReport(
        report_id=known.report_id,
        pointing_id=known.pointing_id,
        revision=known.revision,
        state=STATE_TO_WIRE[known.state],
        reason=REASON_TO_WIRE[known.reason] if known.reason else None,
        detail=known.detail[:DETAIL_CHARACTERS],
        report_time=timestamp(known.report_time),
        fraction_done=known.fraction_done,
        expected_end_time=timestamp(known.expected_end),
        actual_ra_deg=known.actual_ra_deg,
        actual_dec_deg=known.actual_dec_deg,
        actual_position_angle_deg=known.actual_position_angle_deg,
        exposures=[exposure_result(e) for e in known.exposures],
        agent_seq=known.agent_seq,
        late=known.late,
    )


def exposure_result(known: ExposureResult) -> pb.ExposureResult:
    """Write one exposure that was taken."""
    return pb.ExposureResult(
        exposure_index=known.exposure_index,
        filter=known.filter,
        window=pb.TimeWindow(start_time=timestamp(known.start), end_time=timestamp(known.end)),
        exposure_s=known.exposure_s,
        limiting_mag_ab=known.limiting_mag_ab,
        fwhm_arcsec=known.fwhm_arcsec,
        image_uri=known.image_uri,
        image_sha256=bytes.fromhex(known.image_sha256),
    )


def status_request(session_id: str, known: StatusReport) -> pb.ReportStatusRequest:
    """Write how the site is."""
    return pb.ReportStatusRequest(
        session_id=session_id,
        client_time=timestamp(known.client_time),
        safe=known.safe,
        temperature_c=known.temperature_c,
        humidity_pct=known.humidity_pct,
        wind_mps=known.wind_mps,
        rain_mm_per_h=known.rain_mm_per_h,
        cloud_cover_pct=known.cloud_cover_pct,
        sky_quality_mag_arcsec2=known.sky_quality_mag_arcsec2,
        seeing_arcsec=known.seeing_arcsec,
        active_pointing_id=known.active_pointing_id,
        blocking_reasons=[REASON_TO_WIRE[r] for r in known.blocking_reasons],
        unavailable_until_time=timestamp(known.unavailable_until),
        buffered_reports=known.buffered_reports,
        clock_offset_s=known.clock_offset_s,
        acked_seq=known.acked_seq,
        vetoed_event_ids=known.vetoed_events,
    )


def detection(known: Detection) -> pb.Detection:
    """Write one new point of light."""
    return pb.Detection(
        detection_id=known.detection_id,
        pointing_id=known.pointing_id,
        ra_deg=known.ra_deg,
        dec_deg=known.dec_deg,
        pos_err_arcsec=known.pos_err_arcsec,
        mid_exposure_time=timestamp(known.mid_exposure),
        filter=known.filter,
        mag_ab=known.mag_ab,
        mag_err=known.mag_err,
        limiting_mag_ab=known.limiting_mag_ab,
        real_bogus=known.real_bogus,
        snr=known.snr,
        host_separation_arcsec=known.host_separation_arcsec,
        host_redshift=known.host_redshift,
        host_redshift_err=known.host_redshift_err,
        cutout_png=known.cutout_png,
        image_uri=known.image_uri,
    )


def list_request(
    session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
) -> pb.ListPointingsRequest:
    """Ask for a page of pointings."""
    return pb.ListPointingsRequest(
        session_id=session_id,
        states=[STATE_TO_WIRE[s] for s in states],
        page_size=page_size,
        page_token=page_token,
    )
