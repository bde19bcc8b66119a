"""Whose looks hold the sky that a telescope could have searched."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.cells import Cells
from coordinator.planning.looks import cells_inside
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.request import Look
from coordinator.sky.ranges import Ranges
from telescopes.description.ephemeris import Array

MOST_NAMES = 3
LEAST_SHARE = 0.01
SOMEBODY = "others"
"""Who has looked where a look does not say whose it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Owners:
    """By telescope the cells that its looks of a visit cover."""

    inside: dict[str, NDArray[np.bool_]]

    @classmethod
    def of(cls, cells: Cells, looks: Iterable[Look], pointings: Sequence[PlannedPointing]) -> "Owners":
        """Gather the looks of each telescope."""
        skies: dict[str, list[Ranges]] = {}
        for look in looks:
            skies.setdefault(look.telescope or SOMEBODY, []).append(look.ranges)
        for p in pointings:
            skies.setdefault(p.telescope, []).append(p.ranges)
        return cls({name: _inside(cells, Ranges.union_of(mine)) for name, mine in sorted(skies.items())})

    def named(self, which: NDArray[np.int64], value: Array) -> str:
        """Name those that look at most of some cells, with their shares of what these are worth.

        Parameters
        ----------
        which : int64 array, shape (n,)
            Cells that the telescope in question could have had.
        value : float64 array, shape (n,)
            What each of them is worth to it.
        """
        total = float(value.sum())
        shares = {name: float(value[cells[which]].sum()) / total for name, cells in self.inside.items() if total > 0}
        best = sorted((name for name, share in shares.items() if share >= LEAST_SHARE), key=lambda n: (-shares[n], n))
        return ", ".join(f"{name} ({100 * shares[name]:.0f} %)" for name in best[:MOST_NAMES])


def _inside(cells: Cells, sky: Ranges) -> NDArray[np.bool_]:
    inside = np.zeros(cells.probability.size, bool)
    inside[cells_inside(cells, sky)] = True
    return inside
