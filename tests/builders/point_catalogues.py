"""Small catalogues of points."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coordinator.catalogues.build_points import PointsToBuild, build_points
from coordinator.catalogues.points import PointIndex


def points(folder: Path, rows: Sequence[str], columns: str = "name,ra,dec,mag,z,type", **wish: Any) -> PointIndex:
    """Index rows of text; `wish` as `PointsToBuild`, of stars unless it says."""
    table = folder.with_suffix(".csv")
    table.write_text("\n".join([columns, *rows]) + "\n")
    build_points([table], folder, PointsToBuild(**{"of": "stars", **wish}))
    return PointIndex.open(folder)
