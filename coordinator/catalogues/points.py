"""A catalogue of point objects that is open: columns along the nested curve, mapped from disk, asked by cones."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.catalogues.build import sha256_of
from coordinator.catalogues.build_points import COVERED, COVERED_ORDER
from coordinator.catalogues.cones import Found, cones
from coordinator.catalogues.index import mapped
from coordinator.catalogues.point_columns import ROW
from coordinator.catalogues.point_manifest import PointManifest, read_point_manifest
from coordinator.sky.nested import pixel_at
from telescopes.description.errors import Refused


@dataclass(frozen=True, slots=True, eq=False)
class PointIndex:
    """Stars, active nuclei, variables and transients by place."""

    folder: Path
    manifest: PointManifest
    columns: dict[str, NDArray[Any]]
    covered: NDArray[np.int64]

    def __len__(self) -> int:
        return self.manifest.rows

    @classmethod
    def open(cls, folder: Path) -> "PointIndex":
        """Open a catalogue.

        Raises
        ------
        Refused
            The folder is none, or a column is not as long as it says.
        """
        manifest = read_point_manifest(folder)
        columns = {name: mapped(folder / f"{name}.npy", ROW[name]) for name in ROW.names or ()}
        wrong = [name for name, column in columns.items() if column.shape != (manifest.rows,)]
        if wrong:
            raise Refused(
                f"{wrong[0]} has not {manifest.rows} values", where=str(folder), mend="build the catalogue again"
            )
        return cls(folder, manifest, columns, mapped(folder / f"{COVERED}.npy", np.dtype("<i8")))

    def within(self, ra_deg: ArrayLike, dec_deg: ArrayLike, radius_arcsec: float) -> Found:
        """Search around many places at once; see `cones`."""
        at_deg = self.columns["ra_deg"], self.columns["dec_deg"]
        return cones(self.columns["key"], at_deg, ra_deg, dec_deg, radius_arcsec)

    def covers(self, ra_deg: ArrayLike, dec_deg: ArrayLike) -> NDArray[np.bool_]:
        """Say for each place whether the catalogue holds anything within some arcminutes of it."""
        pixel = pixel_at(COVERED_ORDER, ra_deg, dec_deg)
        at = np.minimum(np.searchsorted(self.covered, pixel), self.covered.size - 1)
        return np.asarray(self.covered[at] == pixel)

    def damaged(self) -> list[str]:
        """Columns whose files are not what was written."""
        files = self.manifest.files
        return [column for column, digest in files.items() if sha256_of(self.folder / f"{column}.npy") != digest]
