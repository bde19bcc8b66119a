"""Reports, status, detections and listings over a real port."""

import math
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from armillary.telescope.v1 import telescope_pb2 as pb
from google.rpc import code_pb2

Code = grpc.StatusCode
THEN = datetime(2017, 8, 17, 23, 1, 2, 345678, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def a_report(name: str, pointing_id: str = "p1", state: Any = pb.POINTING_STATE_ACCEPTED, **more: Any) -> Any:
    made = pb.PointingReport(report_id=name, pointing_id=pointing_id, revision=1, state=state, **more)
    made.report_time.FromDatetime(THEN)
    return made


def a_detection(name: str, **more: Any) -> pb.Detection:
    made = pb.Detection(**{"detection_id": name, "pointing_id": "p1", "filter": "r", "mag_ab": 18.1, **more})
    made.mid_exposure_time.FromDatetime(THEN)
    return made


async def report(gateway: Any, session: str, *reports: Any) -> Any:
    return await gateway.stub().ReportPointings(pb.ReportPointingsRequest(session_id=session, reports=reports))


async def test_a_batch_is_answered_item_by_item_in_its_order(gateway: Any, pointing: Any) -> None:
    telescope, session = gateway.telescopes["tca"], await gateway.session()
    await telescope.command(pointing("p1"))
    answer = await report(
        gateway,
        session,
        a_report("r1"),
        a_report("r2", state=99),
        a_report("r3", state=pb.POINTING_STATE_EXPOSING, actual_ra_deg=float("nan")),
        a_report("r1"),
        a_report("r4", pointing_id="never-offered"),
        a_report("", state=pb.POINTING_STATE_EXPOSING),
        a_report("r5", state=pb.POINTING_STATE_COMPLETED, exposures=[pb.ExposureResult(filter="r", exposure_s=60.0)]),
        a_report("r6", state=pb.POINTING_STATE_COMPLETED),
    )
    assert [(each.item_id, each.code, each.reason) for each in answer.results] == [
        ("r1", code_pb2.OK, ""),
        ("r2", code_pb2.INVALID_ARGUMENT, "INVALID_STATE"),
        ("r3", code_pb2.INVALID_ARGUMENT, "INVALID_ACTUAL_RA_DEG"),
        ("r1", code_pb2.ALREADY_EXISTS, ""),
        ("r4", code_pb2.NOT_FOUND, "UNKNOWN_POINTING"),
        ("", code_pb2.INVALID_ARGUMENT, "INVALID_REPORT_ID"),
        ("r5", code_pb2.INVALID_ARGUMENT, "INVALID_EXPOSURES_0_WINDOW_START_TIME"),
        ("r6", code_pb2.OK, ""),
    ]
    assert answer.results[-1].current_state == pb.POINTING_STATE_COMPLETED
    assert answer.HasField("server_time")
    assert [kept.report_id for kept in telescope.reports] == ["r1", "r6"]


async def test_what_is_wrong_with_an_item_is_said_in_the_log(gateway: Any, caplog: pytest.LogCaptureFixture) -> None:
    await report(gateway, await gateway.session(), *(a_report(f"r{i}", fraction_done=1.5) for i in range(9)))
    assert "tca: reports[0].fraction_done 1.5 is not between 0 and 1" in caplog.text
    assert "tca: and 4 faults more" in caplog.text


async def test_text_for_people_is_cut_and_cleaned_instead_of_refused(gateway: Any, pointing: Any) -> None:
    telescope, session = gateway.telescopes["tca"], await gateway.session()
    await telescope.command(pointing("p1"))
    await report(gateway, session, a_report("r1", detail="clouds\nERROR forged line\x1b[2J" + "x" * 1000))
    (kept,) = telescope.reports
    assert kept.detail.startswith("clouds ERROR forged line [2J")
    assert len(kept.detail) == 500


@pytest.mark.parametrize(
    ("request_", "violations"),
    [
        (pb.ReportPointingsRequest(session_id="tca:1:loopback", acked_seq=2**63), {"acked_seq"}),
        (pb.ReportPointingsRequest(session_id="", reports=[a_report("r")] * 501), {"session_id", "reports"}),
    ],
)
async def test_a_fault_in_the_request_itself_refuses_it_whole(
    gateway: Any, failure: Any, request_: Any, violations: set[str]
) -> None:
    await gateway.session()
    failed = await failure(gateway.stub().ReportPointings(request_))
    assert (failed.code, set(failed.violations)) == (Code.INVALID_ARGUMENT, violations)


async def test_reports_of_a_stale_session_are_refused_and_not_kept(gateway: Any, pointing: Any, failure: Any) -> None:
    stale = await gateway.session()
    await gateway.telescopes["tca"].command(pointing("p1"))
    await gateway.session()
    failed = await failure(report(gateway, stale, a_report("r1")))
    assert (failed.code, failed.reason) == (Code.FAILED_PRECONDITION, "SESSION_STALE")
    assert gateway.telescopes["tca"].reports == []


async def test_a_status_renews_the_lease_and_unknown_stays_unknown(gateway: Any) -> None:
    request = pb.ReportStatusRequest(session_id=await gateway.session(), safe=True, cloud_cover_pct=0.0)
    request.client_time.FromDatetime(THEN)
    request.blocking_reasons.append(pb.REASON_MAINTENANCE)
    answer = await gateway.stub().ReportStatus(request)
    assert answer.lease_left.ToTimedelta().total_seconds() == 90.0
    assert answer.HasField("sky_clock")
    (kept,) = gateway.telescopes["tca"].statuses
    assert (kept.cloud_cover_pct, kept.humidity_pct, kept.client_time) == (0.0, None, THEN)


async def test_an_impossible_status_is_refused_field_by_field(gateway: Any, failure: Any) -> None:
    request = pb.ReportStatusRequest(session_id=await gateway.session())
    request.blocking_reasons.append(77)
    failed = await failure(gateway.stub().ReportStatus(request))
    assert failed.code == Code.INVALID_ARGUMENT
    assert set(failed.violations) == {"client_time", "blocking_reasons[0]"}


@pytest.mark.parametrize(
    ("sensor", "said"),
    [("cloud_cover_pct", 100.4), ("humidity_pct", 1000.0), ("wind_mps", math.inf), ("seeing_arcsec", math.nan)],
)
async def test_a_sensor_that_says_what_cannot_be_costs_only_its_figure(
    gateway: Any, caplog: pytest.LogCaptureFixture, sensor: str, said: float
) -> None:
    request = pb.ReportStatusRequest(session_id=await gateway.session(), safe=True, temperature_c=8.0, **{sensor: said})
    request.client_time.FromDatetime(THEN)
    await gateway.stub().ReportStatus(request)
    (kept,) = gateway.telescopes["tca"].statuses
    assert (kept.safe, kept.temperature_c, getattr(kept, sensor)) == (True, 8.0, None)
    assert f"tca: {sensor}:" in caplog.text


async def test_detections_are_kept_once_and_a_bad_one_is_answered_alone(gateway: Any) -> None:
    session = await gateway.session()
    request = pb.ReportDetectionsRequest(
        session_id=session,
        detections=[
            a_detection("d1", ra_deg=197.45, dec_deg=-23.38, cutout_png=PNG),
            a_detection("d2", dec_deg=-90.5),
            a_detection("d3", cutout_png=b"<svg/>"),
            a_detection("d4", cutout_png=PNG + b"0" * 65_536),
            a_detection("d1"),
        ],
    )
    answer = await gateway.stub().ReportDetections(request)
    assert [(each.item_id, each.code, each.reason) for each in answer.results] == [
        ("d1", code_pb2.OK, ""),
        ("d2", code_pb2.INVALID_ARGUMENT, "INVALID_DEC_DEG"),
        ("d3", code_pb2.INVALID_ARGUMENT, "INVALID_CUTOUT_PNG"),
        ("d4", code_pb2.INVALID_ARGUMENT, "INVALID_CUTOUT_PNG"),
        ("d1", code_pb2.ALREADY_EXISTS, ""),
    ]
    (kept,) = gateway.telescopes["tca"].detections
    assert (kept.ra_deg, kept.mid_exposure, kept.mag_err, kept.cutout_png) == (197.45, THEN, None, PNG)


async def test_too_many_detections_are_refused(gateway: Any, failure: Any) -> None:
    request = pb.ReportDetectionsRequest(
        session_id=await gateway.session(), detections=[a_detection(f"d{i}") for i in range(1001)]
    )
    failed = await failure(gateway.stub().ReportDetections(request))
    assert failed.violations == {"detections": "1001 items; at most 1000"}


async def test_a_message_beyond_four_megabytes_is_resource_exhausted(gateway: Any, failure: Any) -> None:
    big = [a_detection(f"d{i}", cutout_png=PNG + b"0" * 60_000) for i in range(80)]
    request = pb.ReportDetectionsRequest(session_id=await gateway.session(), detections=big)
    failed = await failure(gateway.stub().ReportDetections(request))
    assert failed.code == Code.RESOURCE_EXHAUSTED


async def test_bytes_that_are_no_message_harm_nothing(gateway: Any, failure: Any) -> None:
    call = gateway.channel().unary_unary("/armillary.telescope.v1.TelescopeService/ReportStatus")
    failed = await failure(call(b"\xff" * 1000))
    assert failed.code in (Code.INTERNAL, Code.UNKNOWN)
    assert await gateway.session()


async def test_pointings_are_listed_page_by_page_with_their_states(gateway: Any, pointing: Any) -> None:
    telescope, session, stub = gateway.telescopes["tca"], await gateway.session(), gateway.stub()
    for name in ("p1", "p2", "p3"):
        await telescope.command(pointing(name))
    await report(gateway, session, a_report("r1", "p3", pb.POINTING_STATE_REJECTED))
    first = await stub.ListPointings(pb.ListPointingsRequest(session_id=session, page_size=1))
    rest = await stub.ListPointings(
        pb.ListPointingsRequest(session_id=session, page_size=1, page_token=first.next_page_token)
    )
    assert [each.pointing.pointing_id for each in (*first.pointings, *rest.pointings)] == ["p1", "p2"]
    assert (first.as_of_seq, rest.next_page_token) == (3, "")
    ended = await stub.ListPointings(pb.ListPointingsRequest(session_id=session, states=[pb.POINTING_STATE_REJECTED]))
    assert [(each.pointing.pointing_id, each.state) for each in ended.pointings] == [("p3", 8)]


async def test_a_listing_that_cannot_be_is_refused(gateway: Any, failure: Any) -> None:
    request = pb.ListPointingsRequest(session_id=await gateway.session(), page_size=-1, states=[42])
    failed = await failure(gateway.stub().ListPointings(request))
    assert set(failed.violations) == {"page_size", "states[0]"}
