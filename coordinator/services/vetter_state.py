"""What the vetter knows: a fold of the journal. Folding an entry twice changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from coordinator.alerts.alert import Alert
from coordinator.alerts.leads import Leads
from coordinator.dispatch.facts import OperatorActed
from coordinator.events.event import Event
from coordinator.services.candidate_words import word_of
from coordinator.services.journal import Only, Stored
from coordinator.sky.ranges import Ranges
from coordinator.vetting.facts import (
    CandidatesRegrouped,
    CandidatesScored,
    DetectionsStored,
    FollowUpEnded,
    FollowUpRequested,
    NeighboursFound,
    PersonsWord,
    StoredDetection,
)
from coordinator.vetting.follow_up import Asked
from coordinator.vetting.looks import Look
from coordinator.vetting.surveys import SurveyPacket, packet_of
from telescopes.description.depths import reached_mag_ab
from telescopes.description.messages import ExposureResult

LOOKED = ("pointing_completed", "pointing_partial")
ENDS = ("completed", "partial")
KINDS = Only(
    kinds=frozenset(
        {
            "event_revised",
            "event_retracted",
            "alert_received",
            "circular_received",
            "pointing_offered",
            *LOOKED,
            "pointing_noted",
            "detections_stored",
            "candidates_scored",
            "candidates_merged",
            "candidates_split",
            "follow_up_requested",
            "operator_acted",
            "follow_up_ended",
            "neighbours_found",
        }
    )
)


MOST_PACKETS = 20_000
"""So many messages of surveys may wait for an event in whose region they point."""

LIMIT_DOUBT_MAG = 0.5
"""What a promised limit is lowered by where the telescope reports none."""


@dataclass(slots=True)
class OfferedPointing:
    """What the vetter keeps of a pointing; `look` None: not observed yet, or to no known depth."""

    event: str
    visit: str
    telescope: str
    filter: str
    limit_mag_ab: float | None
    ranges: str
    looked_at: datetime | None = None
    look: Look | None = None


@dataclass
class VetterState:
    """Events, pointings, detections, the newest odds and follow-ups; `applied_seq` is how far the journal was read.

    `kept_seq` is the entry that holds each detection, and `known_seq` the newest of them that an event's odds know;
    `lineage` which candidates of an event were joined or taken apart, up to `lineage_seq`; `words` what people said of
    them, up to `word_seq`. `packets` are messages of surveys that no event has wanted yet (up to `packets_seq`).
    `touched` are events whose odds may have changed since they were last taken out of it.
    """

    applied_seq: int = 0
    events: dict[str, Event] = field(default_factory=dict)
    pointings: dict[str, OfferedPointing] = field(default_factory=dict)
    detections: dict[str, StoredDetection] = field(default_factory=dict)
    kept_seq: dict[str, int] = field(default_factory=dict)
    by_event: dict[str | None, dict[str, StoredDetection]] = field(default_factory=dict)
    scored: dict[str, CandidatesScored] = field(default_factory=dict)
    scored_seq: dict[str, int] = field(default_factory=dict)
    known_seq: dict[str, int] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)
    searched_sky: dict[str, Ranges] = field(default_factory=dict)
    lineage: dict[str, list[CandidatesRegrouped]] = field(default_factory=dict)
    words: dict[str, list[PersonsWord]] = field(default_factory=dict)
    lineage_seq: int = 0
    word_seq: int = 0
    packets: dict[str, SurveyPacket] = field(default_factory=dict)
    packets_seq: int = 0
    found: dict[str, dict[tuple[str, str], NeighboursFound]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def apply(self, entries: Sequence[Stored]) -> None:
        """Fold entries; those of other kinds pass by."""
        for stored in entries:
            fold = _FOLDS.get(stored.entry.kind)
            if fold is not None:
                fold(self, stored)

    def keep(self, kept: StoredDetection, seq: int) -> None:
        """Put a detection where it is found by its id and by its event."""
        self.detections[kept.key] = kept
        self.kept_seq[kept.key] = seq
        self.by_event.setdefault(kept.event, {})[kept.key] = kept

    def keep_found(self, fact: NeighboursFound) -> None:
        """Keep what a source knows around a candidate: its newest word, and silence takes nothing back."""
        its = self.found.setdefault(fact.event, {})
        key = fact.candidate, fact.source
        if key not in its or not fact.silent:
            its[key] = fact

    def searched(self, event: str) -> Ranges:
        """Sky that was observed for an event, whatever the visit."""
        return self.searched_sky.get(event) or Ranges.empty()

    def looks(self, event: str) -> list[Look]:
        """Observations of an event whose depth is known."""
        return [p.look for p in self.pointings.values() if p.event == event and p.look is not None]

    def asked_of(self, event: str) -> list[Asked]:
        """Follow-ups of an event, and when each was looked at, in order of asking."""
        own = [a for a in self.asked.values() if a.request.event == event]
        return sorted(own, key=lambda a: (a.asked_at, a.request.visit))

    def touch_all(self) -> None:
        """Let the odds of every event be made again."""
        self.touched |= set(self.events)


def _event(state: VetterState, stored: Stored) -> None:
    event = msgspec.convert(stored.entry.body, Event)
    state.events[event.key] = event
    state.touched.add(event.key)


def _offered(state: VetterState, stored: Stored) -> None:
    body = stored.entry.body
    pointing = body["pointing"]
    known = state.pointings.get(pointing["pointing_id"])
    if known is not None and known.looked_at is not None:
        return
    state.pointings[pointing["pointing_id"]] = OfferedPointing(
        pointing["event_id"],
        pointing["visit"],
        pointing["telescope_id"],
        pointing["exposures"][0]["filter"] if pointing["exposures"] else "",
        pointing["limit_mag_ab"],
        body["ranges"],
    )


def _looked(state: VetterState, stored: Stored) -> None:
    body = stored.entry.body
    pointing = state.pointings.get(body["pointing_id"])
    if pointing is None:
        return
    pointing.looked_at = stored.entry.sky_time
    pointing.ranges = body.get("ranges") or pointing.ranges
    sky = Ranges.decode(pointing.ranges)
    pointing.look = _look_of(pointing, sky, body)
    state.searched_sky[pointing.event] = state.searched(pointing.event).union(sky)
    state.touched.add(pointing.event)
    asked = state.asked.get(pointing.visit)
    if asked is not None:
        state.asked[pointing.visit] = replace(asked, looked_at=stored.entry.sky_time)


def _measured(state: VetterState, stored: Stored) -> None:
    """Take the depth of an end that is said again: a site measures its images after it has taken them."""
    report = stored.entry.body["report"]
    pointing = state.pointings.get(report["pointing_id"])
    if pointing is None or pointing.looked_at is None or report["state"] not in ENDS:
        return
    look = _look_of(pointing, Ranges.decode(pointing.ranges), stored.entry.body)
    if look is not None and look != pointing.look:
        pointing.look = look
        state.touched.add(pointing.event)


def _look_of(pointing: OfferedPointing, sky: Ranges, body: dict[str, Any]) -> Look | None:
    """Say when and how deep a pointing looked, as the telescope reports it."""
    exposures = [msgspec.convert(e, ExposureResult) for e in (body.get("report") or {}).get("exposures", ())]
    if not exposures:
        return None
    promised = None if pointing.limit_mag_ab is None else pointing.limit_mag_ab - LIMIT_DOUBT_MAG
    reached = body.get("reached_mag_ab")
    if reached is None:
        reached = reached_mag_ab(exposures)
    limit = promised if reached is None else reached
    if limit is None:
        return None
    start, end = min(e.start for e in exposures), max(e.end for e in exposures)
    return Look(pointing.telescope, start, end, exposures[0].filter, limit, sky)


def _detections(state: VetterState, stored: Stored) -> None:
    fact = msgspec.convert(stored.entry.body, DetectionsStored)
    for packet in fact.packets:
        state.packets.pop(packet, None)
    for kept in fact.detections:
        if kept.key in state.detections:
            continue
        state.keep(kept, stored.seq)
        state.touched |= {kept.event} if kept.event is not None else set(state.events)


def _scored(state: VetterState, stored: Stored) -> None:
    fact = msgspec.convert(stored.entry.body, CandidatesScored)
    if stored.seq > state.scored_seq.get(fact.event, 0):
        state.scored[fact.event] = fact
        state.scored_seq[fact.event] = stored.seq
        state.known_seq[fact.event] = int(stored.entry.cause or stored.seq)  # Older entries name no cause.


def _follow_up(state: VetterState, stored: Stored) -> None:
    request = msgspec.convert(stored.entry.body, FollowUpRequested)
    if request.visit not in state.asked:
        state.asked[request.visit] = Asked(request, stored.entry.sky_time)


def _packet(state: VetterState, stored: Stored) -> None:
    """Let a survey's message wait for an event that wants it; of too many the oldest are let go."""
    if stored.seq <= state.packets_seq:
        return
    state.packets_seq = stored.seq
    body = stored.entry.body
    alert = stored.entry.kind == "alert_received"
    packet = packet_of(msgspec.convert(body, Alert) if alert else msgspec.convert(body, Leads))
    if packet is not None:
        state.packets[packet.id] = packet
        if len(state.packets) > MOST_PACKETS:
            del state.packets[next(iter(state.packets))]


def _lineage(state: VetterState, stored: Stored) -> None:
    fact = msgspec.convert(stored.entry.body, CandidatesRegrouped)
    if stored.seq > state.lineage_seq:
        state.lineage_seq = stored.seq
        state.lineage.setdefault(fact.event, []).append(fact)


def _acted(state: VetterState, stored: Stored) -> None:
    fact = msgspec.convert(stored.entry.body, OperatorActed)
    word, event = word_of(fact, stored.entry.sky_time), fact.details.get("event", "")
    if word is None or stored.seq <= state.word_seq:
        return
    state.word_seq = stored.seq
    state.words.setdefault(event, []).append(word)
    state.touched.add(event)


def _follow_up_ended(state: VetterState, stored: Stored) -> None:
    ended = msgspec.convert(stored.entry.body, FollowUpEnded)
    asked = state.asked.get(ended.visit)
    if asked is not None:
        state.asked[ended.visit] = replace(asked, ended_at=stored.entry.sky_time)


def _found(state: VetterState, stored: Stored) -> None:
    fact = msgspec.convert(stored.entry.body, NeighboursFound)
    state.keep_found(fact)
    state.touched.add(fact.event)


_FOLDS: dict[str, Callable[[VetterState, Stored], None]] = {
    "event_revised": _event,
    "event_retracted": _event,
    "alert_received": _packet,
    "circular_received": _packet,
    "pointing_offered": _offered,
    **dict.fromkeys(LOOKED, _looked),
    "pointing_noted": _measured,
    "detections_stored": _detections,
    "candidates_scored": _scored,
    "candidates_merged": _lineage,
    "candidates_split": _lineage,
    "operator_acted": _acted,
    "follow_up_requested": _follow_up,
    "follow_up_ended": _follow_up_ended,
    "neighbours_found": _found,
}
