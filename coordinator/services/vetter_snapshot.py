"""What the vetter knows as a snapshot; odds in it are the journal's, and are made again from what was seen."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from coordinator.events.event import Event
from coordinator.services.snapshot import opened, seal
from coordinator.services.vetter_state import OfferedPointing, VetterState
from coordinator.sky.ranges import Ranges
from coordinator.vetting.facts import (
    CandidatesRegrouped,
    CandidatesScored,
    NeighboursFound,
    PersonsWord,
    StoredDetection,
)
from coordinator.vetting.follow_up import Asked
from coordinator.vetting.looks import Look
from coordinator.vetting.surveys import SurveyPacket

VERSION = 3


@dataclass(frozen=True, slots=True)
class PointingRecord:
    """A pointing, and when and how deep it looked; its sky lies with the pointing."""

    pointing: OfferedPointing
    start: datetime | None = None
    end: datetime | None = None
    filter: str = ""
    limit_mag_ab: float | None = None


@dataclass(frozen=True, slots=True)
class VetterSnapshot:
    """The vetter's state after `seq`."""

    seq: int
    events: dict[str, Event]
    pointings: dict[str, PointingRecord]
    detections: list[tuple[int, StoredDetection]]
    scored: dict[str, CandidatesScored]
    scored_seq: dict[str, int]
    asked: dict[str, Asked]
    searched_sky: dict[str, str]
    lineage: dict[str, list[CandidatesRegrouped]]
    lineage_seq: int
    words: dict[str, list[PersonsWord]]
    word_seq: int
    packets: list[SurveyPacket]
    packets_seq: int
    found: list[NeighboursFound] = field(default_factory=list)
    known_seq: dict[str, int] = field(default_factory=dict)


def write_vetter(state: VetterState, journal_id: str) -> bytes:
    """Write the vetter's state down."""
    shot = VetterSnapshot(
        seq=state.applied_seq,
        events=state.events,
        pointings={i: _record(p) for i, p in state.pointings.items()},
        detections=[(state.kept_seq[key], one) for key, one in state.detections.items()],
        scored=state.scored,
        scored_seq=state.scored_seq,
        known_seq=state.known_seq,
        asked=state.asked,
        searched_sky={key: sky.encode() for key, sky in state.searched_sky.items()},
        lineage=state.lineage,
        lineage_seq=state.lineage_seq,
        words=state.words,
        word_seq=state.word_seq,
        packets=list(state.packets.values()),
        packets_seq=state.packets_seq,
        found=[fact for its in state.found.values() for fact in its.values()],
    )
    return seal(msgspec.json.encode(shot), version=VERSION, journal_id=journal_id, seq=shot.seq)


def read_vetter(data: bytes, journal_id: str | None) -> VetterState:
    """Read the vetter's state again; Broken if it is not what was written, or of another version or journal."""
    shot = opened(data, VetterSnapshot, version=VERSION, journal_id=journal_id)
    state = VetterState(
        applied_seq=shot.seq,
        events=shot.events,
        pointings={i: _pointing(r) for i, r in shot.pointings.items()},
        scored=shot.scored,
        scored_seq=shot.scored_seq,
        known_seq=shot.known_seq,
        asked=shot.asked,
        searched_sky={key: Ranges.decode(text) for key, text in shot.searched_sky.items()},
        lineage=shot.lineage,
        lineage_seq=shot.lineage_seq,
        words=shot.words,
        word_seq=shot.word_seq,
        packets={packet.id: packet for packet in shot.packets},
        packets_seq=shot.packets_seq,
    )
    for seq, kept in shot.detections:
        state.keep(kept, seq)
    for fact in shot.found:
        state.keep_found(fact)
    return state


def _record(pointing: OfferedPointing) -> PointingRecord:
    look, bare = pointing.look, replace(pointing, look=None)
    if look is None:
        return PointingRecord(bare)
    return PointingRecord(bare, look.start, look.end, look.filter, look.limit_mag_ab)


def _pointing(record: PointingRecord) -> OfferedPointing:
    if record.start is None or record.end is None or record.limit_mag_ab is None:
        return record.pointing
    sky = Ranges.decode(record.pointing.ranges)
    look = Look(record.pointing.telescope, record.start, record.end, record.filter, record.limit_mag_ab, sky)
    return replace(record.pointing, look=look)
