"""Any table as a stream of rows that can be believed, and a count of all that were not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from coordinator.catalogues.binary_table import read_fits, read_parquet
from coordinator.catalogues.columns import GALAXIES, Form
from coordinator.catalogues.package_tables import read_bright_gaia, read_ongc
from coordinator.catalogues.rows import BadRow, Rows
from coordinator.catalogues.text_table import read_text
from telescopes.description.ephemeris import Array
from telescopes.description.errors import Refused

MAGICS = {b"SIMP": read_fits, b"PAR1": read_parquet, b"SQLi": read_ongc, b"GDR3": read_bright_gaia}
TEXT_ENDINGS = (".csv", ".ecsv", ".txt", ".tsv", ".dat", ".gz")

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


def read_table(path: Path, tally: Tally, form: Form = GALAXIES) -> Iterator[Rows]:
    """Read a table of any kind; every row that comes has what its form needs, a position first of all.

    Raises
    ------
    Refused
        The file is no such table, or is damaged.
    """
    reader = _reader(path, form)
    for rows in reader(path, form):
        tally.read += rows.place.size + len(rows.bad) + rows.quasars
        tally.quasars += rows.quasars
        tally.unread += [said for said in rows.unread if said not in tally.unread]
        tally.add_bad(rows.bad)
        good = _believed(rows, str(path), tally, form)
        tally.kept += good.place.size
        yield good


def _reader(path: Path, form: Form) -> Callable[[Path, Form], Iterator[Rows]]:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=str(path), mend="give a readable file") from error
    if not magic:
        raise Refused("is empty", where=str(path), mend=f"give a table of {form.things}")
    if magic in MAGICS:
        return MAGICS[magic]
    if path.suffix.lower() not in TEXT_ENDINGS or path.name.lower().endswith((".fits.gz", ".parquet.gz")):
        kinds = f"{', '.join(TEXT_ENDINGS)}, FITS or Parquet, not packed"
        raise Refused("is of a kind that is not read", where=str(path), mend=f"give a table as {kinds}")
    return read_text


def _believed(rows: Rows, where: str, tally: Tally, form: Form) -> Rows:
    number = dict(rows.number)
    for column, (least, most) in form.believed.items():
        number[column] = _within(number[column], least, most, column, tally)
    ra, dec = number["ra_deg"], number["dec_deg"]
    with np.errstate(invalid="ignore"):
        there = (np.abs(dec) <= 90.0) & (ra >= -180.0) & (ra <= 360.0)
    nowhere = np.flatnonzero(~there)
    tally.add_bad([BadRow(f"{where}: row at {rows.place[i]}", f"no position: {ra[i]:g}, {dec[i]:g}") for i in nowhere])
    good = there & np.all([np.isfinite(number[column]) for column in form.needed], axis=0)
    tally.without_distance += int((there & ~good).sum())
    number["ra_deg"] = np.mod(ra, 360.0)
    kind = None if rows.kind is None else rows.kind[good]
    return Rows({k: v[good] for k, v in number.items()}, rows.name[good], rows.place[good], kind=kind)


def _within(values: Array, least: float, most: float, column: str, tally: Tally) -> Array:
    with np.errstate(invalid="ignore"):
        good = (values > least) & (values < most)
    unlikely = int((~good & ~np.isnan(values)).sum())
    if unlikely:
        tally.unlikely[column] = tally.unlikely.get(column, 0) + unlikely
    return np.where(good, values, np.nan)
