"""A sky map made ready for planning, once: what depends on the map alone is reused by every plan of it."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from coordinator.lightcurves.detection import LIMIT_STEP_MAG, detection_weight
from coordinator.planning.cells import BLOCK_ORDER, Blocks, Cells, Ints, coarse_cells, parents, peak_density, split_to
from coordinator.planning.value import NOTHING, SkyValue, Valued
from coordinator.planning.views import Views
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.regions import credible_areas
from coordinator.sky.skymap import SkyMap
from telescopes.description.ephemeris import Array


@dataclass(frozen=True, slots=True, eq=False)
class Covering:
    """The cells of a map as the bound takes them.

    Attributes
    ----------
    cells : Cells
        None larger than a block.
    block, parent : int64 arrays, shape (cells,)
        Where each lies in the blocks, and which of the coarse cells it is a part of.
    peak : float64 array, shape (cells,)
        What each would hold if all of it were as dense as its densest part.
    """

    cells: Cells
    block: Ints
    parent: Ints
    peak: Array


@dataclass(frozen=True, slots=True, eq=False)
class PreparedSky:
    """A map as cells, blocks and curve; the cells of the bound are made when somebody asks for them."""

    sky: SkyMap
    curve: ProbabilityCurve
    coarse: Cells
    blocks: Blocks
    views: Views
    area50_deg2: float
    area90_deg2: float
    _values: dict[Valued, SkyValue] = field(default_factory=dict)
    _weights: dict[int, Array] = field(default_factory=dict)
    _coverings: list[Covering] = field(default_factory=list)

    @property
    def covering(self) -> Covering:
        """The cells as the bound takes them, which a plan in a hurry does without."""
        if not self._coverings:
            cells = split_to(self.coarse, BLOCK_ORDER)
            peak = peak_density(cells, self.sky) * cells.area_deg2
            self._coverings.append(Covering(cells, self.blocks.of_cells(cells), parents(cells, self.coarse), peak))
        return self._coverings[0]

    def value(self, objective: Valued) -> SkyValue:
        """What looks at it are worth."""
        if objective not in self._values:
            self._values[objective] = SkyValue.of(self.curve, objective)
        return self._values[objective]

    def weights(self, depth: int) -> Array:
        """Chance that a look of some depth (`SkyValue.depth`) sees the source in each coarse cell."""
        if depth not in self._weights:
            distances = self.coarse.distances
            known = distances is not None and depth != NOTHING
            self._weights[depth] = (
                detection_weight(depth * LIMIT_STEP_MAG, distances)
                if distances is not None and known
                else np.zeros(self.coarse.probability.size)
            )
        return self._weights[depth]

    def covering_weights(self, depth: int) -> Array:
        """Return the same for the cells of the bound."""
        return self.weights(depth)[self.covering.parent]


@lru_cache(maxsize=4)
def prepared(sky: SkyMap) -> PreparedSky:
    """Make a map ready; the last few maps are kept."""
    coarse = coarse_cells(sky)
    blocks = Blocks.of(coarse)
    area50, area90 = credible_areas(sky, (0.5, 0.9))
    return PreparedSky(sky, ProbabilityCurve.of(sky), coarse, blocks, Views(blocks.vectors), area50, area90)
