"""What the dispatch rules look at besides the book, taken from the folded state."""

from collections.abc import Container, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.decide import Situation
from coordinator.dispatch.ownership import FOLLOW_UP
from coordinator.events.event import Event
from coordinator.events.policy import purpose_forbids
from coordinator.services.deciding import RETRACT
from coordinator.services.open_events import has_run_out
from coordinator.services.settings import SchedulerSettings
from coordinator.services.state import ObservatoryState
from telescopes.description.clocks import LinkTime
from telescopes.description.states import Reason
from telescopes.description.telescope import Telescope


def situation_of(
    state: ObservatoryState,
    telescopes: Mapping[str, Telescope],
    now: datetime,
    rate: float,
    link_now: LinkTime,
    offered_at: dict[str, LinkTime],
    settings: SchedulerSettings,
) -> Situation:
    """Say who is retracted, forbidden, cut off or closed now; `rate` is the sky clock's."""
    states = {t: state.telescope(t) for t in telescopes}
    held = list(state.pointings.live())
    pairs = {(a.key[0], a.telescope) for a in held}
    forbidden = {pair for pair in pairs if _is_forbidden(*pair, state, telescopes)}
    unwanted = {(event, telescope) for event, telescope in pairs if event in state.telescope(telescope).vetoed}
    return Situation(
        now=now,
        link_now=link_now,
        retracted=frozenset({*(e.key for e in state.events.values() if e.retracted), *_retracted_by_hand(state)}),
        forbidden=_ids_of(held, forbidden),
        cut_off=frozenset(t for t, s in states.items() if s.link != "up"),
        closed={
            t: Reason.VETOED_BY_OPERATOR if s.paused_because else (s.blocking_reasons or (Reason.UNSAFE,))[0]
            for t, s in states.items()
            if s.link == "up" and s.closed_because is not None
        },
        offered_at=offered_at,
        report_grace=timedelta(seconds=settings.report_grace_s * rate),
        answer_grace_s=settings.answer_grace_s,
        closings={t: s.closings for t, s in states.items() if s.closings},
        unwanted=_ids_of(held, unwanted),
        left_out=frozenset(a.id for a in held if _is_left_out(a, state)),
    )


def _ids_of(held: Iterable[Assignment], pairs: AbstractSet[tuple[str, str]]) -> frozenset[str]:
    """Ids of pointings of these events by these telescopes; mostly there are none."""
    return frozenset(a.id for a in held if (a.key[0], a.telescope) in pairs) if pairs else frozenset()


def _is_forbidden(key: str, its: str, state: ObservatoryState, telescopes: Mapping[str, Telescope]) -> bool:
    event, telescope = state.events.get(key), telescopes.get(its)
    if event is None or event.retracted or telescope is None:
        return False
    return purpose_forbids(event, telescope.policy.accepts) is not None


def _retracted_by_hand(state: ObservatoryState) -> set[str]:
    return {key for key, said in state.verdicts.items() if said.action == RETRACT}


def _is_left_out(one: Assignment, state: ObservatoryState) -> bool:
    """Say whether people's limits on the search of its event forbid it; what was asked for by name is no search."""
    event, visit = one.key
    return (
        event in state.limits
        and not visit.startswith(FOLLOW_UP)
        and state.limits_on(event).forbids(one.telescope, one.offered.planned_end)
    )


def run_out(state: ObservatoryState, now: datetime, after: timedelta) -> list[Assignment]:
    """Open pointings of what is over.

    Events that ran out, are taken for none, are searched as another, or not followed any more; looks that nobody asks
    for any more.
    """
    over = {e.key for e in state.events.values() if _is_over(e, state) or has_run_out(e, state, now, after)}
    asked = state.looks_asked_for()
    return [a for a in state.pointings.live() if a.key[0] in over or _is_asked_no_more(a, asked)]


def _is_asked_no_more(one: Assignment, asked: Container[str]) -> bool:
    return one.key[1].startswith(FOLLOW_UP) and one.key[1] not in asked


def _is_over(event: Event, state: ObservatoryState) -> bool:
    return event.closed is not None or event.searched_as is not None or not state.followed(event.key)
