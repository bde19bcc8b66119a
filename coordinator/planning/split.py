"""Coarse cells divided into finer ones: wide fields are content with the coarse, narrow ones look at the fine."""

from dataclasses import dataclass

import numpy as np

from coordinator.planning.stretches import Ints, row_ends, stretches
from telescopes.description.ephemeris import Array


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Which fine cells each coarse cell was divided into.

    Attributes
    ----------
    begin : int64 array, shape (coarse + 1,)
        Fine cells ``begin[i]`` to ``begin[i + 1]`` are the parts of coarse cell i.
    parent : int64 array, shape (fine,)
        The coarse cell of each fine one, not decreasing.
    """

    begin: Ints
    parent: Ints

    @classmethod
    def into(cls, parts: Ints) -> "Split":
        """Divide each coarse cell into so many parts, shape (coarse,)."""
        return cls(row_ends(parts), np.repeat(np.arange(parts.size), parts))

    def sums(self, values: Array) -> Array:
        """Sum of what the parts of each coarse cell hold, shape (coarse,)."""
        return np.asarray(np.bincount(self.parent, values, self.begin.size - 1), np.float64)

    def parts(self, coarse: Ints) -> tuple[Ints, Ints]:
        """Fine cells of some coarse ones, one after the other, and how many each of these has."""
        lengths = self.begin[coarse + 1] - self.begin[coarse]
        return stretches(self.begin[coarse], lengths), lengths
