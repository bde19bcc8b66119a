"""The table of an observing scenario: what merged behind each of its maps.

The scenarios (Kiendrebeogo et al. 2023, arXiv:2306.09234) have a folder for each run: `injections.dat`, a table with
tabs, and the maps of what was found in `allsky`, each named by its row's `simulation_id`. Angles are radians, masses as
the detectors see them.
"""

import csv
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from coordinator.simulation.world.binaries import Binary
from telescopes.description.errors import Refused

TABLE, MAPS = "injections.dat", "allsky"
ANGLES = ("longitude", "latitude", "inclination")
FIGURES = ("distance", "mass1", "mass2", "spin1z")
MEND = f"give the table as the scenario has it, with simulation_id, {', '.join((*ANGLES, *FIGURES))}"
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def folder_of_maps(folder: Path) -> Path:
    """Say where a folder's maps are: of a scenario beside its table, or in `allsky`."""
    inner = folder / MAPS
    return inner if (folder / TABLE).is_file() and inner.is_dir() else folder


def truths_in(folder: Path) -> Mapping[str, Binary]:
    """Read what merged by `simulation_id`; none where a folder has no table. Times are to be drawn.

    Raises
    ------
    Refused
        The table cannot be read or has no rows, a row of it is no merger, or two are of the same name.
    """
    file = folder / TABLE
    if not file.is_file():
        return {}
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"cannot be read ({error})", where=str(file), mend=MEND) from error
    if not rows:
        raise Refused("holds no merger", where=str(file), mend=MEND)
    return _by_name(file, (_merger(file, number, row) for number, row in enumerate(rows, start=1)))


def _by_name(file: Path, mergers: Iterable[tuple[str, Binary]]) -> dict[str, Binary]:
    found: dict[str, Binary] = {}
    for name, merger in mergers:
        if name in found:
            raise Refused(f"two rows have simulation_id {name}", where=str(file), mend="drop one of them")
        found[name] = merger
    return found


def _merger(file: Path, number: int, row: Mapping[str, str | None]) -> tuple[str, Binary]:
    try:
        name = str(int(row["simulation_id"] or ""))
        ra, dec, inclination = (math.degrees(float(row[key] or "")) for key in ANGLES)
        distance, mass1, mass2, spin = (float(row[key] or "") for key in FIGURES)
    except (KeyError, ValueError) as error:
        raise Refused(f"row {number} is no merger: {error!r}", where=str(file), mend=MEND) from error
    figures = (ra, dec, inclination, distance, mass1, mass2, spin)
    can_be = all(map(math.isfinite, figures)) and min(distance, mass1, mass2) > 0.0
    if not (can_be and abs(dec) <= 90.0 and abs(spin) <= 1.0):
        raise Refused(f"row {number} is no merger: a figure cannot be", where=str(file), mend="mend or drop the row")
    return name, Binary(ra, dec, distance, inclination, 0.0, ANY_TIME, mass1, mass2, spin)
