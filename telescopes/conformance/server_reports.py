"""Reports and detections: idempotent, item by item, along the table of states.

Of what is offered one pointing at the most is answered, with REJECTED: nobody looks at the sky for a test.
"""

from typing import Any

import grpc
from armillary.telescope.v1 import telescope_pb2 as pb

from telescopes.conformance.promise import Chapter, NotTried, demand
from telescopes.conformance.server import Server, demand_refusal, now

Code = grpc.StatusCode
REPORTS = Chapter[Server]()
OK, INVALID, NOT_FOUND, EXISTS, PRECONDITION = 0, 3, 5, 6, 9
OFFERED, ACCEPTED, REJECTED = pb.POINTING_STATE_OFFERED, pb.POINTING_STATE_ACCEPTED, pb.POINTING_STATE_REJECTED
COMPLETED = pb.POINTING_STATE_COMPLETED


async def _offered(server: Server) -> tuple[str, Any]:
    """Open a session; return it and a pointing that is offered."""
    session_id = (await server.open()).session_id
    for each in await server.listed(session_id):
        if each.state == OFFERED:
            return session_id, each.pointing
    raise NotTried("no pointing is offered")


@REPORTS.says("2", "a batch is answered item by item, in its order; a bad item blocks no other")
async def _(server: Server) -> None:
    session_id = (await server.open()).session_id
    reports = [
        server.report("no-such-pointing", ACCEPTED),
        server.report("no-such-pointing", 99),
        server.report("no-such-pointing", ACCEPTED, fraction_done=float("nan")),
        server.report("no-such-pointing", REJECTED),
    ]
    results = await server.send(session_id, *reports)
    demand([r.item_id for r in results] == [r.report_id for r in reports], "the results are in another order")
    codes = [r.code for r in results]
    demand(codes == [NOT_FOUND, INVALID, INVALID, NOT_FOUND], f"the codes are {codes}")
    demand(all(r.reason for r in results), "a refusal has no reason")


@REPORTS.says("2.1", "more than 500 reports or 1000 detections at once are INVALID_ARGUMENT")
async def _(server: Server) -> None:
    session_id = (await server.open()).session_id
    reports = [server.report("p", ACCEPTED)] * 501
    request: Any = pb.ReportPointingsRequest(session_id=session_id, reports=reports)
    demand_refusal(await server.refusal("ReportPointings", request), Code.INVALID_ARGUMENT)
    request = pb.ReportDetectionsRequest(session_id=session_id, detections=[_detection("d")] * 1001)
    demand_refusal(await server.refusal("ReportDetections", request), Code.INVALID_ARGUMENT)


@REPORTS.says("2.1", "a detection that cannot be is answered alone, with code 3 and its field")
async def _(server: Server) -> None:
    session_id = (await server.open()).session_id
    bad = [
        _detection("d1", dec_deg=-90.5),
        _detection("d2", ra_deg=float("nan")),
        _detection("d3", cutout_png=b"<svg>"),
    ]
    answer = await server.call("ReportDetections", pb.ReportDetectionsRequest(session_id=session_id, detections=bad))
    codes = [(r.item_id, r.code) for r in answer.results]
    demand(codes == [("d1", INVALID), ("d2", INVALID), ("d3", INVALID)], f"the answers are {codes}")
    demand(answer.HasField("server_time"), "the answer has no server_time")


@REPORTS.says("2.5", "a message of more than 4 MiB is RESOURCE_EXHAUSTED, and the session lives on")
async def _(server: Server) -> None:
    session_id = (await server.open()).session_id
    report = server.report("p", ACCEPTED, detail="x" * ((4 << 20) + 1))
    refusal = await server.refusal(
        "ReportPointings", pb.ReportPointingsRequest(session_id=session_id, reports=[report])
    )
    demand(refusal.code is Code.RESOURCE_EXHAUSTED, f"{refusal}")
    await server.call("ReportStatus", pb.ReportStatusRequest(session_id=session_id, client_time=now()))


@REPORTS.says("2.2", "a report of another revision is REVISION_STALE, and moves nothing")
async def _(server: Server) -> None:
    session_id, pointing = await _offered(server)
    report = server.report(pointing.pointing_id, ACCEPTED, revision=pointing.revision + 1)
    (result,) = await server.send(session_id, report)
    demand((result.code, result.reason) == (PRECONDITION, "REVISION_STALE"), f"{result.code} {result.reason}")
    demand(result.current_state == OFFERED, f"the state became {result.current_state}")


@REPORTS.says("2.2", "a move that the table of states forbids is ILLEGAL_TRANSITION, and moves nothing")
async def _(server: Server) -> None:
    session_id, pointing = await _offered(server)
    report = server.report(pointing.pointing_id, OFFERED, revision=pointing.revision)
    (result,) = await server.send(session_id, report)
    demand((result.code, result.reason) == (PRECONDITION, "ILLEGAL_TRANSITION"), f"{result.code} {result.reason}")
    demand(result.current_state == OFFERED, f"the state became {result.current_state}")


@REPORTS.says("2.3", "a report is stored once; a repetition is code 6, and a late one moves no state backwards")
async def _(server: Server) -> None:
    session_id, pointing = await _offered(server)
    earlier = server.report(pointing.pointing_id, ACCEPTED, revision=pointing.revision)
    no = server.report(
        pointing.pointing_id, REJECTED, revision=pointing.revision, reason=pb.REASON_MAINTENANCE, detail="a test"
    )
    (first,) = await server.send(session_id, no)
    demand((first.code, first.current_state) == (OK, REJECTED), f"{first.code}, state {first.current_state}")
    results = await server.send(session_id, no, earlier)
    codes = [r.code for r in results]
    demand(codes[0] == EXISTS, f"the repetition was answered with {codes[0]}")
    demand(all(r.current_state == REJECTED for r in results), "the state went backwards")
    after = server.report(pointing.pointing_id, COMPLETED, revision=pointing.revision)
    (result,) = await server.send(session_id, after)
    demand((result.code, result.reason) == (PRECONDITION, "ILLEGAL_TRANSITION"), f"COMPLETED after it: {result.code}")
    (again,) = await server.send((await server.open()).session_id, no)
    demand((again.code, again.current_state) == (EXISTS, REJECTED), f"in a new session: {again.code}")


def _detection(name: str, **changes: Any) -> pb.Detection:
    fields: dict[str, Any] = {"detection_id": name, "pointing_id": "no-such-pointing", "filter": "r", "mag_ab": 18.0}
    return pb.Detection(**(fields | {"mid_exposure_time": now()} | changes))
