"""Any galaxy table as a stream of rows that can be believed, and a count of all that were not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from coordinator.catalogues.binary_table import read_fits, read_parquet
from coordinator.catalogues.rows import BadRow, Rows
from coordinator.catalogues.text_table import read_text
from telescopes.description.ephemeris import Array
from telescopes.description.errors import Refused

MAGICS = {b"SIMP": read_fits, b"PAR1": read_parquet}
TEXT_ENDINGS = (".csv", ".ecsv", ".txt", ".tsv", ".dat", ".gz")

BELIEVED = {
    "distance_mpc": (1e-3, 1e5),
    "distance_err_mpc": (1e-6, 1e5),
    "b_mag": (0.0, 40.0),
    "k_mag": (-2.0, 40.0),
    "mass_msun": (1e4, 1e14),
}
"""Values outside (-999 and its kin) are unknown, and counted."""

NAMED = 20
"""So many bad rows are named; all are counted."""


@dataclass(slots=True)
class Tally:
    """What was read, and what was kept out and why.

    `unlikely` counts, by column, values that say nothing, such as -999; `unread` are columns without single values.
    """

    read: int = 0
    kept: int = 0
    without_distance: int = 0
    quasars: int = 0
    bad: int = 0
    named: list[BadRow] = field(default_factory=list)
    unlikely: dict[str, int] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def add_bad(self, rows: list[BadRow]) -> None:
        """Count rows that cannot be used, and name the first."""
        self.bad += len(rows)
        self.named += rows[: NAMED - len(self.named)]


def read_table(path: Path, tally: Tally) -> Iterator[Rows]:
    """Read a galaxy table of any kind; every row that comes has a position and a distance.

    Raises
    ------
    Refused
        The file is no galaxy table, or is damaged.
    """
    reader = _reader(path)
    for rows in reader(path):
        tally.read += rows.place.size + len(rows.bad) + rows.quasars
        tally.quasars += rows.quasars
        tally.unread += [said for said in rows.unread if said not in tally.unread]
        tally.add_bad(rows.bad)
        good = _believed(rows, str(path), tally)
        tally.kept += good.place.size
        yield good


def _reader(path: Path) -> Callable[[Path], Iterator[Rows]]:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=str(path), mend="give a readable file") from error
    if not magic:
        raise Refused("is empty", where=str(path), mend="give a table of galaxies")
    if magic in MAGICS:
        return MAGICS[magic]
    if path.suffix.lower() not in TEXT_ENDINGS or path.name.lower().endswith((".fits.gz", ".parquet.gz")):
        kinds = f"{', '.join(TEXT_ENDINGS)}, FITS or Parquet, not packed"
        raise Refused("is of a kind that is not read", where=str(path), mend=f"give a table as {kinds}")
    return read_text


def _believed(rows: Rows, where: str, tally: Tally) -> Rows:
    number = dict(rows.number)
    for column, (least, most) in BELIEVED.items():
        number[column] = _within(number[column], least, most, column, tally)
    ra, dec = number["ra_deg"], number["dec_deg"]
    with np.errstate(invalid="ignore"):
        there = (np.abs(dec) <= 90.0) & (ra >= -180.0) & (ra <= 360.0)
    nowhere = np.flatnonzero(~there)
    tally.add_bad([BadRow(f"{where}: row at {rows.place[i]}", f"no position: {ra[i]:g}, {dec[i]:g}") for i in nowhere])
    known = np.isfinite(number["distance_mpc"])
    tally.without_distance += int((there & ~known).sum())
    good = there & known
    number["ra_deg"] = np.mod(ra, 360.0)
    return Rows({k: v[good] for k, v in number.items()}, rows.name[good], rows.place[good])


def _within(values: Array, least: float, most: float, column: str, tally: Tally) -> Array:
    with np.errstate(invalid="ignore"):
        good = (values > least) & (values < most)
    unlikely = int((~good & ~np.isnan(values)).sum())
    if unlikely:
        tally.unlikely[column] = tally.unlikely.get(column, 0) + unlikely
    return np.where(good, values, np.nan)
