"""Sessions: what opens one, and what ends it."""

import asyncio
from typing import Any

import grpc
from armillary.telescope.v1 import telescope_pb2 as pb

from telescopes.conformance.promise import Chapter, NotTried, demand
from telescopes.conformance.server import Server, demand_refusal, now, refusal_of
from telescopes.description.bounds import LONGEST_ID

Code = grpc.StatusCode
SESSIONS = Chapter[Server]()
SERVICE = "armillary.telescope.v1.TelescopeService"


@SESSIONS.says("2.5", "the health service says that the service is SERVING")
async def _(server: Server) -> None:
    name = SERVICE.encode()
    answer = await server.raw("/grpc.health.v1.Health/Check", b"\n" + bytes([len(name)]) + name)
    demand(answer == b"\x08\x01", f"health answered {answer!r}")


@SESSIONS.says("2.1", "OpenSession answers with session, epoch, journal, clocks, heartbeat and lease")
async def _(server: Server) -> None:
    grant = await server.open()
    missing = [name for name in ("session_id", "session_epoch", "journal_id") if not getattr(grant, name)]
    missing += [
        name
        for name in ("sky_clock", "heartbeat_interval", "lease_duration", "server_time")
        if not grant.HasField(name)
    ]
    demand(not missing, f"without {', '.join(missing)}")
    demand(grant.heartbeat_interval.ToNanoseconds() > 0, "heartbeat_interval is not positive")
    demand(grant.lease_duration.ToNanoseconds() > 0, "lease_duration is not positive")
    demand(grant.sky_clock.rate >= 0.0, f"the sky clock's rate is {grant.sky_clock.rate}")


@SESSIONS.says("2.4", "a telescope that does not exist is NOT_FOUND, or somebody else's: PERMISSION_DENIED")
async def _(server: Server) -> None:
    try:
        await server.open(telescope_id="no-telescope-has-this-name")
    except grpc.aio.AioRpcError as failed:
        refusal = refusal_of(failed)
        demand(refusal.code in (Code.NOT_FOUND, Code.PERMISSION_DENIED), f"{refusal}")
        demand(refusal.domain == "armillary", "without an ErrorInfo of domain armillary")
        return
    raise NotTried("every telescope exists here")


@SESSIONS.says(
    "5", "a certificate opens its own telescope's session and no other: PERMISSION_DENIED, IDENTITY_MISMATCH"
)
async def _(server: Server) -> None:
    if server.identity is None:
        raise NotTried("no certificate is shown: --identity")
    mine = (await server.open()).session_id
    other = f"not-{server.telescope_id}"[:LONGEST_ID]
    theirs = mine.replace(server.telescope_id, other, 1)
    for method, request in (
        ("OpenSession", server.announcement(telescope_id=other)),
        ("WatchCommands", pb.WatchCommandsRequest(session_id=theirs)),
        ("ReportPointings", pb.ReportPointingsRequest(session_id=theirs)),
        ("ReportStatus", pb.ReportStatusRequest(session_id=theirs, client_time=now())),
        ("ReportDetections", pb.ReportDetectionsRequest(session_id=theirs)),
        ("ListPointings", pb.ListPointingsRequest(session_id=theirs)),
    ):
        refusal = await server.refusal(method, request)
        fits = (refusal.code, refusal.reason) == (Code.PERMISSION_DENIED, "IDENTITY_MISMATCH")
        demand(fits, f"{method}: {refusal}")


@SESSIONS.says("2.4", "a bad announcement is INVALID_ARGUMENT, and a BadRequest names every bad field")
async def _(server: Server) -> None:
    expected, name = {"telescope_id", "boot_id", "client_time"}, "No Name"
    if server.identity is not None:  # For another name than its own the door opens to nobody.
        expected, name = expected - {"telescope_id"}, server.telescope_id
    refusal = await server.refusal("OpenSession", pb.OpenSessionRequest(telescope_id=name))
    demand_refusal(refusal, Code.INVALID_ARGUMENT)
    demand(expected <= refusal.violations, f"it names {sorted(refusal.violations)} instead of {sorted(expected)}")


@SESSIONS.says("2.3", "each session has a higher epoch and a name of its own, in the same journal")
async def _(server: Server) -> None:
    one, other = await server.open(), await server.open()
    demand(other.session_epoch > one.session_epoch, f"epoch {other.session_epoch} after {one.session_epoch}")
    demand(other.session_id != one.session_id, "two sessions of one name")
    demand(other.journal_id == one.journal_id, "the journal changed")


@SESSIONS.says("2.3", "a newer session ends the older stream with ABORTED, SESSION_SUPERSEDED")
async def _(server: Server) -> None:
    older = await server.open()
    watch = pb.WatchCommandsRequest(session_id=older.session_id, after_seq=older.head_seq)
    call = server.stub.WatchCommands(watch)
    try:
        async with asyncio.timeout(server.within_s):
            await call.read()
            await server.open()
            while await call.read() is not grpc.aio.EOF:
                pass
        demand(False, "the older stream ended without an error")
    except grpc.aio.AioRpcError as failed:
        demand_refusal(refusal_of(failed), Code.ABORTED, "SESSION_SUPERSEDED")
    finally:
        call.cancel()


@SESSIONS.says("2.3", "every call of an old session is FAILED_PRECONDITION, SESSION_STALE")
async def _(server: Server) -> None:
    old = (await server.open()).session_id
    await server.open()
    report = server.report("p", pb.POINTING_STATE_ACCEPTED)
    for method, request in (
        ("WatchCommands", pb.WatchCommandsRequest(session_id=old)),
        ("ReportPointings", pb.ReportPointingsRequest(session_id=old, reports=[report])),
        ("ReportStatus", pb.ReportStatusRequest(session_id=old, client_time=now())),
        ("ReportDetections", pb.ReportDetectionsRequest(session_id=old)),
        ("ListPointings", pb.ListPointingsRequest(session_id=old)),
    ):
        refusal = await server.refusal(method, request)
        fits = (refusal.code, refusal.reason) == (Code.FAILED_PRECONDITION, "SESSION_STALE")
        demand(fits, f"{method}: {refusal}")


@SESSIONS.says("5", "a session that was never given is refused")
async def _(server: Server) -> None:
    given = (await server.open()).session_id
    made_up = given[:-1] + ("0" if given[-1] != "0" else "1")
    for session_id in (made_up, "", "x" * 10_000, "../../etc/passwd\x00"):
        refusal = await server.refusal("ReportStatus", pb.ReportStatusRequest(session_id=session_id, client_time=now()))
        codes = (Code.FAILED_PRECONDITION, Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.PERMISSION_DENIED)
        demand(refusal.code in codes, f"{session_id[:20]!r}: {refusal}")


@SESSIONS.says("2.2", "ReportStatus renews the lease and tells both clocks")
async def _(server: Server) -> None:
    grant = await server.open()
    request = pb.ReportStatusRequest(session_id=grant.session_id, client_time=now(), acked_seq=0)
    request.blocking_reasons.append(pb.REASON_MAINTENANCE)
    reply = await server.call("ReportStatus", request)
    left_s, length_s = reply.lease_left.ToNanoseconds() / 1e9, grant.lease_duration.ToNanoseconds() / 1e9
    demand(0 < left_s <= length_s + 0.01, f"{left_s:g} s left of a lease of {length_s:g} s")
    demand(reply.HasField("server_time") and reply.HasField("sky_clock"), "a clock is missing")


@SESSIONS.says("2.4", "a status without a time, or with a reason that is none, is INVALID_ARGUMENT with its fields")
async def _(server: Server) -> None:
    request = pb.ReportStatusRequest(session_id=(await server.open()).session_id)
    unknown: Any = 77
    request.blocking_reasons.append(unknown)
    refusal = await server.refusal("ReportStatus", request)
    demand_refusal(refusal, Code.INVALID_ARGUMENT)
    expected = {"client_time", "blocking_reasons[0]"}
    demand(expected <= refusal.violations, f"it names {sorted(refusal.violations)}")


@SESSIONS.says("2.4", "a method that does not exist is UNIMPLEMENTED")
async def _(server: Server) -> None:
    try:
        await server.raw(f"/{SERVICE}/ParkTelescope", b"")
    except grpc.aio.AioRpcError as failed:
        demand(failed.code() is Code.UNIMPLEMENTED, failed.code().name)
        return
    demand(False, "it was answered")


@SESSIONS.says("2.5", "bytes that are no message are refused, and harm nothing")
async def _(server: Server) -> None:
    try:
        await server.raw(f"/{SERVICE}/ReportStatus", b"\xff" * 1000)
        demand(False, "they were answered")
    except grpc.aio.AioRpcError as failed:
        demand(failed.code() in (Code.INTERNAL, Code.UNKNOWN, Code.INVALID_ARGUMENT), failed.code().name)
    await server.open()
