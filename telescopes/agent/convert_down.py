"""From the wire to plain data: everything that the coordinator says."""

from armillary.telescope.v1 import telescope_pb2 as pb

from telescopes.agent.bounded import check_grant, check_seq
from telescopes.agent.link import Message
from telescopes.agent.wire import REASON_FROM_WIRE, instant, optional, seconds, sky_clock_of, state_of
from telescopes.description.errors import Refused
from telescopes.description.messages import (
    Command,
    Constraints,
    Drain,
    Exposure,
    Heartbeat,
    ItemResult,
    ListedPointing,
    Pointing,
    PointingPage,
    Revocation,
    SessionGrant,
    StatusReply,
)
from telescopes.description.states import PointingState, Reason


def message_of(said: pb.WatchCommandsResponse) -> Message:
    """Read one message of the command stream."""
    check_seq(said.seq)
    match said.WhichOneof("command"):
        case "pointing":
            return Command(said.seq, pointing_of(said.pointing))
        case "revocation":
            return Command(said.seq, revocation_of(said.revocation))
        case "heartbeat":
            beat = said.heartbeat
            return Heartbeat(said.seq, instant(beat.server_time), sky_clock_of(beat.sky_clock))
        case "drain":
            return Drain(said.seq, seconds(said.drain.reconnect_after))
        case _:
            raise Refused(
                f"command {said.seq} is of a kind that this agent does not know",
                where="command stream",
                mend="update the agent",
                reason="UNKNOWN_COMMAND",
            )


def pointing_of(said: pb.Pointing) -> Pointing:
    """Read a pointing; an instant that was not sent reads as 1970, which makes the pointing unfit."""
    planned = said.planned_start_time if said.HasField("planned_start_time") else said.window.start_time
    return Pointing(
        pointing_id=said.pointing_id,
        revision=said.revision,
        plan_id=said.plan_id,
        event_id=said.event_id,
        event_revision=said.event_revision,
        telescope_id=said.telescope_id,
        instrument_id=said.instrument_id,
        visit=said.visit,
        ra_deg=said.ra_deg,
        dec_deg=said.dec_deg,
        position_angle_deg=said.position_angle_deg,
        window_start=instant(said.window.start_time),
        window_end=instant(said.window.end_time),
        planned_start=instant(planned),
        exposures=tuple(exposure_of(e) for e in said.exposures),
        accept_within_s=seconds(said.accept_within),
        probability=optional(said, "probability"),
        limit_mag_ab=optional(said, "limit_mag_ab"),
        rank=said.rank,
        priority=said.priority,
        may_interrupt=said.may_interrupt,
        require_human_approval=said.require_human_approval,
        acceptability_threshold=said.acceptability_threshold,
        constraints=constraints_of(said.constraints),
        field_id=said.field_id,
        traceparent=said.traceparent,
        approved_by=said.approved_by,
    )


def exposure_of(said: pb.Exposure) -> Exposure:
    """Read one block of exposures."""
    return Exposure(
        filter=said.filter,
        exposure_s=said.exposure_s,
        count=said.count,
        binning=said.binning or 1,
        dither_arcsec=said.dither_arcsec,
        target_depth_mag_ab=optional(said, "target_depth_mag_ab"),
    )


def constraints_of(said: pb.Constraints) -> Constraints:
    """Read limits besides the site's own."""
    return Constraints(
        min_altitude_deg=optional(said, "min_altitude_deg"),
        max_airmass=optional(said, "max_airmass"),
        max_sun_altitude_deg=optional(said, "max_sun_altitude_deg"),
        min_moon_separation_deg=optional(said, "min_moon_separation_deg"),
        pointing_tolerance_arcsec=optional(said, "pointing_tolerance_arcsec"),
    )


def revocation_of(said: pb.Revocation) -> Revocation:
    """Read a revocation; a reason that this agent does not know is SUPERSEDED."""
    reason = REASON_FROM_WIRE.get(int(said.reason), Reason.SUPERSEDED)
    return Revocation(said.pointing_id, said.revision, reason, said.abort_if_started)


def grant_of(said: pb.OpenSessionResponse) -> SessionGrant:
    """Read what opened the session."""
    grant = SessionGrant(
        session_id=said.session_id,
        session_epoch=said.session_epoch,
        journal_id=said.journal_id,
        sky_clock=sky_clock_of(said.sky_clock),
        heartbeat_s=seconds(said.heartbeat_interval),
        lease_s=seconds(said.lease_duration),
        server_time=instant(said.server_time),
        snapshot_required=said.snapshot_required,
        head_seq=said.head_seq,
    )
    return check_grant(grant)


def status_reply_of(said: pb.ReportStatusResponse) -> StatusReply:
    """Read the renewed lease."""
    return StatusReply(instant(said.server_time), seconds(said.lease_left), sky_clock_of(said.sky_clock))


def result_of(said: pb.ItemResult) -> ItemResult:
    """Read the answer to one item."""
    return ItemResult(said.item_id, said.code, said.reason, state_of(said.current_state))


def page_of(said: pb.ListPointingsResponse) -> PointingPage:
    """Read one page of pointings; those without a state say nothing and are left out."""
    listed = (
        ListedPointing(pointing_of(p.pointing), state, _asked_back(p))
        for p in said.pointings
        if isinstance(state := state_of(p.state), PointingState)
    )
    return PointingPage(tuple(listed), said.next_page_token, check_seq(said.as_of_seq))


def _asked_back(said: pb.ListedPointing) -> Revocation | None:
    if said.HasField("revocation"):
        return revocation_of(said.revocation)
    pointing = said.pointing
    # A coordinator that only says that it asked: the mildest request.
    return Revocation(pointing.pointing_id, pointing.revision, Reason.SUPERSEDED) if said.revocation_requested else None
