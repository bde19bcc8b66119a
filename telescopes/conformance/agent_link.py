"""How an agent keeps its link: sessions, cursor, streams that end, answers that are lost."""

from armillary.telescope.v1 import telescope_pb2 as pb
from google.rpc import code_pb2
from google.rpc.status_pb2 import Status

from telescopes.conformance.agent_peer import AgentPeer
from telescopes.conformance.promise import Chapter, demand
from telescopes.conformance.toy_gateway import HEARTBEAT_S, LEASE_S, refused

LINK = Chapter[AgentPeer]()


@LINK.says("2.1", "it announces telescope, process, clock, and what the telescope is")
async def _(agent: AgentPeer) -> None:
    said = agent.announced
    missing = [name for name in ("telescope_id", "boot_id", "agent_version") if not getattr(said, name)]
    missing += [name for name in ("client_time", "capabilities") if not said.HasField(name)]
    missing += [] if said.capabilities.instruments else ["capabilities.instruments"]
    missing += [] if said.capabilities.drivers else ["capabilities.drivers"]
    demand(not missing, f"without {', '.join(missing)}")


@LINK.says("2.3", "it watches commands with its session, from its cursor on")
async def _(agent: AgentPeer) -> None:
    heard = agent.gateway.heard
    await agent.until(lambda: bool(heard.watches), "it does not watch")
    demand(heard.watches[-1].session_id.startswith("toy:"), f"with session {heard.watches[-1].session_id!r}")


@LINK.says("2.2", "it says how the site is within the lease, with its clock")
async def _(agent: AgentPeer) -> None:
    heard = agent.gateway.heard
    demand(await agent.gateway.until(lambda: bool(heard.statuses), LEASE_S), "no ReportStatus within the lease")
    demand(heard.statuses[-1].HasField("client_time"), "without client_time")


@LINK.says("2.3", "a report whose answer was lost is sent again, under the same report_id")
async def _(agent: AgentPeer) -> None:
    gateway = agent.gateway
    gateway.failures.append(refused(code_pb2.UNAVAILABLE, "RETRY_LATER"))
    (report, *_) = await agent.offer(agent.unfit())
    await agent.until(lambda: times_of(agent, report.report_id) > 1, "it came once")


@LINK.says("2.3", "when its session is stale it opens another, and sends the same reports there")
async def _(agent: AgentPeer) -> None:
    gateway, opened = agent.gateway, len(agent.gateway.heard.sessions)
    gateway.failures.append(refused(code_pb2.FAILED_PRECONDITION, "SESSION_STALE"))
    (report, *_) = await agent.offer(agent.unfit())
    await agent.until(lambda: len(gateway.heard.sessions) > opened, "no session was opened")

    def sent_again() -> bool:
        batches = gateway.heard.batches
        sessions = {b.session_id for b in batches if any(r.report_id == report.report_id for r in b.reports)}
        return len(sessions) > 1

    await agent.until(sent_again, "the report was not sent in the new session")


@LINK.says("2.5", "after a drain it watches again, with the same session and its cursor")
async def _(agent: AgentPeer) -> None:
    await _ends(agent, None, same_session=True)


@LINK.says("2.5", "after a stream that broke it watches again, from its cursor on")
async def _(agent: AgentPeer) -> None:
    await _ends(agent, refused(code_pb2.UNAVAILABLE, ""), same_session=False)


@LINK.says("2.3", "when its cursor is compacted away it lists the pointings, and goes on from there")
async def _(agent: AgentPeer) -> None:
    gateway = agent.gateway
    listings, watches = len(gateway.heard.listings), len(gateway.heard.watches)
    gateway.stream_ends.append(refused(code_pb2.OUT_OF_RANGE, "CURSOR_COMPACTED"))
    gateway.wake()
    await agent.until(lambda: len(gateway.heard.listings) > listings, "it did not list them")
    await agent.until(lambda: len(gateway.heard.watches) > watches, "it does not watch again")
    demand(gateway.heard.watches[-1].after_seq == len(gateway.log), "it watches from another place")


@LINK.says("2.3", "a gap in the numbers is noticed: it lists, or watches again from before the gap")
async def _(agent: AgentPeer) -> None:
    gateway, head = agent.gateway, len(agent.gateway.log)
    listings, watches = len(gateway.heard.listings), len(gateway.heard.watches)
    gateway.skip = 5
    gateway.command(agent.unfit())

    def noticed() -> bool:
        again = gateway.heard.watches[watches:]
        return len(gateway.heard.listings) > listings or any(w.after_seq <= head for w in again)

    try:
        await agent.until(noticed, "it went on as if nothing were missing")
    finally:
        gateway.skip = 0


@LINK.says("2.3", "in another journal its old cursor counts for nothing")
async def _(agent: AgentPeer) -> None:
    gateway = agent.gateway
    opened = len(gateway.heard.sessions)
    gateway.journal_id = "toy-2"
    gateway.log.clear()
    gateway.stream_ends.append(refused(code_pb2.ABORTED, "SESSION_SUPERSEDED"))
    gateway.wake()
    await agent.until(lambda: len(gateway.heard.sessions) > opened, "no session was opened")
    mine = f"toy:{len(gateway.heard.sessions)}:"
    await agent.until(
        lambda: any(w.session_id.startswith(mine) for w in gateway.heard.watches), "it does not watch again"
    )
    demand(gateway.heard.watches[-1].after_seq == 0, f"it watches after {gateway.heard.watches[-1].after_seq}")
    reports = await agent.offer(agent.unfit())
    demand(reports[0].state == pb.POINTING_STATE_REJECTED, "it does not answer there")


@LINK.says("2.5", "it connects again when nothing was heard for three heartbeats")
async def _(agent: AgentPeer) -> None:
    gateway = agent.gateway
    watches, opened = len(gateway.heard.watches), len(gateway.heard.sessions)
    gateway.mute = True
    try:
        within_s = 3 * HEARTBEAT_S + agent.within_s
        again = await gateway.until(
            lambda: len(gateway.heard.watches) > watches or len(gateway.heard.sessions) > opened, within_s
        )
        demand(again, f"not within {within_s:g} s")
    finally:
        gateway.mute = False
        gateway.wake()


@LINK.says("2.3", "it acknowledges the last command that is durable at the site")
async def _(agent: AgentPeer) -> None:
    heard = agent.gateway.heard
    await agent.offer(agent.unfit())
    head = len(agent.gateway.log)
    await agent.until(
        lambda: head in (heard.statuses[-1].acked_seq, heard.batches[-1].acked_seq),
        f"acked_seq {heard.batches[-1].acked_seq} after command {head}",
    )


@LINK.says("2.3", "report ids are never used twice, and agent_seq grows with every report")
async def _(agent: AgentPeer) -> None:
    first: dict[str, pb.PointingReport] = {}
    for report in agent.gateway.heard.reports:
        demand(bool(report.report_id), "a report without an id")
        known = first.setdefault(report.report_id, report)
        demand(known == report, f"{report.report_id} says two things")
    numbers = [report.agent_seq for report in first.values()]
    demand(len(set(numbers)) == len(numbers) and all(numbers), "an agent_seq came twice, or is 0")
    demand(numbers == sorted(numbers), f"agent_seq goes {numbers[:20]}")


def times_of(agent: AgentPeer, report_id: str) -> int:
    """Count how often a report came."""
    return sum(r.report_id == report_id for r in agent.gateway.heard.reports)


async def _ends(agent: AgentPeer, end: Status | None, *, same_session: bool) -> None:
    """End the stream, and see that it is watched again from the head on."""
    gateway = agent.gateway
    await agent.offer(agent.unfit())
    head, before = len(gateway.log), len(gateway.heard.watches)
    opened = len(gateway.heard.sessions)
    gateway.stream_ends.append(end)
    gateway.wake()
    await agent.until(lambda: len(gateway.heard.watches) > before, "it does not watch again")
    demand(gateway.heard.watches[-1].after_seq == head, f"it watches after {gateway.heard.watches[-1].after_seq}")
    demand(not same_session or len(gateway.heard.sessions) == opened, "it opened another session")
