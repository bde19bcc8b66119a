"""A search proven against the linear programme of its own candidates and slots, and guided by it."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from coordinator.planning.count import HALF
from coordinator.planning.lp_bound import THOROUGH, Limits, LpBound, lp_bound
from coordinator.planning.lp_conflicts import Conflicts
from coordinator.planning.lp_guide import FLOORS, guiding_weights
from coordinator.planning.lp_nights import Nights
from coordinator.planning.lp_offer import Ints
from coordinator.planning.lp_patches import Patchwork
from coordinator.planning.lp_programme import programme_of
from coordinator.planning.lp_rules import Rules
from coordinator.planning.lp_whole import whole_fields
from coordinator.planning.overlap import most_redundancy
from coordinator.planning.search import chosen_again, chosen_anew, chosen_whole, with_own_bars
from coordinator.planning.search_state import HALF_AND_MARGIN, Search

PATCH_TURNS = 2


@dataclass(frozen=True, slots=True)
class Proof:
    """What the search's own candidates could add at most, and what it adds, both on its cells."""

    most: float
    added: float

    @property
    def ratio(self) -> float:
        """Share of the most that could be added; 1 where nothing could."""
        return self.added / self.most if self.most > 0 else 1.0


def proof_of(state: Search) -> Proof:
    """Bound what the candidates of a search could add."""
    return Proof(_bound(state, THOROUGH).value, state.covered)


def relaxed(state: Search) -> LpBound:
    """Solve the relaxation of a search's candidates well enough to be guided by it."""
    return _bound(state)


def guided(state: Search, bound: LpBound) -> list[Search]:
    """Choose again among the candidates of a search, guided by its relaxation and, if it is small, by whole fields."""
    found = [chosen_again(state, guiding_weights(bound, floor)) for floor in FLOORS]
    whole = whole_fields(state.offers(), np.asarray(state.start.held), rules_of(state))
    return found if whole is None else [*found, chosen_whole(state, whole)]


def patched(state: Search, bound: LpBound) -> list[Search]:
    """Choose anew in patches of sky, and again after times have shown which fields find none.

    Parameters
    ----------
    state : Search
        One that has the candidates of the relaxation, and perhaps more behind them.
    bound : LpBound
    """
    found: list[Search] = []
    state = with_own_bars(state, all_bars=True)
    for _ in range(PATCH_TURNS):
        if any(bench.guide is not None for bench in state.benches):
            break  # the programme knows nothing of fields that are chosen by galaxies
        made = chosen_anew(state, _in_patches(state, bound))
        found += made
        state = max(made, key=lambda one: round(one.covered, 9))
    return found


def _in_patches(state: Search, bound: LpBound) -> list[Ints]:
    """Fields that are chosen, by telescope, after every patch had its turn."""
    offers, held, rules = state.offers(usable=True), np.asarray(state.start.held), rules_of(state)
    starts = np.cumsum([0, *(len(offer) for offer in offers)])
    nights = [Nights.of(offer) for offer in offers]
    conflicts = Conflicts.of(offers, held, replace(rules, share=HALF_AND_MARGIN))
    programme = programme_of(offers, held, nights, conflicts, rules)
    vectors = np.concatenate([bench.fields.vectors for bench in state.benches])
    chosen = np.zeros(starts[-1], bool)
    for bench, start in zip(state.benches, starts[:-1], strict=True):
        chosen[start + np.array(bench.placed(), np.int64)] = True
    share, credit = (
        np.concatenate([np.r_[its, np.zeros(len(o) - its.size)] for o, its in zip(offers, all_its, strict=True)])
        for all_its in (bound.share, bound.credit)
    )
    chosen = Patchwork(programme, nights, starts, conflicts, vectors).improved(chosen, share, credit)
    return [np.flatnonzero(chosen[a:b]) for a, b in pairwise(starts)]


def rules_of(state: Search) -> Rules:
    """Say what every plan of a search keeps: `settle` sees to it.

    Of its own value a pointing owns a half by law; that the search asks for a little more is not held against others.
    """
    firm = state.task.tally.own > 0  # pointings from the plan before keep no limit
    return Rules(HALF, state.least_gain, np.inf if firm else most_redundancy(state))


def _bound(state: Search, limits: Limits | None = None) -> LpBound:
    return lp_bound(state.offers(), np.asarray(state.start.held), limits, rules_of(state))
