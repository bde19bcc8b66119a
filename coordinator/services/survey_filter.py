"""A survey's stream before the journal: of millions of detections a night, those that an event may be waiting for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from coordinator.alerts.avro import SchemaSource
from coordinator.alerts.survey_header import DetectionHeader, Packet, header_of, packet_of
from coordinator.alerts.survey_rules import ContentRules, Dropped, dropped_for
from coordinator.events.survey_watch import Watch, placed
from telescopes.description.errors import Refused

UNREADABLE = "cannot be read"
PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that passed, and the events that it may belong to."""

    raw: bytes
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that nobody can judge: for the quarantine, with the reason."""

    raw: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Sifted:
    """What became of a batch; every message of it is in exactly one of the three."""

    wanted: tuple[Wanted, ...]
    unreadable: tuple[Unreadable, ...]
    dropped: dict[Dropped, int]


@dataclass
class SurveyFilter:
    """Keeps what is on an active event's sky in its time, then what is worth it by its content.

    It reads only the front of a packet to say where and when, and the whole of those that are left. It waits for
    nothing and is all work: run it beside the loop that listens.

    Attributes
    ----------
    watches : sequence of Watch
        The sky and time of the active events; put new ones in whenever they change. None: nothing passes.
    rules : ContentRules
        What a detection must be.
    schemas : mapping or callable, optional
        Schemas by id, for streams that only name theirs.
    counts : Counter
        How many messages passed, could not be read, or were dropped and why, since the start.
    """

    watches: Sequence[Watch] = ()
    rules: ContentRules = field(default_factory=ContentRules)
    schemas: SchemaSource | None = None
    counts: Counter[str] = field(default_factory=Counter)

    def sift(self, batch: Sequence[bytes]) -> Sifted:
        """Say what becomes of some messages."""
        unreadable: list[Unreadable] = []
        fronts = [front for raw in batch if (front := self._front(raw, unreadable)) is not None]
        wanted: list[Wanted] = []
        dropped: Counter[Dropped] = Counter()
        verdicts = placed([header for _, _, header in fronts], self.watches)
        for (raw, packet, header), verdict in zip(fronts, verdicts, strict=True):
            match verdict if isinstance(verdict, Dropped) else self._judge(packet, header):
                case Dropped() as reason:
                    dropped[reason] += 1
                case Refused() as refusal:
                    unreadable.append(Unreadable(raw, refusal.what))
                case None:
                    wanted.append(Wanted(raw, tuple(verdict)))
        self.counts.update({PASSED: len(wanted), UNREADABLE: len(unreadable)})
        self.counts.update({reason.value: count for reason, count in dropped.items()})
        return Sifted(tuple(wanted), tuple(unreadable), dict(dropped))

    def _front(self, raw: bytes, unreadable: list[Unreadable]) -> tuple[bytes, Packet, DetectionHeader] | None:
        try:
            packet = packet_of(raw, self.schemas)
            return raw, packet, packet.header()
        except Refused as refusal:
            unreadable.append(Unreadable(raw, refusal.what))
            return None

    def _judge(self, packet: Packet, header: DetectionHeader) -> Dropped | Refused | None:
        """Judge a packet by its front; where that lets it pass, by the whole, which knows its history."""
        try:
            return dropped_for(header, self.rules) or dropped_for(header_of(packet.record()), self.rules)
        except Refused as refusal:
            return refusal
