"""Prices for a linear programme of any size, by steps of first order: near the optimum after a few hundred.

The method is the primal-dual hybrid gradient of Chambolle and Pock (2011) with the diagonal steps of Pock and
Chambolle (2011). On large maps it comes within a few thousandths of the optimum in a fiftieth of the time of
simplex or interior point (docs/benchmarks.md); what its prices prove holds wherever it stops.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coordinator.planning.lp_conflicts import Conflicts
from coordinator.planning.lp_nights import Crowd, Nights
from coordinator.planning.lp_offer import Ints
from coordinator.planning.lp_programme import Programme
from telescopes.description.ephemeris import Array

WEIGHT = 1.0
"""How much longer the steps of the prices are than those of the choice; measured: 0.3 to 10 do nearly as well."""

ROUND = 40
"""After so many steps crowds are looked for and prices tried, unless it is said otherwise."""

CLOSE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """The best bound found, what proves it, and the choice that the steps have come to.

    `programme` has the crowds that were found on the way; `close` says that the choice is worth nearly the bound.
    """

    programme: Programme
    bound: float
    share: Array
    price: Array
    chosen: Array
    steps: int
    close: bool


@dataclass(slots=True, eq=False)
class _State:
    chosen: Array
    share: Array
    price: Array


@dataclass(frozen=True, slots=True, eq=False)
class _Stepper:
    """The programme in matrices, and the length of each unknown's steps."""

    programme: Programme
    looks: Any
    looks_t: Any
    crowded: Any
    crowded_t: Any
    room: Array
    choice_step: Array
    share_step: Array
    price_step: Array

    @classmethod
    def of(cls, programme: Programme) -> "_Stepper":
        rows, looks, crowded = programme.rows, programme.looks, programme.crowded
        looks_t, crowded_t = looks.T.tocsr(), crowded.T.tocsr()
        whole = rows.linear + looks_t @ rows.weight
        many = np.maximum(1.0, np.diff(crowded.indptr))
        scale = (crowded @ whole) / many  # a price is of the size of a field's value
        reach = looks_t @ rows.weight + crowded_t @ scale
        return cls(
            programme,
            looks,
            looks_t,
            crowded,
            crowded_t,
            programme.room,
            1.0 / (WEIGHT * np.maximum(reach, 1e-30)),
            WEIGHT / np.maximum(1.0, np.diff(looks.indptr)),
            WEIGHT * scale / many,
        )

    def credit(self, at: _State) -> Array:
        """What the fields are credited with, less what their places cost."""
        rows = self.programme.rows
        return np.asarray(rows.linear + self.looks_t @ (rows.weight * at.share) - self.crowded_t @ at.price)

    def walk(self, at: _State, steps: int) -> _State:
        """Take steps; return the choice and the prices, averaged over them."""
        total = _State(np.zeros_like(at.chosen), np.zeros_like(at.share), np.zeros_like(at.price))
        for _ in range(steps):
            before = at.chosen
            at.chosen = np.clip(before + self.choice_step * self.credit(at), 0.0, self.programme.most)
            ahead = 2.0 * at.chosen - before
            at.share = np.clip(at.share - self.share_step * (self.looks @ ahead - 1.0), 0.0, 1.0)
            at.price = np.maximum(0.0, at.price + self.price_step * (self.crowded @ ahead - self.room))
            total.chosen += at.chosen
            total.share += at.share
            total.price += at.price
        return _State(*(sums / max(1, steps) for sums in (total.chosen, total.share, total.price)))


def priced(
    programme: Programme,
    nights: list[Nights],
    starts: Ints,
    steps: int,
    conflicts: Conflicts | None = None,
    round_: int = ROUND,
) -> Prices:
    """Find prices, and the crowds that matter.

    Parameters
    ----------
    programme : Programme
    nights : telescopes
    starts : int64 array, shape (telescopes + 1,)
        Number of each telescope's first field.
    steps : int
        How many steps to take at most.
    conflicts : Conflicts, optional
        Where to look for fields of which one at most may be chosen.
    round_ : int
        After so many steps crowds are looked for and prices tried: on large programmes that takes as long as a hundred
        steps.
    """
    at = _State(np.zeros_like(programme.most), np.ones_like(programme.rows.weight), np.zeros(len(programme.crowds)))
    free = np.zeros_like(programme.rows.weight)  # what all fields together are worth bounds any choice
    best = Prices(programme, programme.proven(free, at.price), free, at.price, at.chosen, 0, False)
    done = 0
    while done < steps and not best.close:
        stepper, turn = _Stepper.of(programme), min(round_, steps - done)
        mean = stepper.walk(at, turn)
        done += turn
        for tried in (at, mean):  # the mean lags behind at first, and is nearer where prices swing about the best
            bound = programme.proven(tried.share, tried.price)
            if bound < best.bound:
                best = Prices(programme, bound, tried.share, tried.price, mean.chosen, done, False)
        found = crowds_in(mean.chosen, nights, starts, conflicts)
        near = not found and _is_close(stepper, mean.chosen, best.bound)
        best = replace(best, chosen=mean.chosen, steps=done, close=near)
        programme = replace(programme, crowds=[*programme.crowds, *found])
        at.price = np.r_[at.price, np.zeros(len(found))]
    price = np.r_[best.price, np.zeros(programme.room.size - best.price.size)]
    fitted = programme.best_fit(best.share, price, nights, starts)
    return replace(best, programme=programme, price=price, bound=min(best.bound, fitted))


def crowds_in(chosen: Array, nights: list[Nights], starts: Ints, conflicts: Conflicts | None = None) -> list[Crowd]:
    """Find the most crowded set of each telescope, and conflicts, fields numbered through all telescopes."""
    found = [] if conflicts is None else conflicts.cliques(chosen)
    for k, mine in enumerate(nights):
        crowd = mine.crowd(chosen[starts[k] : starts[k + 1]])
        if crowd is not None:
            found.append(replace(crowd, fields=crowd.fields + starts[k]))
    return found


def _is_close(stepper: _Stepper, chosen: Array, bound: float) -> bool:
    """Say whether the choice, made to fit, is worth nearly as much as the bound."""
    held = stepper.crowded @ chosen
    worst = float((held / np.maximum(stepper.room, 1e-9)).max(initial=1.0))
    return stepper.programme.value(chosen / worst) >= (1.0 - CLOSE) * bound
