"""Fields on the tiles of a grid over some cells, made once: telescopes that are alike, and later plans, share them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np

from coordinator.planning.cells import Cells
from coordinator.planning.fields import Fields, Ints, no_fields
from coordinator.planning.grid import Grid
from telescopes.description.footprint import Footprint

MOST_ENTRIES = 1 << 20
"""So many numbers of cells are kept over one set of cells (8 MiB); beyond it is begun anew."""

Key = tuple[Footprint, float, Grid]


@dataclass(slots=True, eq=False)
class _Known:
    """Fields that were made of one grid: of which tiles, increasing, and where the field of each is."""

    fields: Fields = field(default_factory=no_fields)
    tiles: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    at: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def missing(self, tiles: Ints) -> Ints:
        """Those of some tiles whose fields are still to be made."""
        if not self.tiles.size:
            return tiles
        near = np.minimum(np.searchsorted(self.tiles, tiles), self.tiles.size - 1)
        return np.asarray(tiles[self.tiles[near] != tiles], np.int64)

    def learn(self, tiles: Ints, fields: Fields) -> None:
        """Keep the fields of more tiles."""
        every = np.r_[self.tiles, tiles]
        at = np.r_[self.at, len(self.fields) + np.arange(tiles.size)]
        by = np.argsort(every, kind="stable")
        self.tiles, self.at, self.fields = every[by], at[by], self.fields.with_more(fields)

    def of(self, tiles: Ints) -> Fields:
        """Fields of some tiles that are known, in the order given."""
        return self.fields.chosen(self.at[np.searchsorted(self.tiles, tiles)])


@dataclass(slots=True, eq=False)
class TileFields:
    """Fields on tiles over one set of cells, by footprint, position angle and grid; a memory of a pure function."""

    most_entries: int = MOST_ENTRIES
    _known: dict[Key, _Known] = field(default_factory=dict)
    _entries: int = 0

    def of(
        self, footprint: Footprint, angle_deg: float, tiling: Grid, tiles: Ints, make: Callable[[Ints], Fields]
    ) -> Fields:
        """Fields on some tiles, each named once, in the order given; `make` makes those of tiles that are new."""
        if self._entries > self.most_entries:
            self._known.clear()
            self._entries = 0
        known = self._known.setdefault((footprint, angle_deg, tiling), _Known())
        missing = known.missing(tiles)
        if missing.size:
            more = make(missing)
            self._entries += more.cell.size
            known.learn(missing, more)
        return known.of(tiles)


TILE_FIELDS = WeakKeyDictionary[Cells, TileFields]()
"""One memory for each set of cells, as long as somebody has them."""
