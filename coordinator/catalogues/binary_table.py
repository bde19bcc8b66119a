"""Tables in FITS and Parquet, read some rows at a time."""

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.columns import GALAXIES, Form, Layout, layout_of, needed
from coordinator.catalogues.rows import MISSING, NAME_BYTES, ROWS_AT_ONCE, BadRow, Rows, numbers_of
from coordinator.planning.stretches import Ints
from telescopes.description.ephemeris import Array
from telescopes.description.errors import Refused

DUCKDB_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
}
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|BOOLEAN")
_NESTED = re.compile(r"\]$|^(STRUCT|MAP|UNION)\b")
"""How DuckDB calls columns of numbers, and those that hold several values in each row."""


@dataclass(frozen=True, slots=True)
class _Table:
    """What is read of a table: columns that hold single values, where each stands in the file, and what is not read."""

    where: str
    layout: Layout
    place: list[int]
    unread: tuple[str, ...]

    @classmethod
    def of(cls, names: Sequence[str], single: Sequence[bool], where: str, form: Form) -> "_Table":
        ours = layout_of(names, form).wanted
        odd = tuple(f"{where}: {names[at]} holds no single values and is not read" for at in ours if not single[at])
        place = [at for at, good in enumerate(single) if good]
        return cls(where, needed(layout_of([names[at] for at in place], form), where), place, odd)


def read_fits(path: Path, form: Form = GALAXIES) -> Iterator[Rows]:
    """Read the first binary table of a FITS file; the file stays on disk."""
    from astropy.io import fits

    try:
        with path.open("rb") as file, _opened(file) as parts:
            found = next((part for part in parts if isinstance(part, fits.BinTableHDU)), None)
            if found is None:
                raise Refused("holds no binary table", where=str(path), mend=f"give a FITS table of {form.things}")
            kinds = [found.columns.dtype[name] for name in found.columns.names]
            single = [kind.shape == () and kind.kind in "iufbSU" for kind in kinds]
            table = _Table.of(found.columns.names, single, str(path), form)
            for start in range(0, found.header["NAXIS2"], ROWS_AT_ONCE):
                some = found.data[start : start + ROWS_AT_ONCE]
                columns = {at: _fits_column(found, some, table.place[at]) for at in table.layout.wanted}
                yield _rows(table, columns, np.arange(start + 1, start + 1 + len(some)))
    except (OSError, TypeError, ValueError, UserWarning) as error:
        raise Refused(f"cannot be read as FITS ({error})", where=str(path), mend="fetch or write it again") from error


def read_parquet(path: Path, form: Form = GALAXIES) -> Iterator[Rows]:
    """Read a Parquet file by DuckDB, which neither loads it whole nor is noticed by Ray's workers as pyarrow is."""
    import duckdb

    source = "read_parquet(?, file_row_number = true)"
    with duckdb.connect(":memory:", config=DUCKDB_SETTINGS) as base:
        try:
            described = base.execute(
                f"describe select * exclude (file_row_number) from {source}", [str(path)]
            ).fetchall()
            kinds = [str(kind) for _, kind, *_ in described]
            names, single = [str(name) for name, *_ in described], [not _NESTED.search(k) for k in kinds]
            table = _Table.of(names, single, str(path), form)
            counted = base.execute(f"select count(*) from {source}", [str(path)]).fetchone()
            chosen = ", ".join(_parquet_column(table, at, kinds) for at in table.layout.wanted)
            query = f"select {chosen} from {source} where file_row_number >= ? and file_row_number < ?"
            for start in range(0, counted[0] if counted else 0, ROWS_AT_ONCE):
                found = base.execute(query, [str(path), start, start + ROWS_AT_ONCE]).fetchnumpy()
                columns = {at: _filled(found[f"c{at}"]) for at in table.layout.wanted}
                count = len(next(iter(columns.values())))
                yield _rows(table, columns, np.arange(start + 1, start + 1 + count))
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise Refused(f"cannot be read as Parquet ({said})", where=str(path), mend="write it again") from error


def _opened(file: IO[bytes]) -> Any:
    """Open a FITS file; one that was cut off is an error, other faults of form are not."""
    from astropy.io import fits

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fits.verify.VerifyWarning)
        warnings.filterwarnings("error", message=".*truncated")
        parts = fits.open(file, memmap=True, lazy_load_hdus=False)
    return parts


def _fits_column(table: Any, some: Any, at: int) -> NDArray[Any]:
    values = np.asarray(some.field(at))
    if values.dtype.kind not in "iufb":
        return values
    null = table.columns[at].null
    with_gaps = np.asarray(values, np.float64)
    return np.where(values == null, np.nan, with_gaps) if null is not None and values.dtype.kind in "iu" else with_gaps


def _parquet_column(table: _Table, at: int, kinds: Sequence[str]) -> str:
    """Words of a query that give a column as numbers if all of it is, else as it would be written."""
    column = '"' + table.layout.columns[at].replace('"', '""') + '"'
    is_number = at in table.layout.number.values() and _NUMBER.fullmatch(kinds[table.place[at]])
    return f'try_cast({column} as {"double" if is_number else "varchar"}) as "c{at}"'


def _filled(values: Any) -> NDArray[Any]:
    """Put NaN, or an empty text, where a value is missing."""
    masked = np.ma.asarray(values)
    return np.asarray(np.ma.filled(masked, np.nan if masked.dtype.kind == "f" else ""))


def _rows(table: _Table, columns: dict[int, NDArray[Any]], place: Ints) -> Rows:
    layout, wrong = table.layout, dict[int, str]()
    number = {
        ours: _as_numbers(columns[at], layout, ours, wrong) * layout.unit(ours)
        if (at := layout.number.get(ours)) is not None
        else np.full(place.size, np.nan)
        for ours in layout.form.numbers
    }
    name = np.full(place.size, b"", f"S{NAME_BYTES}")
    for at in reversed(layout.name):
        text = _as_texts(columns[at])
        known = ~np.isin(np.char.lower(text), [m.encode() for m in MISSING])
        name[known] = text[known]
    kind = None if layout.kind is None else _as_texts(columns[layout.kind])
    left_out = layout.form.left_out
    good = np.ones(place.size, bool) if kind is None or left_out is None else kind != left_out.encode()
    quasars = int((~good).sum())
    bad = [BadRow(f"{table.where}: row {place[i]}", wrong[i]) for i in sorted(wrong) if good[i]]
    good[list(wrong)] = False
    kind = None if kind is None else kind[good]
    return Rows({k: v[good] for k, v in number.items()}, name[good], place[good], bad, quasars, table.unread, kind)


def _as_numbers(values: NDArray[Any], layout: Layout, ours: str, wrong: dict[int, str]) -> Array:
    if values.dtype.kind in "iufb":
        return values.astype(np.float64)
    texts = [t.decode(errors="replace") if isinstance(t, bytes) else str(t) for t in values.tolist()]
    return numbers_of(texts, layout, ours, wrong)


def _as_texts(values: NDArray[Any]) -> NDArray[np.bytes_]:
    if values.dtype.kind in "iuf":
        whole = [b"" if not np.isfinite(v) else str(int(v)).encode() for v in values]
        return np.array(whole, f"S{NAME_BYTES}")
    encoded = [t if isinstance(t, bytes) else str(t).encode() for t in values.tolist()]
    return np.array([t.strip() for t in encoded], f"S{NAME_BYTES}")
