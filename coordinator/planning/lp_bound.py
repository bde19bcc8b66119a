"""The most that any choice among the candidate fields and slots of a search could be worth, proven.

The integer programme is: choose fields, each at most once and each in a slot in which it may be observed, so that
the sum over cells of the best worth of a chosen field there is largest. Its relaxation lets fields be chosen in
shares. Of the rule that a pointing must own half of its value it keeps what follows for any two fields (lp_conflicts),
and the limit of redundancy (lp_rules); leaving out the rest can only raise the bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from coordinator.planning.lp_conflicts import Conflicts
from coordinator.planning.lp_nights import Nights
from coordinator.planning.lp_offer import Ints, Offer
from coordinator.planning.lp_prices import CLOSE, ROUND, Prices, priced
from coordinator.planning.lp_programme import Programme, programme_of
from coordinator.planning.lp_rules import NO_RULES, Rules
from coordinator.planning.lp_simplex import solved
from telescopes.description.ephemeris import Array

TOLLS = (0.003, 0.01, 0.03, 0.1)
"""Prices of repeats, as shares of what is repeated, that are tried where a programme is too large for simplex."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much work a bound may cost: counted, so that the same question has the same answer.

    Attributes
    ----------
    steps : int
        Steps of first order at most.
    work : float
        Entries of the matrix that these steps may touch at most.
    round_ : int
        Steps after which crowds are looked for.
    simplex_iterations, simplex_rows, simplex_entries : int
        Simplex tries to finish a programme that has no more rows and entries than this.
    """

    steps: int = 400
    work: float = 5e7
    round_: int = ROUND
    simplex_iterations: int = 12_000
    simplex_rows: int = 6_000
    simplex_entries: int = 120_000


THOROUGH = Limits(steps=1_200, work=3e8, round_=100, simplex_entries=140_000)
"""What a proof may cost: on 20,000 fields 400 steps stopped .9 % above the optimum, and 1,200 stop .05 % above it."""


@dataclass(frozen=True, slots=True, eq=False)
class LpBound:
    """The bound, and the choice in shares that comes near it.

    Attributes
    ----------
    value : float
        No choice adds more than this to what is held.
    share : tuple of float64 arrays, shape (fields,), one per telescope
        How much of each field the relaxation chooses, 0 to 1.
    credit : tuple of float64 arrays, shape (fields,), one per telescope
        What the prices credit each field with, less the price of its place: far below 0, it is in no good choice.
    optimal : bool
        Whether the value is the relaxation's optimum, to 1e-4; a bound it is in any case.
    """

    value: float
    share: tuple[Array, ...]
    credit: tuple[Array, ...]
    optimal: bool


def lp_bound(offers: Sequence[Offer], held: Array, limits: Limits | None = None, rules: Rules = NO_RULES) -> LpBound:
    """Bound what fields of these telescopes can add.

    Parameters
    ----------
    offers : one per telescope
    held : float64 array, shape (cells,)
        Value that each cell holds already: a look adds what it is worth above that; infinite where nobody may look.
    limits : Limits, optional
    rules : Rules
        What every plan keeps: the bound holds for plans that do.
    """
    limits = limits or Limits()
    starts = np.cumsum([0, *(len(offer) for offer in offers)])
    if starts[-1] == 0:
        nothing = tuple(np.empty(0) for _ in offers)
        return LpBound(0.0, nothing, nothing, True)
    nights = [Nights.of(offer) for offer in offers]
    conflicts = Conflicts.of(offers, held, rules)
    search = _Steps(nights, starts, conflicts, limits)
    found = search.priced(programme_of(offers, held, nights, conflicts, rules))
    credit = found.programme.credit(found.share, found.price)
    value, chosen, optimal = found.bound, found.chosen, found.close and found.programme.excess(found.chosen) <= CLOSE
    if not optimal and _small(found, limits):
        exact = solved(found.programme, nights, starts, limits.simplex_iterations, conflicts)
        value, optimal = min(value, exact.bound), exact.ended
        chosen = exact.chosen if exact.chosen is not None else chosen
        credit = exact.credit if exact.credit is not None else credit
    elif not optimal and found.programme.excess(chosen) > CLOSE:
        value, chosen = search.with_repeats_priced(found)
    share, credits_ = (tuple(its[a:b] for a, b in pairwise(starts)) for its in (chosen, credit))
    return LpBound(max(0.0, value), share, credits_, optimal)


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """Steps of first order on a programme of these telescopes."""

    nights: list[Nights]
    starts: Ints
    conflicts: Conflicts
    limits: Limits

    def priced(self, programme: Programme) -> Prices:
        steps = int(min(self.limits.steps, self.limits.work / max(1, programme.rows.field.size + programme.most.size)))
        return priced(programme, self.nights, self.starts, steps, self.conflicts, self.limits.round_)

    def with_repeats_priced(self, found: Prices) -> tuple[float, Array]:
        """Try dearer and dearer repeats, until a choice keeps the limit or the bound comes down no more."""
        value, chosen = found.bound, found.chosen
        programme = found.programme
        for toll in TOLLS:
            tried = self.priced(programme.tolled(toll))
            if tried.bound >= value:
                break
            value, chosen = tried.bound, tried.chosen
            if programme.excess(chosen) <= 0.0:
                break
        return value, chosen


def _small(found: Prices, limits: Limits) -> bool:
    rows = found.programme.rows
    return rows.weight.size <= limits.simplex_rows and rows.field.size <= limits.simplex_entries
