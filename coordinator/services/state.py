"""The state of the observatory: a fold of the journal, the same in every process that folds it."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from coordinator.alerts.alert import Alert
from coordinator.alerts.leads import Leads
from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.book import Book
from coordinator.dispatch.coverage import Coverage, coverage_of
from coordinator.dispatch.event_limits import NO_LIMITS, EventLimits, limits_of
from coordinator.dispatch.facts import (
    OperatorActed,
    PlanMade,
    PointingMoved,
    SessionOpened,
    SkyClockSet,
    TelescopeStatusChanged,
)
from coordinator.dispatch.site_weather import SiteWeather
from coordinator.events.coincidence_facts import CoincidenceFound, CoincidenceLost
from coordinator.events.event import Event
from coordinator.events.fold import EventBook, event_hash
from coordinator.events.linked_map import LinkedMap
from coordinator.events.rules import Action, Decision
from coordinator.services.candidate_words import is_by_hand, look_of, word_of
from coordinator.services.facts import FACTS, fact_of
from coordinator.services.journal import Stored
from coordinator.services.leads_book import LeadBook
from coordinator.services.quarantined import AlertQuarantined, QuarantineRead
from coordinator.services.shift import ABOUT_SHIFTS, Shift, shift_after, without_numbers
from coordinator.services.telescope_acts import ABOUT_TELESCOPES, after_act
from coordinator.services.telescope_state import TelescopeState
from coordinator.vetting.facts import (
    CandidatesRegrouped,
    CandidatesScored,
    FollowUpEnded,
    FollowUpRequested,
    PersonsWord,
)

Touched = set[tuple[str, str]]


@dataclass
class ObservatoryState:
    """Everything that the journal says, folded; `applied_seq` is the last entry that went in.

    `decisions` and `verdicts` are what rules and people say of events, by key, and `approved` the sky time of an
    approval that stands; `limits` are those that people put on an event's search, and `coverage` what others have
    looked at of it; `quarantine` is what nobody has understood yet, by delivery. `known_since` is the sky time at
    which each event was first heard of. `candidate_ids` are the names that an event's candidates have or had as far as
    entries tell them, and `candidate_words` what people said of them. `shift` says who is on duty; None: nobody ever
    was. No part of the hash are `streams`, how each was when somebody last had to look at it, `leads`, what people
    report, and `to_look_at`, since when (sky time) a coincidence waits for a person, by its lead.
    """

    applied_seq: int = 0
    alerts: EventBook = field(default_factory=EventBook)
    alert_log: list[Alert] = field(default_factory=list)
    map_log: list[tuple[str, LinkedMap]] = field(default_factory=list)
    events: dict[str, Event] = field(default_factory=dict)
    coincidences: dict[str, CoincidenceFound] = field(default_factory=dict)
    to_look_at: dict[str, datetime] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    verdicts: dict[str, OperatorActed] = field(default_factory=dict)
    approved: dict[str, datetime] = field(default_factory=dict)
    limits: dict[str, EventLimits] = field(default_factory=dict)
    coverage: dict[str, tuple[Coverage, ...]] = field(default_factory=dict)
    known_since: dict[str, datetime] = field(default_factory=dict)
    pointings: Book = field(default_factory=Book)
    telescopes: dict[str, TelescopeState] = field(default_factory=dict)
    plan: PlanMade | None = None
    candidates: dict[str, CandidatesScored] = field(default_factory=dict)
    candidate_ids: dict[str, set[str]] = field(default_factory=dict)
    candidate_words: dict[str, list[PersonsWord]] = field(default_factory=dict)
    follow_ups: dict[str, FollowUpRequested] = field(default_factory=dict)
    actions: dict[str, int] = field(default_factory=dict)
    detections: int = 0
    quarantine: dict[str, AlertQuarantined] = field(default_factory=dict)
    streams: dict[str, dict[str, Any]] = field(default_factory=dict)
    leads: LeadBook = field(default_factory=LeadBook)
    sky_clock: SkyClockSet | None = None
    shift: Shift | None = None
    _hashed: tuple[int, str] | None = None

    def apply(self, stored: Stored) -> Touched:
        """Fold one entry; return what it touched as (kind, id) of documents."""
        if stored.seq <= self.applied_seq:
            return set()
        self.applied_seq = stored.seq
        fold = _FOLDS.get(stored.entry.kind)
        return set() if fold is None else fold(self, stored, fact_of(stored.entry))

    def telescope(self, telescope_id: str) -> TelescopeState:
        """How a telescope is; one that never spoke is offline."""
        return self.telescopes.get(telescope_id) or TelescopeState(telescope_id)

    def open_events(self) -> list[Event]:
        """Events that are not retracted, by key."""
        return [e for _, e in sorted(self.events.items()) if not e.retracted]

    def looks_asked_for(self) -> set[str]:
        """Visits of the looks that people or odds ask for now; what was withdrawn or has ended is none."""
        return {*self.follow_ups, *(a.visit for mine in self.telescopes.values() for a in mine.asked_for)}

    def limits_on(self, key: str) -> EventLimits:
        """Return the limits that people put on an event's search."""
        return self.limits.get(key, NO_LIMITS)

    def followed(self, key: str) -> bool:
        """Say whether an event is searched by what was decided of it; what is not decided yet is not."""
        made = self.decisions.get(key)
        return made is not None and made.action is Action.FOLLOW

    def hash(self) -> str:
        """Return the hash of the folded state, without sequence numbers, recording times, epochs and sessions."""
        if self._hashed is None or self._hashed[0] != self.applied_seq:
            self._hashed = (self.applied_seq, self._hash())
        return self._hashed[1]

    def _hash(self) -> str:
        return _sha256(
            {
                "alerts": sorted(_sha256(a) for a in self.alert_log),
                "maps": sorted(_sha256(m) for m in self.map_log),
                "events": self.events,
                "coincidences": self.coincidences,
                "known_since": self.known_since,
                "pointings": [_without_seq(a) for _, a in sorted(self.pointings.assignments.items())],
                "telescopes": [replace(t, session=None) for _, t in sorted(self.telescopes.items())],
                "plan": self.plan,
                "candidates": self.candidates,
                "candidate_ids": {key: sorted(ids) for key, ids in self.candidate_ids.items()},
                "candidate_words": self.candidate_words,
                "follow_ups": self.follow_ups,
                "actions": sorted(self.actions),
                "detections": self.detections,
                "quarantined": sorted(self.quarantine),
                "decisions": self.decisions,
                "verdicts": self.verdicts,
                "approved": self.approved,
                "limits": self.limits,
                "coverage": self.coverage,
                "sky_clock": None if self.sky_clock is None else self.sky_clock.rate,
            }
            | ({} if self.shift is None else {"shift": without_numbers(self.shift)})
        )

    def event_hash(self) -> str:
        """Return the hash of the events room alone, whatever the order in which its alerts came."""
        return event_hash(self.alerts)


def _sha256(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()


def _without_seq(one: Assignment) -> Assignment:
    return replace(one, offered=replace(one.offered, command_seq=0))


def _alert(state: ObservatoryState, stored: Stored, fact: Alert) -> Touched:
    state.alert_log.append(fact)
    state.alerts.add(fact)
    return set()


def _linked_map(state: ObservatoryState, stored: Stored, fact: LinkedMap) -> Touched:
    event = stored.entry.event or ""
    state.map_log.append((event, fact))
    state.alerts.join(event, fact)
    return set()


def _quarantine(state: ObservatoryState, stored: Stored, fact: AlertQuarantined) -> Touched:
    state.quarantine[fact.key] = fact
    return set()


def _read_again(state: ObservatoryState, stored: Stored, fact: QuarantineRead) -> Touched:
    state.quarantine.pop(fact.key, None)
    return set()


def _decided(state: ObservatoryState, stored: Stored, fact: Decision) -> Touched:
    key = stored.entry.event or ""
    state.decisions[key] = fact
    return {("event", key)}


def _stream(state: ObservatoryState, stored: Stored, fact: dict[str, Any]) -> Touched:
    mine = str(fact["stream"])
    state.streams[mine] = {**fact, "id": mine, "since": stored.entry.sky_time.isoformat().replace("+00:00", "Z")}
    return {("stream", mine)}


def _event(state: ObservatoryState, stored: Stored, fact: Event) -> Touched:
    before, state.events[fact.key] = state.events.get(fact.key), fact
    state.leads.hear(fact, before, state.events)
    state.known_since.setdefault(fact.key, stored.entry.sky_time)
    return {("event", fact.key)}


def _lead(state: ObservatoryState, stored: Stored, fact: Leads) -> Touched:
    lead = state.leads.add(fact, state.events)
    return set() if lead.event is None else {("event", lead.event)}


def _found(state: ObservatoryState, stored: Stored, fact: CoincidenceFound) -> Touched:
    before, state.coincidences[fact.lead] = state.coincidences.get(fact.lead), fact
    if not fact.tell:
        state.to_look_at.pop(fact.lead, None)
    elif before is None or (before.tell, before.because) != (True, fact.because):
        state.to_look_at.setdefault(fact.lead, stored.entry.sky_time)  # what was looked at and has not changed is done
    return {("event", key) for key in fact.own}


def _lost(state: ObservatoryState, stored: Stored, fact: CoincidenceLost) -> Touched:
    state.coincidences.pop(fact.lead, None)
    state.to_look_at.pop(fact.lead, None)
    return {("event", key) for key in (fact.lead, *fact.partners)}


def _plan(state: ObservatoryState, stored: Stored, fact: PlanMade) -> Touched:
    state.plan = fact
    return {("event", key) for key in fact.events}


def _pointing(state: ObservatoryState, stored: Stored, fact: Any) -> Touched:
    at = stored.entry.sky_time
    match stored.entry.kind:
        case "pointing_offered":
            state.pointings.offer(fact, at)
            subject, telescope = fact.pointing.pointing_id, fact.pointing.telescope_id
        case "pointing_approved":
            state.pointings.approve(fact)
            subject, telescope = fact.pointing_id, stored.entry.telescope or ""
        case "pointing_revocation_requested":
            state.pointings.ask_back(fact)
            subject, telescope = fact.pointing_id, stored.entry.telescope or ""
        case "pointing_noted":
            state.pointings.note(fact)
            subject, telescope = fact.pointing_id, stored.entry.telescope or ""
        case _:
            assert isinstance(fact, PointingMoved)
            state.pointings.move(fact, at)
            subject, telescope = fact.pointing_id, stored.entry.telescope or ""
    event = state.pointings.assignments[subject].offered.pointing.event_id
    return {("pointing", subject), ("telescope", telescope), ("event", event)}


def _session(state: ObservatoryState, stored: Stored, fact: SessionOpened) -> Touched:
    mine = stored.entry.telescope or ""
    before = state.telescope(mine)
    since = before.since if before.link == "up" else stored.entry.sky_time
    state.telescopes[mine] = replace(before, link="up", since=since, session=fact)
    return {("telescope", mine)}


def _status(state: ObservatoryState, stored: Stored, fact: TelescopeStatusChanged) -> Touched:
    mine = stored.entry.telescope or ""
    before = state.telescope(mine)
    same = (before.link, before.safe, before.blocking_reasons) == (fact.link, fact.safe, fact.blocking_reasons)
    state.telescopes[mine] = replace(
        before,
        link=fact.link,
        since=before.since if same else stored.entry.sky_time,
        safe=fact.safe,
        blocking_reasons=fact.blocking_reasons,
        unavailable_until=fact.unavailable_until,
        cloud_cover_pct=fact.cloud_cover_pct,
        clock_offset_s=fact.clock_offset_s,
        vetoed_at_site=fact.vetoed_events,
    )
    return {("telescope", mine)}


def _weather(state: ObservatoryState, stored: Stored, fact: SiteWeather) -> Touched:
    mine = stored.entry.telescope or ""
    state.telescopes[mine] = replace(state.telescope(mine), weather=fact, weather_at=stored.entry.sky_time)
    return {("telescope", mine)}


def _acted(state: ObservatoryState, stored: Stored, fact: OperatorActed) -> Touched:
    state.actions[fact.action_id] = stored.seq
    _looked_at(state, fact.subject)
    if fact.action in ABOUT_TELESCOPES:
        state.telescopes[fact.subject] = after_act(state.telescope(fact.subject), fact, stored.entry.sky_time)
        return {("telescope", fact.subject)}
    if fact.action == "approve_pointing" and fact.subject in state.follow_ups:
        state.follow_ups[fact.subject] = replace(state.follow_ups[fact.subject], wants_yes=False)
        return {("event", state.follow_ups[fact.subject].event)}
    if fact.action in ("approve", "dismiss", "retract_event"):
        state.verdicts[fact.subject] = fact
        state.approved.pop(fact.subject, None)
        if fact.action == "approve":
            state.approved[fact.subject] = stored.entry.sky_time
        return {("event", fact.subject)}
    if fact.subject in state.events and _about_event(state, fact):
        return {("event", fact.subject)}
    if fact.action in ("request_follow_up", "withdraw_follow_up"):
        return _look_by_hand(state, fact)
    return _said_of_candidate(state, stored, fact)


def _looked_at(state: ObservatoryState, event: str) -> None:
    """Take whatever a person says of an event for a look at what it coincides with."""
    for lead in [lead for lead in state.to_look_at if event in state.coincidences[lead].named]:
        del state.to_look_at[lead]


def _said_of_candidate(state: ObservatoryState, stored: Stored, fact: OperatorActed) -> Touched:
    """Fold a mark or a remark; where it is rejected, the looks that people asked for end."""
    word, event = word_of(fact, stored.entry.sky_time), fact.details.get("event", "")
    if word is None:
        return set()
    state.candidate_words.setdefault(event, []).append(word)
    if word.says == "rejected":
        state.follow_ups = {v: f for v, f in state.follow_ups.items() if not is_by_hand(f, event, fact.subject)}
    return {("candidates", event), ("event", event)}


def _about_event(state: ObservatoryState, fact: OperatorActed) -> bool:
    """Fold what people said of an event's search; say whether they did."""
    key, because = fact.subject, f"{fact.reason} ({fact.operator})"
    match fact.action:
        case "limit_event":
            state.limits[key] = limits_of(fact.details, because)
        case "lift_limits":
            state.limits.pop(key, None)
        case "report_coverage":
            new = coverage_of(fact.details, because)
            state.coverage[key] = (*(c for c in state.coverage.get(key, ()) if c.sha256 != new.sha256), new)
        case "withdraw_coverage":
            gone = fact.details.get("coverage")
            state.coverage[key] = tuple(c for c in state.coverage.get(key, ()) if c.id != gone)
        case _:
            return False
    return True


def _look_by_hand(state: ObservatoryState, fact: OperatorActed) -> Touched:
    """Fold a person's wish for another look at a candidate, or its end."""
    event = fact.details.get("event", "")
    if fact.action == "withdraw_follow_up":
        state.follow_ups = {v: f for v, f in state.follow_ups.items() if not is_by_hand(f, event, fact.subject)}
    else:
        wanted = look_of(fact)
        state.follow_ups[wanted.visit] = wanted
    return {("event", event), ("candidates", event)}


def _person_acted(state: ObservatoryState, stored: Stored, fact: OperatorActed) -> Touched:
    if fact.action not in ABOUT_SHIFTS:
        return _acted(state, stored, fact)
    state.actions[fact.action_id] = stored.seq
    state.shift = shift_after(state.shift, fact, stored.recorded_at, stored.seq)
    return set()


def _stored_detections(state: ObservatoryState, stored: Stored, fact: Any) -> Touched:
    state.detections += len(fact.detections)
    return set()


def _scored(state: ObservatoryState, stored: Stored, fact: CandidatesScored) -> Touched:
    state.candidates[fact.event] = fact
    state.candidate_ids.setdefault(fact.event, set()).update(c.id for c in fact.candidates)
    return {("candidates", fact.event), ("event", fact.event)}


def _lineage(state: ObservatoryState, stored: Stored, fact: CandidatesRegrouped) -> Touched:
    state.candidate_ids.setdefault(fact.event, set()).update({*fact.before, *fact.now})
    return {("candidates", fact.event)}


def _follow_up(state: ObservatoryState, stored: Stored, fact: FollowUpRequested) -> Touched:
    state.follow_ups[fact.visit] = fact
    return {("event", fact.event)}


def _follow_up_ended(state: ObservatoryState, stored: Stored, fact: FollowUpEnded) -> Touched:
    state.follow_ups.pop(fact.visit, None)
    return {("event", fact.event)}


def _clock(state: ObservatoryState, stored: Stored, fact: SkyClockSet) -> Touched:
    state.sky_clock = fact
    return set()


_FOLDS: dict[str, Any] = {
    "alert_received": _alert,
    "alert_map_joined": _linked_map,
    "alert_quarantined": _quarantine,
    "quarantine_read": _read_again,
    "stream_state_changed": _stream,
    "circular_received": _lead,
    "event_revised": _event,
    "event_retracted": _event,
    "coincidence_found": _found,
    "coincidence_lost": _lost,
    "event_decided": _decided,
    "plan_made": _plan,
    "session_opened": _session,
    "telescope_status_changed": _status,
    "site_weather_told": _weather,
    "operator_acted": _person_acted,
    "detections_stored": _stored_detections,
    "candidates_scored": _scored,
    "candidates_merged": _lineage,
    "candidates_split": _lineage,
    "follow_up_requested": _follow_up,
    "follow_up_ended": _follow_up_ended,
    "sky_clock_set": _clock,
} | {kind: _pointing for kind in FACTS if kind.startswith("pointing_")}
