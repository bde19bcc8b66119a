"""Whether a night kept the laws: the journal entry by entry, then what the sites were told and what they still hold."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from coordinator.dispatch.facts import PointingMoved, PointingNoted
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.services.state import ObservatoryState
from coordinator.simulation.laws import broken_laws
from coordinator.simulation.world.counterpart import Injected
from coordinator.sky.curve import ProbabilityCurve
from coordinator.vetting.facts import DetectionsStored, ScoredCandidate
from telescopes.description.errors import ArmillaryError, Refused
from telescopes.description.geometry import separation_deg, unit_vectors
from telescopes.description.telescope import Telescope

SAME_PLACE_DEG = 5.0 / 3600.0
CLOCK_REASONS = frozenset({"CLOCK_WRONG", "SKY_CLOCK_REFUSED"})
"""What agents end by on a machine whose clock is wrong when they begin."""


@dataclass(frozen=True, slots=True)
class Closing:
    """What is left when a night has ended; `acknowledged` are items of which the sites were told that they are kept.

    `scheduler_hash` is that of the state which the scheduler works with; None: there is no scheduler. `injected` None:
    nothing shines. Not `watched`: the journal is not held against the laws. `ended`: why agents
    ended by themselves that had no reason to.
    """

    entries: tuple[Stored, ...]
    sky: Callable[[str], ProbabilityCurve]
    telescopes: tuple[Telescope, ...]
    injected: Injected | None
    acknowledged: frozenset[str]
    open_at_sites: frozenset[str]
    scheduler_hash: str | None
    detections_sent: int
    unsent: int
    refused: tuple[tuple[str, int, str], ...]
    plans: int
    planning_cpu_s: float
    blobs: Mapping[str, bytes]
    watched: bool = True
    ended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NightResult:
    """What came out of a night.

    Attributes
    ----------
    entries, state, state_hash
        The journal, what it folds to, and the hash of that.
    broken : tuple of str
        A sentence for every law that was broken.
    detections_sent, detections_stored : int
        What the agents ever had to send, and what the journal holds.
    unsent : int
        Reports and detections that still wait at the sites.
    refused : tuple of (item, code, reason)
        What the coordinator would not take.
    plans, planning_cpu_s
        How many plans were made, and what they cost.
    blobs : mapping
        By sha256 what the journal names: maps, plans, tables.
    """

    entries: tuple[Stored, ...]
    state: ObservatoryState
    state_hash: str
    broken: tuple[str, ...]
    injected: Injected | None
    detections_sent: int
    detections_stored: int
    unsent: int
    refused: tuple[tuple[str, int, str], ...]
    plans: int
    planning_cpu_s: float
    blobs: Mapping[str, bytes]

    def candidates(self, event: str) -> tuple[ScoredCandidate, ...]:
        """Candidates of an event, best first."""
        scored = self.state.candidates.get(event)
        return scored.candidates if scored else ()

    def rank(self, event: str) -> int | None:
        """Rank of the injected source among them, from 1; None: it was not found."""
        if self.injected is None:
            return None
        there = unit_vectors(self.injected.ra_deg, self.injected.dec_deg)
        for n, one in enumerate(self.candidates(event), start=1):
            if float(separation_deg(unit_vectors(one.ra_deg, one.dec_deg), there)) < SAME_PLACE_DEG:
                return n
        return None


def is_of_a_wrong_clock(failure: ArmillaryError) -> bool:
    """Say whether an agent ended because its machine's clock was wrong."""
    return isinstance(failure, Refused) and failure.reason in CLOCK_REASONS


def closed(closing: Closing) -> NightResult:
    """Fold the journal, and hold it against the laws."""
    state = ObservatoryState()
    for stored in closing.entries:
        state.apply(stored)
    network = {t.id: t for t in closing.telescopes}
    laws = broken_laws(closing.entries, cache(closing.sky), network) if closing.watched else ()
    return NightResult(
        entries=closing.entries,
        state=state,
        state_hash=state.hash(),
        broken=(*laws, *_broken_promises(closing, state)),
        injected=closing.injected,
        detections_sent=closing.detections_sent,
        detections_stored=state.detections,
        unsent=closing.unsent,
        refused=closing.refused,
        plans=closing.plans,
        planning_cpu_s=closing.planning_cpu_s,
        blobs=closing.blobs,
    )


def _broken_promises(closing: Closing, state: ObservatoryState) -> Iterator[str]:
    kept: set[str] = set()
    for stored in closing.entries:
        kept |= _items(fact_of(stored.entry))
    for lost in sorted(closing.acknowledged - kept):
        yield f"{lost} was acknowledged and is not in the journal"
    if closing.scheduler_hash != state.hash():
        yield "the scheduler's state is not what the journal folds to"
    yield from (f"an agent ended by itself: {said}" for said in closing.ended)
    open_here = {a.id for a in state.pointings.live()}
    for one in sorted(open_here ^ closing.open_at_sites):
        yield f"{one} is open at {'the coordinator' if one in open_here else 'its site'} alone when the night has ended"


def _items(fact: object) -> set[str]:
    """Ids of the reports and detections that an entry keeps."""
    match fact:
        case PointingMoved() | PointingNoted():
            return {fact.report.report_id} if fact.report else set()
        case DetectionsStored():
            return {d.detection.detection_id for d in fact.detections}
    return set()
