"""What guides telescopes that go from galaxy to galaxy: candidate fields, and the galaxies in each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from coordinator.lightcurves.detection import LIMIT_STEP_MAG, Distances, detection_weight
from coordinator.planning.cells import BLOCK_ORDER, Blocks
from coordinator.planning.desk import Desk, Mask
from coordinator.planning.galaxies import Galaxies
from coordinator.planning.galaxy_fields import GalaxyFields
from coordinator.planning.galaxy_memory import GALAXY_MEMORY
from coordinator.planning.galaxy_weights import UNKNOWN_ERROR, GalaxyTargets
from coordinator.planning.ground import Ground
from coordinator.planning.recount import Sight
from coordinator.planning.stretches import Ints, stretches
from coordinator.planning.value import NOTHING
from coordinator.sky.nested import MAX_ORDER
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.ephemeris import Array


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """One telescope's candidate fields for galaxies, and what the galaxies in them are worth to it.

    A field counts in the choice by its galaxies, not by its sky, of which it holds next to nothing; what is offered
    and reported of it is its sky (law 2).

    Attributes
    ----------
    fields : GalaxyFields
    worth : float64 array, shape (fields,)
        What all the galaxies in each field are worth, looked at or not.
    """

    fields: GalaxyFields
    worth: Array

    def galaxies_of(self, field: int) -> Ints:
        """Galaxies inside a field."""
        return self.fields.galaxy[self.fields.first[field] : self.fields.first[field + 1]]

    def sums(self, values: Array) -> Array:
        """Sum over its galaxies for each field."""
        return self.fields.sums(values)


def galaxy_ground(
    targets: GalaxyTargets,
    depths: Sequence[int],
    by_depth: bool,
    sights: Sequence[Sight],
    elsewhere: Sequence[tuple[Ranges, float]],
    gap_s: float,
) -> Ground:
    """What looks of each depth at each galaxy are worth, and what earlier ones have left.

    Parameters
    ----------
    by_depth : bool
        Whether the chance to see the source there counts, at the galaxy's own distance.
    sights : looks of the same visit
    elsewhere : looks of other visits and their starts
    gap_s : float
        Above 0: only what one of them has seen is worth a look, so long after.
    """
    galaxies, pixel = targets.galaxies, pixels_of(targets.galaxies)
    worth = np.stack([targets.value * _chance(galaxies, depth, by_depth) for depth in depths])
    held = np.zeros(len(galaxies))
    for sight in sights:
        inside = _inside(sight.ranges, pixel)
        if inside.size:
            chance = _chance(galaxies.chosen(inside), sight.depth, by_depth)
            held[inside] = np.maximum(held[inside], targets.value[inside] * chance)
    if gap_s <= 0:
        return Ground(worth, held)
    seen_s = np.full(len(galaxies), np.inf)
    for ranges, start_s in elsewhere:
        inside = _inside(ranges, pixel)
        seen_s[inside] = np.minimum(seen_s[inside], start_s)
    held[~np.isfinite(seen_s)] = np.inf
    return Ground(worth, held, seen_s + gap_s)


def _inside(ranges: Ranges, pixel: Ints) -> Ints:
    """Numbers of the pixels that lie in ranges; `pixel` does not decrease."""
    first, last = np.searchsorted(pixel, ranges.low), np.searchsorted(pixel, ranges.high)
    return stretches(first, last - first)


def guide_for(desk: Desk, seen: Mask, targets: GalaxyTargets, galaxies: Ground, depth: int, most: int) -> Guide:
    """Choose the candidate fields of one telescope among galaxies that are not looked at yet.

    Parameters
    ----------
    seen : bool array, shape (galaxies,)
        What the telescope can see at some time.
    most : int
        Fields wanted: more than its capacity, because others may take the best ones.
    """
    left = replace(targets, weight=galaxies.left(depth).copy(), held=None)
    fields = GALAXY_MEMORY.fields(desk.footprint, left, seen, most, desk.angle_deg)
    return Guide(fields, fields.sums(galaxies.worth[depth]))


def seen_galaxies(galaxies: Galaxies, blocks: Blocks, seen: Mask) -> Mask:
    """Say which galaxies lie in blocks that are seen; `seen` has shape (blocks,)."""
    if blocks.number.size == 0:
        return np.zeros(len(galaxies), bool)
    number = galaxies.key >> 2 * (MAX_ORDER - BLOCK_ORDER)
    at = np.minimum(np.searchsorted(blocks.number, number), blocks.number.size - 1)
    return np.asarray((blocks.number[at] == number) & seen[at])


def pixels_of(galaxies: Galaxies) -> Ints:
    """Pixels of order 12, in which looks are counted, not decreasing."""
    return galaxies.key >> 2 * (MAX_ORDER - RANGE_ORDER)


def _chance(galaxies: Galaxies, depth: int, by_depth: bool) -> Array:
    """Chance that a look of some depth sees the source in each galaxy."""
    if not by_depth or depth == NOTHING:
        return np.full(len(galaxies), 0.0 if by_depth else 1.0)
    known = np.isfinite(galaxies.distance_err_mpc) & (galaxies.distance_err_mpc > 0)
    error = np.where(known, galaxies.distance_err_mpc, UNKNOWN_ERROR * galaxies.distance_mpc)
    return detection_weight(depth * LIMIT_STEP_MAG, Distances.of(galaxies.distance_mpc, error))
