"""The rules that every plan of a search keeps, as far as a linear programme can know them."""

from dataclasses import dataclass, replace

import numpy as np

from coordinator.planning.lp_rows import Rows
from telescopes.description.ephemeris import Array

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Rules:
    """What every plan keeps; the default keeps nothing.

    Attributes
    ----------
    share, least_gain : float
        Beside what starts before it each field brings this share of its own value, and no less than this.
    redundancy : float
        The fields' own values together are at most so much more than what they add, as a share of that.
    """

    share: float = 0.0
    least_gain: float = 0.0
    redundancy: float = float("inf")

    def least(self, own: Array) -> Array:
        """Say what fields must bring that hold so much."""
        return np.maximum(self.share * own, self.least_gain) - ROUNDING


NO_RULES = Rules()


@dataclass(frozen=True, slots=True, eq=False)
class Repeats:
    """The limit of redundancy as a row: ``own @ z <= most * value(z)``, which is linear where the value is.

    Attributes
    ----------
    own : float64 array, shape (fields,)
        Whole value of each field, whatever is held there.
    most : float
        One more than the redundancy.
    """

    own: Array
    most: float

    def excess(self, chosen: Array, value: float) -> float:
        """Say by how much a choice of some value breaks the limit; negative: it keeps it."""
        return float(self.own @ chosen) - self.most * value

    def tolled(self, rows: Rows, toll: float) -> Rows:
        """What a choice is worth if whatever it holds within the limit is paid for, and what it repeats costs.

        Notes
        -----
        For any toll t >= 0 and any choice z that keeps the limit, ``value(z) + t (most * value(z) - own @ z)`` is no
        less than ``value(z)``: its bound is a bound (Lagrange's relaxation). The terms stay of the same form.
        """
        more = 1.0 + toll * self.most
        return replace(rows, linear=more * rows.linear - toll * self.own, weight=more * rows.weight)


def owned_alone(own: Array, new: Array, rules: Rules) -> Array:
    """Say how often each field may be chosen: not at all if it owns too little beside what is held already."""
    return (new >= rules.least(own)).astype(np.float64)
