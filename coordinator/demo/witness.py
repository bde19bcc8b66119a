"""What a demonstration sees of the running system: its journal, read while it is written, and its status."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from coordinator.dashboard.sentences import sentence
from coordinator.dispatch.facts import PointingOffered, SkyClockSet
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.services.state import ObservatoryState
from coordinator.store.journal_file import JournalFile
from coordinator.vetting.facts import CandidatesScored

TOLD = frozenset(
    {
        "event_revised",
        "plan_made",
        "pointing_revocation_requested",
        "pointing_completed",
        "pointing_partial",
        "pointing_expired",
        "telescope_status_changed",
        "follow_up_requested",
        "sky_clock_set",
        "writer_elected",
    }
)
"""Kinds of entries that are worth a line while it runs."""


@dataclass
class Witness:
    """The folded journal, and when things happened by the machine's UTC; `tell` gets a line for what matters."""

    path: Path
    tell: Callable[[str], None]
    state: ObservatoryState = field(default_factory=ObservatoryState)
    recorded: dict[str, datetime] = field(default_factory=dict)
    scored: list[tuple[datetime, CandidatesScored]] = field(default_factory=list)
    offers: list[tuple[datetime, PointingOffered]] = field(default_factory=list)
    clock: SkyClockSet | None = None
    _file: JournalFile | None = None

    def look(self) -> None:
        """Fold what is new."""
        if self._file is None:
            if not self.path.exists():
                return
            self._file = JournalFile.for_reading(self.path)
        while True:
            tail = self._file.read(self.state.applied_seq)
            for stored in tail.entries:
                self._take(stored)
            if not tail.entries:
                return

    def sky_now(self, utc: datetime) -> datetime | None:
        """Sky time at an instant of the machine; None: the sky has not begun."""
        if self.clock is None:
            return None
        return self.clock.sky_time + (utc - self.clock.machine_utc) * self.clock.rate

    def close(self) -> None:
        """Close the journal."""
        if self._file is not None:
            self._file.close()

    def _take(self, stored: Stored) -> None:
        self.state.apply(stored)
        kind, fact = stored.entry.kind, fact_of(stored.entry)
        self.recorded.setdefault(kind, stored.recorded_at)
        match fact:
            case SkyClockSet():
                self.clock = fact
            case PointingOffered():
                self.offers.append((stored.recorded_at, fact))
            case CandidatesScored():
                self.scored.append((stored.entry.sky_time, fact))
        if kind in TOLD:
            self.tell(f"{stored.entry.sky_time:%m-%d %H:%M:%S} sky  {sentence(stored.entry)}")
