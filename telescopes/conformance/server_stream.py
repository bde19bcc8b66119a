"""The command stream and its cursor, and the list that stands in for what the cursor cannot tell."""

from typing import Any

import grpc
from armillary.telescope.v1 import telescope_pb2 as pb

from telescopes.conformance.promise import Chapter, NotTried, demand
from telescopes.conformance.server import Server, demand_refusal, refusal_of

Code = grpc.StatusCode
STREAM = Chapter[Server]()


async def _log(server: Server) -> tuple[Any, int, list[Any]]:
    """Open a session; return it, where its log begins, and its commands."""
    grant = await server.open()
    try:
        return grant, 0, await server.commands(grant.session_id, 0, grant.head_seq)
    except grpc.aio.AioRpcError as failed:
        if refusal_of(failed).reason != "CURSOR_COMPACTED":
            raise
    return grant, grant.head_seq, []


@STREAM.says("2.3", "commands are numbered without a gap, from after the cursor on")
async def _(server: Server) -> None:
    _, after, commands = await _log(server)
    if not commands:
        raise NotTried("the telescope's log is empty, or compacted")
    seqs = [c.seq for c in commands]
    demand(seqs == list(range(after + 1, after + 1 + len(seqs))), f"the numbers are {seqs[:10]}…")


@STREAM.says("2.3", "the same cursor brings the same commands again")
async def _(server: Server) -> None:
    grant, after, commands = await _log(server)
    if not commands:
        raise NotTried("the telescope's log is empty, or compacted")
    again = await server.commands(grant.session_id, after, commands[-1].seq)
    demand(again[: len(commands)] == commands, "they differ")


@STREAM.says("2.3", "heartbeats come at least as often as promised, with both clocks, and repeat the last number")
async def _(server: Server) -> None:
    grant = await server.open()
    every_s = grant.heartbeat_interval.ToNanoseconds() / 1e9
    watch = pb.WatchCommandsRequest(session_id=grant.session_id, after_seq=grant.head_seq)
    said = await server.first(watch, lambda m: m.HasField("heartbeat"), within_s=3 * every_s + 2.0)
    demand(said.seq >= grant.head_seq, f"heartbeat {said.seq} after head {grant.head_seq}")
    beat = said.heartbeat
    demand(beat.HasField("server_time") and beat.HasField("sky_clock"), "a clock is missing")


@STREAM.says("2.3", "a cursor beyond the head is OUT_OF_RANGE, CURSOR_AHEAD")
async def _(server: Server) -> None:
    grant = await server.open()
    watch = pb.WatchCommandsRequest(session_id=grant.session_id, after_seq=grant.head_seq + 10**6)
    demand_refusal(await server.refusal("WatchCommands", watch), Code.OUT_OF_RANGE, "CURSOR_AHEAD")


@STREAM.says("2.3", "an announced cursor beyond the head is refused, or a snapshot is asked for")
async def _(server: Server) -> None:
    grant = await server.open()
    ahead = {"journal_id": grant.journal_id, "last_applied_seq": grant.head_seq + 10**6}
    try:
        demand((await server.open(**ahead)).snapshot_required, "it was taken as good")
    except grpc.aio.AioRpcError as failed:
        demand_refusal(refusal_of(failed), Code.OUT_OF_RANGE, "CURSOR_AHEAD")


@STREAM.says("2.3", "a cursor of another journal asks for a snapshot")
async def _(server: Server) -> None:
    grant = await server.open(journal_id="another-journal", last_applied_seq=7)
    demand(grant.snapshot_required, "snapshot_required is false")


@STREAM.says("2.3", "a cursor that was compacted away is CURSOR_COMPACTED, and asks for a snapshot")
async def _(server: Server) -> None:
    grant = await server.open()
    if grant.head_seq == 0:
        raise NotTried("the telescope's log is empty")
    try:
        await server.commands(grant.session_id, 0, 1)
    except grpc.aio.AioRpcError as failed:
        demand_refusal(refusal_of(failed), Code.OUT_OF_RANGE, "CURSOR_COMPACTED")
        again = await server.open(journal_id=grant.journal_id, last_applied_seq=0)
        demand(again.snapshot_required, "snapshot_required is false")
        return
    raise NotTried("nothing was compacted yet")


@STREAM.says("2.3", "the list holds each open pointing once, page by page, and says how far it is true")
async def _(server: Server) -> None:
    grant = await server.open()
    listed = await server.listed(grant.session_id)
    ids = [each.pointing.pointing_id for each in listed]
    demand(len(set(ids)) == len(ids), "a pointing is listed twice")
    one_by_one = [each.pointing.pointing_id for each in await server.listed(grant.session_id, page_size=1)]
    demand(one_by_one[: len(ids)] == ids, "pages of one tell another story")
    page = await server.call("ListPointings", pb.ListPointingsRequest(session_id=grant.session_id))
    demand(page.as_of_seq >= grant.head_seq, f"as_of_seq {page.as_of_seq} lies before head {grant.head_seq}")
    demand(page.HasField("server_time"), "the answer has no server_time")


@STREAM.says("2.1", "every listed pointing has its state, and is meant for this telescope")
async def _(server: Server) -> None:
    listed = await server.listed((await server.open()).session_id)
    if not listed:
        raise NotTried("no pointing is open")
    open_states = (1, 2, 3, 4)
    demand(all(each.state in open_states for each in listed), "a state that is not open")
    strangers = {each.pointing.telescope_id for each in listed} - {server.telescope_id}
    demand(not strangers, f"pointings of {sorted(strangers)}")


@STREAM.says("2.4", "a page that cannot be is INVALID_ARGUMENT with its fields")
async def _(server: Server) -> None:
    session_id = (await server.open()).session_id
    unknown: Any = 42
    request = pb.ListPointingsRequest(session_id=session_id, page_size=-1, page_token="no page's", states=[unknown])
    refusal = await server.refusal("ListPointings", request)
    demand_refusal(refusal, Code.INVALID_ARGUMENT)
    demand({"page_size", "states[0]", "page_token"} <= refusal.violations, f"it names {sorted(refusal.violations)}")
