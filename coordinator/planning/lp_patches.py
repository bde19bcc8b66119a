"""A choice of fields made better patch by patch: what lies in a patch of sky is chosen anew, in whole fields.

The relaxation takes shares of fields that lie across one another, and no way of rounding them is near its value. Of a
hundred fields or two, those that are chosen and those that the relaxation takes in part, branch and bound finds the
best in a tenth of a second, while all others stay as they are. Patches are tried where the choice is furthest
behind the relaxation. As with swaps these are proposals: times are for the search to give.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import highspy
import numpy as np

from coordinator.planning.lp_conflicts import Conflicts
from coordinator.planning.lp_nights import Crowd, Nights
from coordinator.planning.lp_offer import Ints, Mask
from coordinator.planning.lp_programme import Programme
from coordinator.planning.lp_rows import Rows
from coordinator.planning.lp_simplex import add_crowds, limit_repeats, solver_of
from coordinator.planning.lp_whole import in_wholes
from telescopes.description.ephemeris import Array

POOR = 0.08
"""A field that falls short of what the relaxation pays for a place by so much of its value is not tried."""

INNER = 0.6
"""So much of a patch, by its radius, is not the middle of another one."""

LEAST_BETTER = 1e-7


@dataclass(frozen=True, slots=True)
class Effort:
    """How many patches of how many fields, and rows of value at most, are tried, with so many nodes each.

    No other patch is begun after so many iterations of simplex in all.
    """

    patches: int = 16
    fields: int = 60
    rows: int = 1_500
    nodes: int = 1
    gap: float = 3e-4
    rounds: int = 3
    iterations: int = 6_000


QUICKLY = {
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_effort": 0.0,
    "mip_detect_symmetry": False,
    "mip_allow_restart": False,
}
"""A good choice is known and patches are small: without these it comes to the same in half the time."""


@dataclass(slots=True, eq=False)
class Patchwork:
    """A programme, and where its fields are.

    Attributes
    ----------
    programme : Programme
        Conditions that choices are found to break are added to it.
    conflicts : Conflicts
        By rules of which each pointing keeps the share whichever of two comes first.
    vectors : float64 array, shape (fields, 3)
        Centres of the fields.
    """

    programme: Programme
    nights: list[Nights]
    starts: Ints
    conflicts: Conflicts
    vectors: Array
    effort: Effort = field(default_factory=Effort)
    _iterations: int = field(default=0, init=False)

    def improved(self, chosen: Mask, share: Array, credit: Array) -> Mask:
        """Choose anew in one patch after the other.

        Parameters
        ----------
        chosen : bool array, shape (fields,)
        share, credit : float64 arrays, shape (fields,)
            How much of each field the relaxation takes, and what its prices credit it with.
        """
        looks = self.programme.looks.tocsr()
        value = self.programme.value(chosen.astype(np.float64))
        for free in self._patches(chosen, share, credit, looks):
            tried = self._anew(chosen, free, looks)
            worth = -np.inf if tried is None else self.programme.value(tried.astype(np.float64))
            if tried is not None and worth > value + LEAST_BETTER:
                chosen, value = tried, worth
        return chosen

    def _patches(self, chosen: Mask, share: Array, credit: Array, looks: Any) -> Iterator[Ints]:
        """Fields around the places where a choice is furthest behind the relaxation."""
        rows, effort = self.programme.rows, self.effort
        now = chosen.astype(np.float64)
        behind = np.minimum(1.0, looks @ share) - np.minimum(1.0, looks @ now)
        missed = np.round(looks.T @ (rows.weight * behind) + rows.linear * (share - now), 12)
        good = credit >= -POOR * self.conflicts.own
        some = np.flatnonzero(chosen | (good & (self.programme.most > 0)))
        left = np.ones(some.size, bool)
        for _ in range(effort.patches):
            if not left.any() or self._iterations > effort.iterations:
                return
            middle = int(np.where(left, missed[some], -np.inf).argmax())
            cosines = self.vectors[some] @ self.vectors[some[middle]]
            near = np.argsort(-np.round(cosines, 9), kind="stable")[: effort.fields]
            radius = float(np.arccos(np.clip(cosines[near[-1]], -1.0, 1.0)))
            left &= cosines < np.cos(INNER * radius)
            left[middle] = False
            yield np.sort(some[near])

    def _anew(self, chosen: Mask, free: Ints, looks: Any) -> Mask | None:
        """Choose among some fields while the others stay; None: nothing was found that fits."""
        firm = chosen.copy()
        firm[free] = False
        part = self._part(firm, chosen, free, looks)
        if not 0 < part.rows.weight.size <= self.effort.rows:
            return None
        solver = solver_of(part)
        in_wholes(solver, free.size, self.effort.nodes, self.effort.gap)
        for name, value in QUICKLY.items():
            solver.setOptionValue(name, value)
        self._limit(solver, part, firm, chosen, free)
        for _ in range(self.effort.rounds):
            _start_from(solver, part, chosen[free])
            solver.run()
            self._iterations += max(1, solver.getInfo().simplex_iteration_count)
            solution = solver.getSolution()
            if not solution.value_valid:
                return None
            found = firm.copy()
            found[free[np.asarray(solution.col_value, np.float64)[: free.size] > 0.5]] = True
            broken = self._crowded(found, chosen)
            if not broken:
                return found
            self.programme = replace(self.programme, crowds=[*self.programme.crowds, *broken])
            add_crowds(solver, self._room_left(broken, firm, free))
        return None

    def _crowded(self, found: Mask, before: Mask) -> list[Crowd]:
        """Find telescopes of which more is asked than there is time for; others than before the change are not."""
        crowds = []
        for nights, start, end in zip(self.nights, self.starts[:-1], self.starts[1:], strict=True):
            if (found[start:end] & ~before[start:end]).any():
                crowd = nights.crowd(found[start:end].astype(np.float64))
                crowds += [] if crowd is None else [replace(crowd, fields=crowd.fields + start)]
        return crowds

    def _part(self, firm: Mask, chosen: Mask, free: Ints, looks: Any) -> Programme:
        """Write down what is left to choose beside what stays."""
        rows, rules = self.programme.rows, self.conflicts.rules
        mine = looks[:, free]
        open_ = np.flatnonzero((np.diff(mine.indptr) > 0) & (looks @ firm.astype(np.float64) < 0.5))
        mine, weight = mine[open_], rows.weight[open_]
        linear = rows.linear[free]
        enough = linear + mine.T @ weight >= rules.least(self.conflicts.own[free])
        most = np.where(chosen[free], 1.0, self.programme.most[free] * enough)
        crowds = [*self._room_left(self.programme.crowds, firm, free), *self._against(free[most > 0], chosen, free)]
        return Programme(
            Rows(linear, weight, mine.indptr.astype(np.int64), mine.indices.astype(np.int64)), most, crowds
        )

    def _room_left(self, crowds: list[Crowd], firm: Mask, free: Ints) -> list[Crowd]:
        """What conditions leave to some fields, numbered as these; those that cannot be broken are left out."""
        number = np.full(firm.size, -1)
        number[free] = np.arange(free.size)
        left = []
        for crowd in crowds:
            its = number[crowd.fields]
            its, room = its[its >= 0], crowd.room - int(firm[crowd.fields].sum())
            if its.size > room:
                left.append(Crowd(its, max(0, room), crowd.in_nights))
        return left

    def _against(self, some: Ints, chosen: Mask, free: Ints) -> list[Crowd]:
        """Sets of fields of which one would take the other's share if it came first."""
        return [replace(c, fields=np.searchsorted(free, c.fields)) for c in self.conflicts.either(some, chosen)]

    def _limit(self, solver: Any, part: Programme, firm: Mask, chosen: Mask, free: Ints) -> None:
        """Let redundancy be within its limit, or no worse than it was."""
        limit = self.programme.repeats
        if limit is None:
            return
        now, rest = chosen[free].astype(np.float64), firm.astype(np.float64)
        own = self.conflicts.own
        kept = limit.most * self.programme.value(rest) - float(own @ rest)
        was = float(own[free] @ now) - limit.most * part.value(now)
        limit_repeats(solver, part.rows, replace(limit, own=own[free]), max(kept, was))


def _start_from(solver: Any, part: Programme, chosen: Mask) -> None:
    """Hand over the choice that there is."""
    now = chosen.astype(np.float64)
    known = highspy.HighsSolution()
    known.col_value = np.r_[now, np.minimum(1.0, part.looks @ now)].tolist()
    solver.setSolution(known)
