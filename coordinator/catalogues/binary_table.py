"""Galaxy tables in FITS and Parquet, read some rows at a time."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.columns import NUMBERS, QUASAR, Layout, layout_of, needed
from coordinator.catalogues.rows import MISSING, NAME_BYTES, ROWS_AT_ONCE, Array, Ints, Rows
from telescopes.description.errors import Refused

DUCKDB_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
}


def read_fits(path: Path) -> Iterator[Rows]:
    """Read the first binary table of a FITS file; the file stays on disk."""
    from astropy.io import fits

    try:
        with path.open("rb") as file, _opened(file) as parts:
            table = next((part for part in parts if isinstance(part, fits.BinTableHDU)), None)
            if table is None:
                raise Refused("holds no binary table", where=str(path), mend="give a FITS table of galaxies")
            layout = needed(layout_of(table.columns.names), str(path))
            for start in range(0, table.header["NAXIS2"], ROWS_AT_ONCE):
                some = table.data[start : start + ROWS_AT_ONCE]
                columns = {at: _fits_column(table, some, at) for at in layout.wanted}
                yield _rows(layout, columns, np.arange(start + 1, start + 1 + len(some)))
    except (OSError, TypeError, ValueError, UserWarning) as error:
        raise Refused(f"cannot be read as FITS ({error})", where=str(path), mend="fetch or write it again") from error


def read_parquet(path: Path) -> Iterator[Rows]:
    """Read a Parquet file by DuckDB, which neither loads it whole nor is noticed by Ray's workers as pyarrow is."""
    import duckdb

    source = "read_parquet(?, file_row_number = true)"
    with duckdb.connect(":memory:", config=DUCKDB_SETTINGS) as base:
        try:
            described = base.execute(f"select * from {source} limit 0", [str(path)]).description or []
            layout = needed(layout_of([d[0] for d in described if d[0] != "file_row_number"]), str(path))
            counted = base.execute(f"select count(*) from {source}", [str(path)]).fetchone()
            chosen = ", ".join(f'{_parquet_column(layout, at)} as "c{at}"' for at in layout.wanted)
            query = f"select {chosen} from {source} where file_row_number >= ? and file_row_number < ?"
            for start in range(0, counted[0] if counted else 0, ROWS_AT_ONCE):
                found = base.execute(query, [str(path), start, start + ROWS_AT_ONCE]).fetchnumpy()
                columns = {at: _filled(found[f"c{at}"], at in layout.number.values()) for at in layout.wanted}
                count = len(next(iter(columns.values())))
                yield _rows(layout, columns, np.arange(start + 1, start + 1 + count))
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


def _parquet_column(layout: Layout, at: int) -> str:
    column = '"' + layout.columns[at].replace('"', '""') + '"'
    return f"try_cast({column} as {'double' if at in layout.number.values() else 'varchar'})"


def _filled(values: Any, is_number: bool) -> NDArray[Any]:
    return np.asarray(np.ma.filled(np.ma.asarray(values), np.nan if is_number else ""))


def _rows(layout: Layout, columns: dict[int, NDArray[Any]], place: Ints) -> Rows:
    number = {
        ours: _as_numbers(columns[layout.number[ours]]) * layout.unit(ours)
        if ours in layout.number
        else np.full(place.size, np.nan)
        for ours in NUMBERS
    }
    name = np.full(place.size, b"", f"S{NAME_BYTES}")
    for at in reversed(layout.name):
        text = _as_texts(columns[at])
        known = ~np.isin(np.char.lower(text), [m.encode() for m in MISSING])
        name[known] = text[known]
    if layout.kind is None:
        return Rows(number, name, place)
    good = _as_texts(columns[layout.kind]) != QUASAR.encode()
    return Rows({k: v[good] for k, v in number.items()}, name[good], place[good], [], int((~good).sum()))


def _as_numbers(values: NDArray[Any]) -> Array:
    if values.dtype.kind in "iufb":
        return values.astype(np.float64)
    texts = (t.decode(errors="replace") if isinstance(t, bytes) else str(t) for t in values)
    return np.array([float(t) if t.strip().lower() not in MISSING else np.nan for t in texts], np.float64)


def _as_texts(values: NDArray[Any]) -> NDArray[np.bytes_]:
    if values.dtype.kind in "iuf":
        whole = [b"" if not np.isfinite(v) else str(int(v)).encode() for v in values]
        return np.array(whole, f"S{NAME_BYTES}")
    encoded = [t if isinstance(t, bytes) else str(t).encode() for t in values.tolist()]
    return np.array([t.strip() for t in encoded], f"S{NAME_BYTES}")
