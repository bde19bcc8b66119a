"""What an agent does with offers: those of a coordinator that is broken or hostile, and those that it could take."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from armillary.telescope.v1 import telescope_pb2 as pb

from telescopes.conformance.agent_peer import AgentPeer, set_field, set_window
from telescopes.conformance.promise import Chapter, NotTried, demand
from telescopes.conformance.sun import sun_place

OFFERS = Chapter[AgentPeer]()
NAN, INFINITE = float("nan"), float("inf")
REJECTED, REVOKED = pb.POINTING_STATE_REJECTED, pb.POINTING_STATE_REVOKED
RUNNING = frozenset({pb.POINTING_STATE_SLEWING, pb.POINTING_STATE_EXPOSING})
ENDS = frozenset({pb.POINTING_STATE_COMPLETED, pb.POINTING_STATE_PARTIAL, pb.POINTING_STATE_FAILED, REJECTED})
NASTY = "$(touch /tmp/armillary-was-here); `reboot`\n\x1b[2J\x00<script>alert(1)</script>'; DROP TABLE pointing; --"


def nonsense(agent: AgentPeer) -> Iterator[tuple[str, pb.Pointing]]:
    """Make pointings that no telescope may take, and say what is wrong with each."""
    block = agent.pointing().exposures[0]
    figures: list[tuple[str, dict[str, Any]]] = [
        ("for another telescope", {"telescope_id": "somebody-else"}),
        ("on an instrument that does not exist", {"instrument_id": "no-such-instrument"}),
        ("at NaN", {"ra_deg": NAN}),
        ("at a declination of 95 degrees", {"dec_deg": 95.0}),
        ("at infinity", {"ra_deg": INFINITE, "dec_deg": -INFINITE}),
        ("turned by NaN", {"position_angle_deg": NAN}),
        ("without an exposure", {"exposures": []}),
        ("with an acceptability of NaN", {"acceptability_threshold": NAN}),
        ("with text for a shell", {"instrument_id": NASTY, "event_id": NASTY, "plan_id": NASTY, "visit": NASTY}),
    ]
    yield from ((what, agent.pointing(**changes)) for what, changes in figures)
    blocks: list[tuple[str, dict[str, Any]]] = [
        ("with a filter that does not exist", {"filter": "no-such-filter"}),
        ("with a filter for a shell", {"filter": NASTY}),
        ("of -1 s", {"exposure_s": -1.0}),
        ("of NaN s", {"exposure_s": NAN}),
        ("of a thousand years", {"exposure_s": 3e10}),
        ("of four thousand million exposures", {"count": 4_000_000_000}),
        ("of no exposure", {"count": 0}),
    ]
    for what, changes in blocks:
        bad = pb.Exposure()
        bad.CopyFrom(block)
        for name, value in changes.items():
            set_field(bad, name, value)
        yield what, agent.pointing(exposures=[bad])
    yield from _wrong_times(agent)


def _wrong_times(agent: AgentPeer) -> Iterator[tuple[str, pb.Pointing]]:
    today, year = datetime.now(UTC), timedelta(days=365)
    for what, start, end in (
        ("whose window ended a year ago", today - 2 * year, today - year),
        ("whose window ends before it starts", today + timedelta(hours=1), today),
        ("whose window opens in the year 9990", datetime(9990, 1, 1, tzinfo=UTC), datetime(9991, 1, 1, tzinfo=UTC)),
    ):
        pointing = agent.pointing()
        set_window(pointing, start, end)
        pointing.planned_start_time.FromDatetime(start)
        yield what, pointing


@OFFERS.says("5", "offers that make no sense are rejected with a reason, each in time, and move nothing")
async def _(agent: AgentPeer) -> None:
    for what, pointing in nonsense(agent):
        first = (await agent.offer(pointing))[0]
        demand(first.state == REJECTED, f"an offer {what} was answered with state {first.state}")
        demand(first.reason != pb.REASON_UNSPECIFIED, f"an offer {what} was rejected without a reason")


@OFFERS.says("5", "an offer at the Sun is rejected")
async def _(agent: AgentPeer) -> None:
    ra_deg, dec_deg = sun_place(datetime.now(UTC))
    first = (await agent.offer(agent.pointing(ra_deg=ra_deg, dec_deg=dec_deg)))[0]
    demand(first.state == REJECTED, f"it was answered with state {first.state}")


@OFFERS.says("5", "of two opposite places one at the least lies below the horizon, and is rejected")
async def _(agent: AgentPeer) -> None:
    if not agent.is_simulated:
        raise NotTried("its drivers are not all `simulated`, and it might take the other one")
    for ra_deg, dec_deg in ((10.0, 80.0), (100.0, 20.0)):
        states = []
        for place in ((ra_deg, dec_deg), (ra_deg + 180.0, -dec_deg)):
            first = (await agent.offer(agent.pointing(ra_deg=place[0], dec_deg=place[1])))[0]
            states.append(first.state)
        demand(REJECTED in states, f"both were taken, at ra {ra_deg:g}, dec ±{dec_deg:g}")


@OFFERS.says("2.3", "a command that comes twice is answered once")
async def _(agent: AgentPeer) -> None:
    pointing = agent.unfit()
    await agent.offer(pointing)
    agent.gateway.command(pointing)
    after = agent.unfit()
    await agent.offer(after)
    answers = agent.gateway.heard.of(pointing.pointing_id)
    demand(len(answers) == 1, f"it was answered {len(answers)} times")


@OFFERS.says("2.2", "a revocation of a pointing that it never had ends nothing")
async def _(agent: AgentPeer) -> None:
    revocation = pb.Revocation(pointing_id="never-offered", revision=1, reason=pb.REASON_SUPERSEDED)
    agent.gateway.command(revocation)
    await agent.offer(agent.unfit())
    answers = {r.state for r in agent.gateway.heard.of("never-offered")}
    demand(answers <= {REVOKED, REJECTED}, f"it was answered with {sorted(answers)}")


async def _accepted(agent: AgentPeer, most: int) -> list[pb.Pointing]:
    """Offer places all over the sky; return those that were accepted."""
    if not agent.is_simulated:
        raise NotTried("its drivers are not all `simulated`: nothing that it could observe is offered")
    accepted: list[pb.Pointing] = []
    for ra_deg in range(0, 360, 30):
        for dec_deg in (-45.0, 0.0, 45.0):
            pointing = agent.pointing(ra_deg=float(ra_deg), dec_deg=dec_deg)
            reports = await agent.offer(pointing)
            accepted += [pointing] if reports[0].state == pb.POINTING_STATE_ACCEPTED else []
            if len(accepted) >= most:
                return accepted
    if not accepted:
        raise NotTried("it accepted nothing: it may be day there")
    return accepted


@OFFERS.says("2.2", "what it accepted goes along the table of states to an end, with what was exposed")
async def _(agent: AgentPeer) -> None:
    (pointing,) = await _accepted(agent, 1)
    name = pointing.pointing_id

    def states() -> list[int]:
        return [r.state for r in agent.gateway.heard.of(name)]

    await agent.until(lambda: states()[-1] in ENDS, f"it came to states {states()}")
    shown = states()
    demand(shown[0] == pb.POINTING_STATE_ACCEPTED, f"it went {shown}")
    order = [s for s in shown if s not in RUNNING]
    demand(len(order) == 2 and shown[-1] in ENDS, f"it went {shown}")
    last = agent.gateway.heard.of(name)[-1]
    if last.state == pb.POINTING_STATE_COMPLETED:
        demand(len(last.exposures) == 2, f"completed with {len(last.exposures)} of 2 exposures")
        demand(last.HasField("actual_ra_deg") and last.HasField("actual_dec_deg"), "without actual coordinates")


@OFFERS.says("2.2", "what is revoked before it started is answered with REVOKED, and never starts")
async def _(agent: AgentPeer) -> None:
    (pointing,) = await _accepted(agent, 1)
    later = agent.pointing(ra_deg=pointing.ra_deg, dec_deg=pointing.dec_deg)
    later.planned_start_time.FromDatetime(datetime.now(UTC) + timedelta(minutes=10))
    if (await agent.offer(later))[0].state != pb.POINTING_STATE_ACCEPTED:
        raise NotTried("it did not accept a later one")
    name = later.pointing_id
    agent.gateway.command(pb.Revocation(pointing_id=name, revision=1, reason=pb.REASON_RETRACTED))
    await agent.until(lambda: len(agent.gateway.heard.of(name)) > 1, "no answer")
    await asyncio.sleep(0)
    shown = [r.state for r in agent.gateway.heard.of(name)]
    demand(shown == [pb.POINTING_STATE_ACCEPTED, REVOKED], f"it went {shown}")
