"""The laws, checked on a journal entry by entry: what must hold after every event of every run."""

from collections.abc import Callable, Iterable, Iterator

from coordinator.dispatch.facts import PointingMoved, PointingOffered
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.services.state import ObservatoryState
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.states import may_move

HALF = 0.5 - 1e-9
Sky = Callable[[str], ProbabilityCurve]


def broken_laws(journal: Iterable[Stored], sky: Sky) -> Iterator[str]:
    """Fold a journal and yield a sentence for every law that an entry breaks.

    Parameters
    ----------
    journal
        All entries from the first.
    sky
        Finds a sky map's curve by its sha256.
    """
    state = ObservatoryState()
    reports: set[str] = set()
    expected = 1
    for stored in journal:
        if stored.seq != expected:
            yield f"seq {stored.seq} follows {expected - 1}"
        expected = stored.seq + 1
        fact = fact_of(stored.entry)
        if isinstance(fact, PointingOffered):
            yield from _offer(state, fact, sky)
        elif isinstance(fact, PointingMoved):
            yield from _move(state, fact)
            if fact.report is not None and fact.report.report_id in reports:
                yield f"report {fact.report.report_id} is in the journal twice"
            reports |= {fact.report.report_id} if fact.report else set()
        state.apply(stored)


def _offer(state: ObservatoryState, fact: PointingOffered, sky: Sky) -> Iterator[str]:
    pointing = fact.pointing
    event = state.events.get(pointing.event_id)
    if event is None or event.retracted:
        yield f"{pointing.pointing_id} is offered for {pointing.event_id}, which is not open"
        return
    for held in state.pointings.live(telescope=pointing.telescope_id):
        if pointing.planned_start < held.busy_until and held.busy_from < fact.planned_end:
            yield f"{pointing.telescope_id} holds {held.id} and {pointing.pointing_id} at the same time"
    taken = state.pointings.taken(pointing.event_id, pointing.visit)
    mine, curve = Ranges.decode(fact.ranges), sky(event.skymap_sha256 or "")
    value, new = curve.probability(mine), curve.probability(mine.minus(taken))
    if new < HALF * value:
        yield f"{pointing.pointing_id} is a duplicate: {new:.4f} of {value:.4f} is new"


def _move(state: ObservatoryState, fact: PointingMoved) -> Iterator[str]:
    mine = state.pointings.assignments.get(fact.pointing_id)
    if mine is None:
        yield f"{fact.pointing_id} moved and was never offered"
    elif not may_move(mine.state, fact.to):
        yield f"{fact.pointing_id} went from {mine.state} to {fact.to}"
