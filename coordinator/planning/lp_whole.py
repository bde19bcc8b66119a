"""The programme of a small search with whole fields: which ones to choose together, by branch and bound.

Where a handful of telescopes have a handful of slots each, a greedy choice and the relaxation that guides it may both
sit far from the optimum, and the integer programme is solved in a tenth of a second (docs/decisions/0050). Its choice
is a proposal, as swaps are: whether each pointing owns its half in order of start is for the search to check.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import highspy
import numpy as np

from coordinator.planning.lp_conflicts import Conflicts
from coordinator.planning.lp_nights import Nights
from coordinator.planning.lp_offer import Ints, Offer
from coordinator.planning.lp_prices import crowds_in
from coordinator.planning.lp_programme import programme_of
from coordinator.planning.lp_rules import Rules
from coordinator.planning.lp_simplex import add_crowds, solver_of
from telescopes.description.ephemeris import Array

MOST_ROWS, MOST_FIELDS = 3_000, 200
"""Larger programmes are left to the relaxation: 183 fields took .03 s, 225 .3 s and 294 8 s, of half an hour with 3 to
20 telescopes."""

MOST_NODES = 50
"""Work is counted in nodes, so that the same question has the same answer."""

MOST_ROUNDS = 10
MIP_GAP = 1e-4
"""Share of its value by which a choice may miss the best one."""


def whole_fields(offers: Sequence[Offer], held: Array, rules: Rules) -> list[Ints] | None:
    """Choose whole fields that are worth most together and fit into the nights, as far as the programme knows.

    Parameters
    ----------
    offers : one per telescope
    held : float64 array, shape (cells,)
        Value that each cell holds already; infinite where nobody may look.
    rules : Rules
        What every plan keeps.

    Returns
    -------
    list of int64 arrays, one per telescope, or None
        Fields chosen; None: the programme is large, or no choice was found.
    """
    starts = np.cumsum([0, *(len(offer) for offer in offers)])
    if not 0 < starts[-1] <= MOST_FIELDS:
        return None
    nights = [Nights.of(offer) for offer in offers]
    conflicts = Conflicts.of(offers, held, rules)
    programme = programme_of(offers, held, nights, conflicts, rules)
    if programme.rows.weight.size > MOST_ROWS:
        return None
    solver = solver_of(programme)
    in_wholes(solver, int(starts[-1]), MOST_NODES, MIP_GAP)
    for _ in range(MOST_ROUNDS):
        chosen = _best(solver, int(starts[-1]))
        if chosen is None:
            return None
        broken = crowds_in(chosen, nights, starts, conflicts)
        if not broken:
            return [np.flatnonzero(chosen[a:b] > 0.5) for a, b in pairwise(starts)]
        add_crowds(solver, broken)
    return None


def in_wholes(solver: Any, fields: int, nodes: int, gap: float) -> None:
    """Let no field be chosen in part; rows follow from the fields. Nodes, and the share that may be missed, are few."""
    solver.setOptionValue("solver", "choose")
    solver.setOptionValue("mip_max_nodes", nodes)
    solver.setOptionValue("mip_rel_gap", gap)
    every = np.arange(fields, dtype=np.int32)
    solver.changeColsIntegrality(fields, every, np.full(fields, highspy.HighsVarType.kInteger))


def _best(solver: Any, fields: int) -> Array | None:
    solver.run()
    solution = solver.getSolution()
    if not solution.value_valid:
        return None
    return np.round(np.asarray(solution.col_value, np.float64)[:fields])
