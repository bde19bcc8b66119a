"""The linear programme solved to its end by HiGHS, crowds added as they are found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np

from coordinator.planning.lp_conflicts import Conflicts
from coordinator.planning.lp_nights import Crowd, Nights
from coordinator.planning.lp_offer import Ints
from coordinator.planning.lp_prices import crowds_in
from coordinator.planning.lp_programme import Programme, joined
from coordinator.planning.lp_rows import Rows
from coordinator.planning.lp_rules import Repeats
from telescopes.description.ephemeris import Array


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """What HiGHS came to: the best bound that its multipliers proved, and the choice; `ended`: at the optimum.

    `credit` is what the multipliers credit each field with, less the price of its place; None: there are none yet.
    """

    bound: float
    chosen: Array | None
    iterations: int
    ended: bool
    credit: Array | None = None


def solved(
    programme: Programme, nights: list[Nights], starts: Ints, iterations: int, conflicts: Conflicts | None = None
) -> Solved:
    """Solve by dual simplex, again with every crowd that the choice breaks, until it breaks none.

    Parameters
    ----------
    iterations : int
        How many in all; what has been proved by then holds.
    conflicts : Conflicts, optional
        Where to look for fields of which one at most may be chosen.
    """
    solver = solver_of(programme)
    best = Solved(programme.rows.total, None, 0, False)
    while best.iterations < iterations and not best.ended:
        solver.setOptionValue("simplex_iteration_limit", iterations - best.iterations)
        solver.run()
        ended = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        used = best.iterations + max(1, solver.getInfo().simplex_iteration_count)
        bound, chosen, credit = _read(programme, solver)
        now = (chosen, credit) if ended else (best.chosen, best.credit)
        best = Solved(min(best.bound, bound), now[0], used, False, now[1])
        if not ended:
            break
        found = crowds_in(chosen, nights, starts, conflicts)
        programme = replace(programme, crowds=[*programme.crowds, *found])
        add_crowds(solver, found)
        best = replace(best, ended=not found)
    return best


def solver_of(programme: Programme) -> Any:
    """Hand a programme to HiGHS."""
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {"output_flag": False, "threads": 1, "solver": "simplex", "random_seed": 0}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(programme))
    if programme.repeats is not None:
        limit_repeats(solver, programme.rows, programme.repeats)
    add_crowds(solver, programme.crowds)
    return solver


def _model(programme: Programme) -> Any:
    """Columns are the fields, then the rows' values: at most 1, and at most what is chosen of the row's fields."""
    rows, fields, many = programme.rows, programme.most.size, programme.rows.weight.size
    lengths = np.diff(rows.first)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = fields + many, many
    model.col_cost_ = np.r_[-rows.linear, -rows.weight]
    model.col_lower_, model.col_upper_ = np.zeros(fields + many), np.r_[programme.most, np.ones(many)]
    model.row_lower_, model.row_upper_ = np.full(many, -highspy.kHighsInf), np.zeros(many)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.num_col_, model.a_matrix_.num_row_ = fields + many, many
    own = rows.first[:-1] + np.arange(many)  # each row's own column stands before its fields
    index, value = np.empty(rows.field.size + many, np.int32), np.full(rows.field.size + many, -1.0)
    index[own], value[own] = fields + np.arange(many), 1.0
    index[np.arange(rows.field.size) + np.repeat(np.arange(1, many + 1), lengths)] = rows.field
    model.a_matrix_.start_, model.a_matrix_.index_ = np.r_[own, index.size].astype(np.int32), index
    model.a_matrix_.value_ = value
    return model


def limit_repeats(solver: Any, rows: Rows, repeats: Repeats, more: float = 0.0) -> None:
    """Add the row of the limit of redundancy: ``own @ z - most * (linear @ z + weight @ y) <= more``."""
    entries = np.r_[repeats.own - repeats.most * rows.linear, -repeats.most * rows.weight]
    solver.addRow(-highspy.kHighsInf, more, entries.size, np.arange(entries.size, dtype=np.int32), entries)


def add_crowds(solver: Any, crowds: Sequence[Crowd]) -> None:
    """Add conditions to what HiGHS has."""
    if not crowds:
        return
    first, field = joined([crowd.fields for crowd in crowds])
    room = np.array([crowd.room for crowd in crowds], np.float64)
    low = np.full(room.size, -highspy.kHighsInf)
    solver.addRows(
        room.size, low, room, field.size, first[:-1].astype(np.int32), field.astype(np.int32), np.ones(field.size)
    )


def _read(programme: Programme, solver: Any) -> tuple[float, Array, Array | None]:
    """Bound, choice and credit as they stand, wherever it stopped."""
    solution, many = solver.getSolution(), programme.rows.weight.size
    chosen = np.asarray(solution.col_value, np.float64)[: programme.most.size]
    dual = -np.asarray(solution.row_dual, np.float64)
    limits = 0 if programme.repeats is None else 1
    if dual.size != many + limits + len(programme.crowds) or not np.isfinite(dual).all():
        return programme.rows.total, chosen, None
    priced = programme.tolled(max(0.0, float(dual[many])) if limits else 0.0)
    share, price = dual[:many] / priced.rows.weight, dual[many + limits :]
    return priced.proven(share, price), chosen, priced.credit(share, price)
