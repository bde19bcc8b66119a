"""Making an index of point objects once, of the same parts as one of galaxies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np

from coordinator.catalogues.build import sha256_of, source_of, whole, write_columns
from coordinator.catalogues.columns import Form
from coordinator.catalogues.manifest import FILE
from coordinator.catalogues.point_columns import BY_ROW, POINTS, ROW, SORTS, sorted_out
from coordinator.catalogues.point_manifest import SCHEMA, PointManifest
from coordinator.catalogues.read import Tally
from coordinator.catalogues.rows import Rows
from coordinator.catalogues.spill import Records, Spill
from coordinator.sky.nested import pixel_at
from telescopes.description.errors import Refused

COVERED_ORDER = 8
"""A pixel of this order, 14 arcminutes wide, that holds a row of the tables counts as covered by the catalogue."""

COVERED = "covered"


@dataclass(frozen=True, slots=True)
class PointsToBuild:
    """What is known of a catalogue besides its tables.

    Attributes
    ----------
    of : str
        stars, nuclei, variables, reported; or points: each row says what it is.
    complete_to_mag : float or None
        To this brightness it holds everything where it holds anything; None: nobody says.
    as_of : datetime or None
        How old its knowledge is.
    type : str
        Type of rows whose table has no column for it.
    columns : mapping
        What the tables call our columns, where they are not known by name.
    """

    of: str = BY_ROW
    complete_to_mag: float | None = None
    as_of: datetime | None = None
    note: str = ""
    type: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def form(self) -> Form:
        """What is looked for in the tables.

        Raises
        ------
        Refused
            A column or a sort is not known.
        """
        if self.of not in (BY_ROW, *SORTS):
            raise Refused(f"{self.of!r} is no sort", where="--of", mend=f"give {', '.join((BY_ROW, *SORTS))}")
        known = (*POINTS.numbers, "name", "type")
        for ours in self.columns:
            if ours not in known:
                raise Refused(f"{ours!r} is not known", where="--columns", mend=f"use {', '.join(known)}")
        return replace(POINTS.called(self.columns), things=self.of)


@dataclass(slots=True)
class _Seen:
    """What is counted while tables are read and columns written. Rows that are passed over cover the sky too."""

    sorts: np.ndarray = field(default_factory=lambda: np.zeros(len(SORTS), np.int64))
    covered: np.ndarray = field(default_factory=lambda: np.zeros(12 * 4**COVERED_ORDER, bool))
    passed_over: int = 0

    def add(self, records: Records) -> None:
        self.sorts += np.bincount(records["sort"], minlength=len(SORTS))


def build_points(tables: Sequence[Path], folder: Path, wish: PointsToBuild) -> PointManifest:
    """Read tables of point objects and write an index of them.

    Parameters
    ----------
    tables : paths
        Text, FITS or Parquet; see `read_table`.
    folder : path
        Made whole or not at all; must not exist yet. Its name is the catalogue's.

    Raises
    ------
    Refused
        A table is none, no row of it can be used, or the folder cannot be made.
    """
    return whole(folder, lambda work: _made(tables, work, folder.name, wish))


def _made(tables: Sequence[Path], work: Path, name: str, wish: PointsToBuild) -> PointManifest:
    spill, tally, seen, form = Spill(work, row=ROW), Tally(), _Seen(), wish.form

    def pick(rows: Rows) -> Rows:
        seen.covered[pixel_at(COVERED_ORDER, rows.number["ra_deg"], rows.number["dec_deg"])] = True
        kept, without = sorted_out(rows, wish.of, wish.type)
        seen.passed_over += without
        return kept

    sources = tuple(source_of(path, spill, tally, form, pick) for path in tables)
    if tally.kept == seen.passed_over:
        first = f"; {tally.named[0]}" if tally.named else ""
        why = f"{tally.read} rows, {seen.passed_over} of no sort that is used, {tally.bad} bad{first}"
        raise Refused(f"nothing is left ({why})", where=str(tables[0]), mend="give a table with positions and sorts")
    index = work / "index"
    index.mkdir()
    known = write_columns(spill, index, seen.add)
    np.save(index / f"{COVERED}.npy", np.flatnonzero(seen.covered))
    manifest = PointManifest(
        schema=SCHEMA,
        name=name,
        sources=sources,
        rows=known["key"],
        sorts={sort: int(n) for sort, n in zip(SORTS, seen.sorts, strict=True) if n},
        read=tally.read,
        passed_over=seen.passed_over,
        bad=tally.bad,
        doubles=spill.doubles,
        named_bad=tuple(str(row) for row in tally.named),
        unlikely=tally.unlikely,
        known={column: count for column, count in known.items() if column not in ("key", "sort")},
        files={column: sha256_of(index / f"{column}.npy") for column in (*known, COVERED)},
        as_of=wish.as_of,
        complete_to_mag=wish.complete_to_mag,
        note=wish.note,
        unread=tuple(tally.unread),
    )
    (index / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest
