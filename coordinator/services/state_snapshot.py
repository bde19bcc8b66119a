"""The observatory's state as a snapshot, checked by the state's own hash besides."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from coordinator.alerts.alert import Alert
from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.book import Book
from coordinator.dispatch.coverage import Coverage
from coordinator.dispatch.event_limits import EventLimits
from coordinator.dispatch.facts import OperatorActed, PlanMade, SkyClockSet
from coordinator.events.coincidence_facts import CoincidenceFound
from coordinator.events.event import Event
from coordinator.events.linked_map import LinkedMap
from coordinator.events.rules import Decision
from coordinator.services.leads_book import Lead, LeadBook
from coordinator.services.quarantined import AlertQuarantined
from coordinator.services.shift import Shift
from coordinator.services.snapshot import opened, seal, unusable
from coordinator.services.state import ObservatoryState
from coordinator.services.telescope_state import TelescopeState
from coordinator.vetting.facts import CandidatesScored, FollowUpRequested, PersonsWord

VERSION = 13


@dataclass(frozen=True, slots=True)
class StateSnapshot:
    """The folded state after `seq`, with the hash that it must have when it is read again."""

    seq: int
    hash: str
    alerts: list[Alert]
    maps: list[tuple[str, LinkedMap]]
    events: dict[str, Event]
    coincidences: dict[str, CoincidenceFound]
    to_look_at: dict[str, datetime]
    decisions: dict[str, Decision]
    verdicts: dict[str, OperatorActed]
    approved: dict[str, datetime]
    limits: dict[str, EventLimits]
    coverage: dict[str, tuple[Coverage, ...]]
    known_since: dict[str, datetime]
    assignments: list[Assignment]
    command_head: dict[str, int]
    telescopes: dict[str, TelescopeState]
    plan: PlanMade | None
    candidates: dict[str, CandidatesScored]
    candidate_ids: dict[str, set[str]]
    candidate_words: dict[str, list[PersonsWord]]
    follow_ups: dict[str, FollowUpRequested]
    actions: dict[str, int]
    detections: int
    quarantine: list[AlertQuarantined]
    streams: dict[str, dict[str, Any]]
    leads: list[Lead]
    sky_clock: SkyClockSet | None
    shift: Shift | None


def write_state(state: ObservatoryState, journal_id: str) -> bytes:
    """Write a state down."""
    shot = StateSnapshot(
        seq=state.applied_seq,
        hash=state.hash(),
        alerts=state.alert_log,
        maps=state.map_log,
        events=state.events,
        coincidences=state.coincidences,
        to_look_at=state.to_look_at,
        decisions=state.decisions,
        verdicts=state.verdicts,
        approved=state.approved,
        limits=state.limits,
        coverage=state.coverage,
        known_since=state.known_since,
        assignments=list(state.pointings.assignments.values()),
        command_head=state.pointings.command_head,
        telescopes=state.telescopes,
        plan=state.plan,
        candidates=state.candidates,
        candidate_ids=state.candidate_ids,
        candidate_words=state.candidate_words,
        follow_ups=state.follow_ups,
        actions=state.actions,
        detections=state.detections,
        quarantine=list(state.quarantine.values()),
        streams=state.streams,
        leads=list(state.leads.leads.values()),
        sky_clock=state.sky_clock,
        shift=state.shift,
    )
    return seal(msgspec.json.encode(shot), version=VERSION, journal_id=journal_id, seq=shot.seq)


def read_state(data: bytes, journal_id: str | None) -> ObservatoryState:
    """Read a state again; Broken if it is not what was written, or of another version or journal."""
    shot = opened(data, StateSnapshot, version=VERSION, journal_id=journal_id)
    state = ObservatoryState(
        applied_seq=shot.seq,
        events=shot.events,
        coincidences=shot.coincidences,
        to_look_at=shot.to_look_at,
        decisions=shot.decisions,
        verdicts=shot.verdicts,
        approved=shot.approved,
        limits=shot.limits,
        coverage=shot.coverage,
        known_since=shot.known_since,
        pointings=Book.of(shot.assignments, shot.command_head),
        telescopes=shot.telescopes,
        plan=shot.plan,
        candidates=shot.candidates,
        candidate_ids=shot.candidate_ids,
        candidate_words=shot.candidate_words,
        follow_ups=shot.follow_ups,
        actions=shot.actions,
        detections=shot.detections,
        quarantine={one.key: one for one in shot.quarantine},
        streams=shot.streams,
        leads=LeadBook({lead.notice_id: lead for lead in shot.leads}),
        sky_clock=shot.sky_clock,
        shift=shot.shift,
    )
    for alert in shot.alerts:
        state.alert_log.append(alert)
        state.alerts.add(alert)
    for event, found in shot.maps:
        state.map_log.append((event, found))
        state.alerts.join(event, found)
    if state.hash() != shot.hash:
        raise unusable("its hash is not that of the state it holds")
    return state
