"""An index of galaxies: columns along the nested curve in a folder, read by region without being loaded."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.build import sha256_of
from coordinator.catalogues.manifest import Manifest, read_manifest
from coordinator.catalogues.spill import ROW
from coordinator.planning.galaxies import Galaxies
from coordinator.planning.stretches import Ints, stretches
from coordinator.sky.nested import MAX_ORDER
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.errors import Refused

LOT = 250_000
"""So many rows are looked at together: memory holds a few times this, and what was found."""

_SHIFT = 2 * (MAX_ORDER - RANGE_ORDER)
_WHOLE_SKY = Ranges.of(np.zeros(1, np.int64), np.full(1, 12 * 4**RANGE_ORDER))
_FLOATS = ("ra_deg", "dec_deg", "distance_mpc", "distance_err_mpc", "b_mag", "k_mag", "mass_msun")


@dataclass(frozen=True, slots=True, eq=False)
class GalaxyIndex:
    """An index that is open; its columns are mapped from disk."""

    folder: Path
    manifest: Manifest
    columns: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        return self.manifest.galaxies

    @classmethod
    def open(cls, folder: Path) -> "GalaxyIndex":
        """Open an index.

        Raises
        ------
        Refused
            The folder is no index, or a column is not as long as it says.
        """
        manifest = read_manifest(folder)
        columns = {name: mapped(folder / f"{name}.npy", ROW[name]) for name in ROW.names or ()}
        wrong = [name for name, column in columns.items() if column.shape != (manifest.galaxies,)]
        if wrong:
            raise Refused(
                f"{wrong[0]} has not {manifest.galaxies} values", where=str(folder), mend="build the catalogue again"
            )
        return cls(folder, manifest, columns)

    def lots(self, region: Ranges | None = None, distance_mpc: tuple[float, float] | None = None) -> Iterator[Galaxies]:
        """Galaxies of a region and an interval of distance, in lots that follow one another along the curve.

        Parameters
        ----------
        region : Ranges or None
            None: the whole sky.
        distance_mpc : (float, float) or None
            Nearest and farthest.
        """
        low, high = self._stretches(region or _WHOLE_SKY)
        for row in _in_lots(low, high):
            if distance_mpc is not None:
                distance = self.columns["distance_mpc"][row]
                row = row[(distance >= distance_mpc[0]) & (distance <= distance_mpc[1])]
            if row.size:
                yield self._galaxies(row)

    def galaxies(self, region: Ranges | None = None, distance_mpc: tuple[float, float] | None = None) -> Galaxies:
        """All of what `lots` gives at once."""
        found = list(self.lots(region, distance_mpc))
        return Galaxies.joined(found) if found else Galaxies.of(np.empty(0), np.empty(0), np.empty(0))

    def names(self, row: Ints) -> list[str]:
        """Names of galaxies by their rows; empty where the catalogue has none."""
        return [name.decode(errors="ignore") for name in self.columns["name"][row].tolist()]

    def damaged(self) -> list[str]:
        """Columns whose files are not what was written."""
        files = self.manifest.files
        return [column for column, digest in files.items() if sha256_of(self.folder / f"{column}.npy") != digest]

    def _stretches(self, region: Ranges) -> tuple[Ints, Ints]:
        """First and last row, exclusive, of each range that has any."""
        key = self.columns["key"]
        low, high = np.searchsorted(key, region.low << _SHIFT), np.searchsorted(key, region.high << _SHIFT)
        some = high > low
        return low[some], high[some]

    def _galaxies(self, row: Ints) -> Galaxies:
        values = [np.asarray(self.columns[name][row], np.float64) for name in _FLOATS]
        ra, dec, distance, error, b, k, mass = values
        return Galaxies(np.asarray(self.columns["key"][row], np.int64), ra, dec, distance, error, b, k, mass, row)


def mapped(path: Path, dtype: np.dtype[np.generic]) -> NDArray[Any]:
    """Map a column from disk.

    Raises
    ------
    Refused
        The file is none, or one of something else.
    """
    try:
        column = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise Refused(f"is no column ({error})", where=str(path), mend="build the catalogue again") from error
    if column.dtype != dtype:
        raise Refused(f"is a column of {column.dtype}, not {dtype}", where=str(path), mend="build the catalogue again")
    return np.asarray(column)


def _in_lots(low: Ints, high: Ints) -> Iterator[Ints]:
    """Rows of all stretches, a lot at a time."""
    lengths = high - low
    before = np.cumsum(lengths) - lengths
    for start in range(0, int(lengths.sum()), LOT):
        skipped, upto = np.clip(start - before, 0, lengths), np.clip(start + LOT - before, 0, lengths)
        yield stretches(low + skipped, upto - skipped)
