"""Snapshots of the folded state: they bound the time of a restart and are checked against the fold."""

from dataclasses import dataclass

import msgspec

from coordinator.alerts.alert import Alert
from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import PlanMade, SkyClockSet
from coordinator.events.event import Event
from coordinator.services.state import ObservatoryState, TelescopeState
from coordinator.vetting.facts import CandidatesScored, FollowUpRequested
from telescopes.description.errors import Broken

VERSION = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The folded state after `seq`, with the hash that it must have when it is read again."""

    version: int
    seq: int
    hash: str
    alerts: list[Alert]
    events: dict[str, Event]
    assignments: list[Assignment]
    command_head: dict[str, int]
    telescopes: dict[str, TelescopeState]
    plan: PlanMade | None
    candidates: dict[str, CandidatesScored]
    follow_ups: dict[str, FollowUpRequested]
    actions: dict[str, int]
    detections: int
    quarantined: int
    sky_clock: SkyClockSet | None


def take(state: ObservatoryState) -> bytes:
    """Write a state down."""
    return msgspec.json.encode(
        Snapshot(
            version=VERSION,
            seq=state.applied_seq,
            hash=state.hash(),
            alerts=state.alert_log,
            events=state.events,
            assignments=list(state.pointings.assignments.values()),
            command_head=state.pointings.command_head,
            telescopes=state.telescopes,
            plan=state.plan,
            candidates=state.candidates,
            follow_ups=state.follow_ups,
            actions=state.actions,
            detections=state.detections,
            quarantined=state.quarantined,
            sky_clock=state.sky_clock,
        )
    )


def restore(data: bytes) -> ObservatoryState:
    """Read a state again; Broken if it is not what was written, or of another version."""
    try:
        shot = msgspec.json.decode(data, type=Snapshot)
    except msgspec.DecodeError as error:
        raise _unusable(str(error)) from error
    if shot.version != VERSION:
        raise _unusable(f"version {shot.version} is not {VERSION}")
    state = ObservatoryState(
        applied_seq=shot.seq,
        events=shot.events,
        pointings=Book.of(shot.assignments, shot.command_head),
        telescopes=shot.telescopes,
        plan=shot.plan,
        candidates=shot.candidates,
        follow_ups=shot.follow_ups,
        actions=shot.actions,
        detections=shot.detections,
        quarantined=shot.quarantined,
        sky_clock=shot.sky_clock,
    )
    for alert in shot.alerts:
        state.alert_log.append(alert)
        state.alerts.add(alert)
    if state.hash() != shot.hash:
        raise _unusable("its hash is not that of its contents")
    return state


def _unusable(why: str) -> Broken:
    return Broken(
        f"cannot be used: {why}", where="snapshot", mend="it is passed over; the journal is folded from the start"
    )
