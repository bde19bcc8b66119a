"""What a column is, and the questions that several of them ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coordinator.vetting.batch import Flags, Floats
from coordinator.vetting.kinds import UNRELATED, Leans
from coordinator.vetting.neighbours import Answer

UNKNOWN = -1


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One check's say of many candidates; shape (n,) each.

    `passed` is 1, 0 or -1: unknown. `ask`: the check itself is asked of these. `leans` is what it says of the kinds of
    unrelated things, in the order of `kinds.UNRELATED`, and `leaning` of which candidates it says that.
    """

    log_bayes: Floats
    passed: NDArray[np.int8]
    veto: Flags
    ask: Flags
    leans: Floats | None = None
    leaning: Flags | None = None


def column(
    log_bayes: float | Floats,
    passed: int | NDArray[Any],
    *,
    size: int,
    veto: Flags | None = None,
    ask: Flags | None = None,
    leans: Leans | None = None,
    leaning: Flags | None = None,
) -> Column:
    """Make a column of what is said; single values stand for all `size` candidates."""
    none = np.zeros(size, bool)
    return Column(
        np.full(size, log_bayes) if isinstance(log_bayes, float) else log_bayes,
        np.full(size, passed, np.int8) if isinstance(passed, int) else passed.astype(np.int8),
        none if veto is None else veto,
        none if ask is None else ask,
        None if leans is None else np.array([leans.get(kind, 0.0) for kind in UNRELATED]),
        leaning,
    )


def somebody_spoke(answers: Sequence[Answer[Any]]) -> bool:
    """Say whether one of several sources answered, be it that nothing is there."""
    return any(answer.silent_because is None for answer in answers)
