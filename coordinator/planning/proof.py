"""A search proven against the linear programme of its own candidates and slots, and guided by it."""

from dataclasses import dataclass

import numpy as np

from coordinator.planning.count import HALF
from coordinator.planning.lp_bound import LpBound, lp_bound
from coordinator.planning.lp_guide import FLOORS, guiding_weights
from coordinator.planning.lp_rules import Rules
from coordinator.planning.lp_whole import whole_fields
from coordinator.planning.overlap import most_redundancy
from coordinator.planning.search import chosen_again, chosen_whole
from coordinator.planning.search_state import Search


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
    return Proof(_bound(state).value, state.covered)


def guided(state: Search) -> list[Search]:
    """Choose again among the candidates of a search, guided by its relaxation and, if it is small, by whole fields."""
    bound = _bound(state)
    found = [chosen_again(state, guiding_weights(bound, floor)) for floor in FLOORS]
    whole = whole_fields(state.offers(), np.asarray(state.start.held), rules_of(state))
    return found if whole is None else [*found, chosen_whole(state, whole)]


def rules_of(state: Search) -> Rules:
    """Say what every plan of a search keeps: `settle` sees to it.

    Of its own value a pointing owns a half by law; that the search asks for a little more is not held against others.
    """
    firm = state.task.tally.own > 0  # pointings from the plan before keep no limit
    return Rules(HALF, state.least_gain, np.inf if firm else most_redundancy(state))


def _bound(state: Search) -> LpBound:
    return lp_bound(state.offers(), np.asarray(state.start.held), rules=rules_of(state))
