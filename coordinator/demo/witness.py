"""What a demonstration sees of the running system: its journal, read while it is written, and its status."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.markup import escape

from coordinator.dashboard.sentences import sentence
from coordinator.demo.recount import Recount
from coordinator.dispatch.facts import PlanMade, PointingOffered, SkyClockSet
from coordinator.events.event import Event
from coordinator.planning.value import Valued
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


@dataclass(frozen=True, slots=True)
class Revised:
    """A revision of an event: when by the machine's UTC and by the sky clock, and whether it brought another sky."""

    at: datetime
    sky_time: datetime
    new_sky: bool


@dataclass
class Witness:
    """The folded journal, and when things happened by the machine's UTC.

    `tell` gets a line (Rich markup) for what matters; `recount` weighs every offer anew; `schedulers` are the epochs
    of the scheduler since each was elected.
    """

    path: Path
    tell: Callable[[str], None]
    recount: Recount
    state: ObservatoryState = field(default_factory=ObservatoryState)
    scored: list[tuple[datetime, CandidatesScored]] = field(default_factory=list)
    offers: list[tuple[datetime, PointingOffered]] = field(default_factory=list)
    plans: list[tuple[datetime, PlanMade]] = field(default_factory=list)
    revised: list[Revised] = field(default_factory=list)
    schedulers: list[tuple[datetime, int]] = field(default_factory=list)
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

    @property
    def objective(self) -> Valued:
        """What the newest offer was weighed by; without any, the probability."""
        return "detection" if self.offers and self.offers[-1][1].objective == "detection" else "probability"

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
        kind, fact = stored.entry.kind, fact_of(stored.entry)
        self._note(stored, fact)
        self.state.apply(stored)
        if kind in TOLD:
            self.tell(escape(f"{stored.entry.sky_time:%m-%d %H:%M:%S} sky  {sentence(stored.entry)}"))

    def _note(self, stored: Stored, fact: object) -> None:
        """Note what the state does not keep; it stands as it was before this entry."""
        at = stored.recorded_at
        match fact:
            case SkyClockSet():
                self.clock = fact
            case PointingOffered():
                self.offers.append((at, fact))
                self.recount.weigh(fact, self.state)
            case PlanMade():
                self.plans.append((at, fact))
            case Event():
                before = self.state.events.get(fact.key)
                new_sky = before is None or before.skymap_sha256 != fact.skymap_sha256
                self.revised.append(Revised(at, stored.entry.sky_time, new_sky))
            case CandidatesScored():
                self.scored.append((stored.entry.sky_time, fact))
        if stored.entry.kind == "writer_elected" and stored.entry.body["role"] == "scheduler":
            self.schedulers.append((at, int(stored.entry.body["epoch"])))
