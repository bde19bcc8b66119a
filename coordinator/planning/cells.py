"""The sky of a map in cells fine enough for the fields that look at it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.detection import Distances
from coordinator.planning.rings import Rings
from coordinator.planning.split import Split
from coordinator.planning.stretches import stretches
from coordinator.sky.distances import distance_moments
from coordinator.sky.nested import MAX_ORDER, pixel_at, pixel_vectors
from coordinator.sky.skymap import SkyMap
from telescopes.description.ephemeris import Array

Ints = NDArray[np.int64]

KEPT = 0.9999
"""Share of the probability that planning looks at; figures are recounted on the whole map."""

COARSEST_ORDER = 5
WIDE_ORDER = 7
"""Cells of half a degree: fields of more than a degree are content with them."""

BLOCK_ORDER = 6
BLOCK_RADIUS_DEG = 0.96
MOST_WIDE_CELLS = 40_000
MOST_ROWS = 60_000
"""A map of more rows is planned on merged ones."""

FINEST_WIDE_ORDER = 8
ENOUGH_ROWS = 1_000
"""Rows finer than a quarter of a degree are merged as long as so many are left in the 90 % region."""

MOST_CELLS = 120_000
MOST_FINER = 2
"""In how many ways the cells of a map are divided at once: a plan needs one, and telescopes in other turns another."""

LEFT_IN_REACH = 3.0
"""Cells are fine on this many times what a narrow telescope can cover, and on what its rivals can."""

PIXEL_SIDE_DEG = 58.63
SR_PER_DEG2 = (np.pi / 180.0) ** 2


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Cells:
    """Cells sorted along the nested curve; what was worked out of them is remembered.

    Attributes
    ----------
    order, ipix : int64 arrays, shape (n,)
    key : int64 array, shape (n,)
        Place of the cell's centre on the curve of order 29, increasing.
    vectors : float64 array, shape (n, 3)
        ICRS unit vectors of the centres.
    ra_deg, dec_deg, probability, area_deg2 : float64 arrays, shape (n,)
    distances : Distances, shape (n,), or None
        None: the map knows no distance.
    """

    order: Ints
    ipix: Ints
    key: Ints
    vectors: Array
    ra_deg: Array
    dec_deg: Array
    probability: Array
    area_deg2: Array
    distances: Distances | None = None
    _rings: dict[int, Rings] = field(default_factory=dict)
    _index: dict[int, Ints] = field(default_factory=dict)
    _finer: "dict[bytes, tuple[Cells, Split]]" = field(default_factory=dict)

    def rings(self, height_deg: float) -> Rings:
        """The cells in rings of about this height, sorted once."""
        octave = round(np.log2(height_deg))
        if octave not in self._rings:
            self._rings[octave] = Rings.of(self.ra_deg, self.dec_deg, 2.0**octave)
        return self._rings[octave]

    def pixels_among(self, number: Ints, order: int) -> Ints:
        """Place among some pixels of an order, sorted, of the one that holds each cell; looked for once."""
        if order not in self._index:
            self._index[order] = np.searchsorted(number, self.key >> (2 * (MAX_ORDER - order)))
        return self._index[order]

    def finer(self, wanted: Ints) -> "tuple[Cells, Split]":
        """Divide each cell evenly into its descendants of the order wanted of it; the last few are remembered."""
        key = hashlib.sha256(wanted.tobytes()).digest()
        if key not in self._finer:
            made = _split(self.order, self.ipix, self.probability, self.distances, wanted)
            for oldest in list(self._finer)[: len(self._finer) + 1 - MOST_FINER]:
                del self._finer[oldest]
            self._finer[key] = made, Split.into(4 ** (wanted - self.order))
        return self._finer[key]

    @property
    def density(self) -> Array:
        """Probability per square degree."""
        return self.probability / self.area_deg2

    def holding(self, ra_deg: Array, dec_deg: Array) -> Ints:
        """Cell that holds each place, or the one before it on the curve where none does; there must be some."""
        place = pixel_at(MAX_ORDER, ra_deg, dec_deg)
        starts = self.ipix << 2 * (MAX_ORDER - self.order)
        return np.maximum(np.searchsorted(starts, place, side="right") - 1, 0)

    @classmethod
    def of(cls, order: Ints, ipix: Ints, probability: Array, distances: Distances | None = None) -> "Cells":
        """Sort cells and work out where they are."""
        low = ipix << (2 * (MAX_ORDER - order))
        key = low + np.where(order < MAX_ORDER, 3 << np.maximum(2 * (MAX_ORDER - order) - 2, 0), 0)
        by = np.argsort(key, kind="stable")
        order, ipix, probability = order[by], ipix[by], probability[by]
        vectors = pixel_vectors(order, ipix)
        ra, dec = positions(vectors)
        area = np.asarray(4 * np.pi / 12 / 4.0**order * (180 / np.pi) ** 2, np.float64)
        return cls(order, ipix, key[by], vectors, ra, dec, probability, area, distances and distances[by])


def positions(vectors: Array) -> tuple[Array, Array]:
    """Right ascension (0 to 360) and declination of vectors, degrees."""
    ra = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0])) % 360.0
    return ra, np.degrees(np.arctan2(vectors[:, 2], np.hypot(vectors[:, 0], vectors[:, 1])))


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Pixels of a degree that hold the cells: whether a telescope can see a place is asked once for each."""

    number: Ints
    vectors: Array

    @classmethod
    def of(cls, cells: Cells) -> "Blocks":
        """Find the blocks that hold any cell, or a part of one."""
        parts = 4 ** np.maximum(BLOCK_ORDER - cells.order, 0)
        first = (cells.ipix << (2 * (MAX_ORDER - cells.order))) >> (2 * (MAX_ORDER - BLOCK_ORDER))
        every = stretches(first, parts)
        number = every[np.r_[True, every[1:] != every[:-1]]] if every.size else every
        return cls(number, pixel_vectors(BLOCK_ORDER, number))

    def of_cells(self, cells: Cells) -> Ints:
        """Block of each cell, as an index."""
        return cells.pixels_among(self.number, BLOCK_ORDER)


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """What a telescope asks of the cells: the order that resolves its field, and the best of what it can look at.

    `density` is what is left for it per square degree, shape (cells,), 0 where it sees nothing; below `thin` no field
    of it is worth a look. So many square degrees of the best are to be fine; `more_deg2` beyond them where there is
    room, for what rivals take.
    """

    order: int
    density: Array
    thin: float
    reach_deg2: float
    more_deg2: float = 0.0


def resolving_order(side_deg: float, parts: float) -> int:
    """Order of the pixels of which `parts` fit along a field's side."""
    return int(np.clip(np.rint(np.log2(PIXEL_SIDE_DEG * parts / side_deg)), COARSEST_ORDER, 12))


def coarse_cells(sky: SkyMap) -> Cells:
    """Take the map's densest cells down to the kept share, split for wide fields, the densest first."""
    some = np.flatnonzero(sky.probability > 0)
    by = some[np.argsort(-sky.density_per_sr[some], kind="stable")]
    enough = int(np.searchsorted(np.cumsum(sky.probability[by]), KEPT)) + 1
    kept = by[:enough]
    order, ipix, probability, distances = _merged(
        sky.order[kept], sky.ipix[kept], sky.probability[kept], _distances(sky, kept)
    )
    wanted = np.maximum(order, COARSEST_ORDER)
    best = np.maximum(order, WIDE_ORDER)
    room = np.cumsum(4.0 ** (best - order) - 4.0 ** (wanted - order)) <= MOST_WIDE_CELLS
    return _split(order, ipix, probability, distances, np.where(room, best, wanted))


def peak_density(cells: Cells, sky: SkyMap) -> Array:
    """Density of the densest row of the map in each cell, per square degree: merged cells hold denser ones."""
    start = cells.ipix << (2 * (MAX_ORDER - cells.order))
    row = sky.ipix << (2 * (MAX_ORDER - sky.order))
    within = np.maximum(np.searchsorted(start, row, side="right") - 1, 0)
    finer = (sky.order >= cells.order[within]) & (row >> 2 * (MAX_ORDER - cells.order[within]) == cells.ipix[within])
    peak = cells.density
    np.maximum.at(peak, within[finer], sky.density_per_sr[finer] * SR_PER_DEG2)
    return np.asarray(peak)


def split_to(cells: Cells, least_order: int) -> Cells:
    """Split every cell that is coarser than an order."""
    if cells.order.min(initial=least_order) >= least_order:
        return cells
    return _split(cells.order, cells.ipix, cells.probability, cells.distances, np.maximum(cells.order, least_order))


def parents(cells: Cells, coarse: Cells) -> Ints:
    """Which of the coarse cells each of the cells that they were split into is a part of."""
    starts = coarse.ipix << 2 * (MAX_ORDER - coarse.order)
    return np.searchsorted(starts, cells.key, side="right") - 1


def fine_cells(coarse: Cells, needs: Sequence[Need]) -> tuple[Cells, Split]:
    """Split cells where a narrow field may come to look, the densest of what is left first.

    Returns
    -------
    cells : Cells
    split : Split
        Which coarse cell each came from.
    """
    wanted = _wanted(coarse, needs, with_more=True)
    if _too_fine(coarse, wanted):
        # Coarser cells for all would cost more than this brings; a part of it helps some networks and costs others.
        wanted = _wanted(coarse, needs, with_more=False)
    finest = int(wanted.max(initial=0))
    while _too_fine(coarse, wanted) and (wanted > coarse.order).any():
        finest -= 1
        wanted = np.maximum(coarse.order, np.minimum(wanted, finest))
    return coarse.finer(wanted)


def _wanted(coarse: Cells, needs: Sequence[Need], *, with_more: bool) -> Ints:
    """Order that each cell is to be split to, with what is for rivals or without."""
    wanted = coarse.order.copy()
    for need in needs:
        mine = np.flatnonzero(need.density > need.thin)
        mine = mine[np.argsort(-need.density[mine], kind="stable")]
        near = mine[: _enough(coarse, mine, need.reach_deg2 + (need.more_deg2 if with_more else 0.0))]
        wanted[near] = np.maximum(wanted[near], need.order)
    return wanted


def _too_fine(coarse: Cells, wanted: Ints) -> bool:
    return bool(np.sum(4.0 ** (wanted - coarse.order)) > MOST_CELLS)


def _enough(cells: Cells, ranked: Ints, area_deg2: float) -> int:
    return int(np.searchsorted(np.cumsum(cells.area_deg2[ranked]), area_deg2)) + 1


def _distances(sky: SkyMap, kept: Ints) -> Distances | None:
    moments = distance_moments(sky)
    return None if moments is None else Distances.of(moments[0][kept], moments[1][kept])


def _merged(
    order: Ints, ipix: Ints, probability: Array, distances: Distances | None
) -> tuple[Ints, Ints, Array, Distances | None]:
    """Add up the finest rows to their parents while there are more than planning needs, the densest first."""
    if not _too_many(order, probability):
        return order, ipix, probability, distances
    while _too_many(order, probability):
        finest = (order == order.max()).astype(np.int64)
        order, ipix = order - finest, ipix >> 2 * finest
        _, first, row = np.unique((4 << 2 * order) + ipix, return_index=True, return_inverse=True)
        order, ipix = order[first], ipix[first]
        distances = distances and _mean_distances(distances, probability, row)
        probability = np.bincount(row, weights=probability).astype(np.float64)
    by = np.argsort(-probability * 4.0**order, kind="stable")
    return order[by], ipix[by], probability[by], distances and distances[by]


def _too_many(order: Ints, probability: Array) -> bool:
    """Say whether there are too many rows, or the finest of them show more than any wide field can tell apart."""
    if order.size > MOST_ROWS:
        return int(order.max()) > COARSEST_ORDER
    by = np.argsort(-probability * 4.0**order, kind="stable")
    region = order[by[: int(np.searchsorted(np.cumsum(probability[by]), 0.9 * probability.sum())) + 1]]
    finest = int(region.max(initial=0))
    fewer = region.size - 0.75 * int((region == finest).sum())
    return finest > FINEST_WIDE_ORDER and fewer >= ENOUGH_ROWS


def _mean_distances(distances: Distances, probability: Array, row: Ints) -> Distances:
    weight = np.maximum(probability, 1e-300)
    total = np.bincount(row, weights=weight)
    modulus, width = (np.bincount(row, weights=weight * x) / total for x in (distances.modulus_mag, distances.width))
    return Distances(modulus, width)


def _split(order: Ints, ipix: Ints, probability: Array, distances: Distances | None, wanted: Ints) -> Cells:
    """Divide each cell evenly into its descendants of the order wanted of it."""
    parts = 4 ** (wanted - order)
    which = np.repeat(np.arange(order.size), parts)
    nth = np.arange(which.size) - np.repeat(np.cumsum(parts) - parts, parts)
    share = probability[which] / parts[which]
    return Cells.of(wanted[which], ipix[which] * parts[which] + nth, share, distances and distances[which])
