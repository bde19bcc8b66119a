"""Galaxy tables of every kind: what is missing stays unknown, and what cannot be read is named."""

import gzip
import math
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest
from astropy.io import fits
from astropy.table import MaskedColumn, Table
from builders.galaxies import glade_line

from coordinator.catalogues.read import Tally, read_table
from coordinator.catalogues.rows import Rows
from telescopes.description.errors import Refused

NED = ("objname", "ra", "dec", "DistMpc", "DistMpc_unc", "m_Ks", "Mstar", "z")
WHOLE = ("NGC 4993", 197.45, -23.38, 40.7, 2.4, 9.2, 4e10, 0.0098)
GAPS = ("WISEA J1", 359.9, 89.5, 120.0, None, None, None, None)
FAR = ("no distance", 10.0, 10.0, None, None, 12.0, None, 0.1)


def read(path: Path) -> tuple[Rows, Tally]:
    tally = Tally()
    lots = list(read_table(path, tally))
    number = {key: np.concatenate([lot.number[key] for lot in lots]) for key in lots[0].number}
    return Rows(number, np.concatenate([lot.name for lot in lots]), np.concatenate([lot.place for lot in lots])), tally


def as_csv(path: Path) -> Path:
    lines = [",".join("" if v is None else str(v) for v in row) for row in (NED, WHOLE, GAPS, FAR)]
    path.write_text("\n".join(lines) + "\n")
    return path


def as_tabs(path: Path) -> Path:
    lines = ["\t".join("null" if v is None else str(v) for v in row) for row in (NED, WHOLE, GAPS, FAR)]
    path.write_text("# a comment\n" + "\r\n".join(lines))
    return path


def as_packed(path: Path) -> Path:
    plain = as_csv(path.with_suffix(".csv"))
    packed = path.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    return packed


def masked() -> Table:
    table = Table()
    for i, name in enumerate(NED):
        values = [row[i] for row in (WHOLE, GAPS, FAR)]
        gaps = [v is None for v in values]
        filler = "" if i == 0 else 0.0
        table[name] = MaskedColumn([filler if v is None else v for v in values], mask=gaps)
    return table


def as_ecsv(path: Path) -> Path:
    masked().write(path, format="ascii.ecsv")
    return path


def as_ecsv_with_commas(path: Path) -> Path:
    masked().write(path, format="ascii.ecsv", delimiter=",")
    return path


def as_fits(path: Path) -> Path:
    masked().filled(np.nan).write(path, format="fits")
    return path


def as_parquet(path: Path) -> Path:
    rows = ", ".join(str(tuple(row)).replace("None", "null") for row in (WHOLE, GAPS, FAR))
    columns = ", ".join(f'"{name}"' for name in NED)
    duckdb.sql(f"copy (select * from (values {rows}) as t({columns})) to '{path}' (format parquet)")
    return path


KINDS: dict[str, Callable[[Path], Path]] = {
    "table.csv": as_csv,
    "table.tsv": as_tabs,
    "packed.gz": as_packed,
    "table.ecsv": as_ecsv,
    "commas.ecsv": as_ecsv_with_commas,
    "table.fits": as_fits,
    "table.parquet": as_parquet,
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_table_gives_the_same_galaxies(tmp_path: Path, name: str) -> None:
    rows, tally = read(KINDS[name](tmp_path / name))
    assert rows.name.tolist() == [b"NGC 4993", b"WISEA J1"]
    first = {key: float(values[0]) for key, values in rows.number.items()}
    assert first.pop("b_mag") is not None and math.isnan(float(rows.number["b_mag"][0]))
    assert first == pytest.approx(
        {
            "ra_deg": 197.45,
            "dec_deg": -23.38,
            "distance_mpc": 40.7,
            "distance_err_mpc": 2.4,
            "k_mag": 9.2,
            "mass_msun": 4e10,
        }
    )
    unknown = [key for key, values in rows.number.items() if math.isnan(values[1])]
    assert unknown == ["distance_err_mpc", "b_mag", "k_mag", "mass_msun"]
    assert (tally.read, tally.kept, tally.without_distance, tally.bad) == (3, 2, 1, 0)


def test_glade_plus_without_a_header_is_known_by_its_40_columns(tmp_path: Path) -> None:
    path = tmp_path / "GLADE+.txt"
    known = glade_line(GLADE=1, GWGC="NGC4736", Type="G", RA=192.7, Dec=41.1, Bmag=8.7, Kmag=5.1, dL=4.4, M_=1.5)
    quasar = glade_line(GLADE=2, Type="Q", RA=1.0, Dec=1.0, dL=3000.0)
    unnamed = glade_line(GLADE=3, Type="G", RA=2.0, Dec=2.0, dL=90.0, e_dL=9.0)
    path.write_text("\n".join([known, quasar, unnamed]) + "\n")
    rows, tally = read(path)
    assert rows.name.tolist() == [b"NGC4736", b"3"]
    assert rows.number["mass_msun"][0] == pytest.approx(1.5e10)
    assert rows.number["b_mag"][0] == pytest.approx(8.7)
    assert math.isnan(rows.number["mass_msun"][1])
    assert (tally.kept, tally.quasars) == (2, 1)


def test_an_absolute_magnitude_is_not_taken_for_an_apparent_one(tmp_path: Path) -> None:
    path = tmp_path / "vizier.csv"
    path.write_text("RAJ2000,DEJ2000,BMAG,Bmag,dL\n10,20,-20.1,14.2,80\n")
    assert read(path)[0].number["b_mag"].tolist() == [14.2]


def test_a_bad_row_is_named_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("name,ra,dec,dist,B\na,1,2,50,14\nb,1h3m,2,50,14\nc,1,2\nd,1,95,50,14\ne,,2,50,14\nf,3,4,60,?\n")
    rows, tally = read(path)
    assert rows.name.tolist() == [b"a"]
    assert (tally.read, tally.bad) == (6, 5)
    said = sorted(str(row).removeprefix(f"{path}: ") for row in tally.named)
    assert said == [
        "line 3: ra is '1h3m', no number",
        "line 4: has 3 values, not 5",
        "line 7: B is '?', no number",
        "row at 5: no position: 1, 95",
        "row at 6: no position: nan, 2",
    ]


CELLS = [
    ("a", "1", "2", "50", "14"),
    ("b", "1h", "2", "50", "14"),
    ("c", "3", "4", "60", "?"),
    ("d", "5", "6", "70", ""),
]


def cells_csv(path: Path) -> None:
    path.write_text("\n".join(["name,ra,dec,dist,B", *(",".join(row) for row in CELLS)]))


def cells_fits(path: Path) -> None:
    texts = zip(("name", "ra", "dec", "dist", "B"), zip(*CELLS, strict=True), strict=True)
    fits.BinTableHDU.from_columns([fits.Column(n, "8A", array=np.array(cells)) for n, cells in texts]).writeto(path)


def cells_parquet(path: Path) -> None:
    rows = ", ".join(str(row) for row in CELLS)
    duckdb.sql(f"copy (select * from (values {rows}) as t(name, ra, dec, dist, B)) to '{path}' (format parquet)")


@pytest.mark.parametrize(
    ("write", "place"),
    [(cells_csv, "line {}"), (cells_fits, "row {}"), (cells_parquet, "row {}")],
    ids=["csv", "FITS", "Parquet"],
)
def test_a_cell_that_cannot_be_read_is_named_in_every_kind_of_table(
    tmp_path: Path, write: Callable[[Path], None], place: str
) -> None:
    path = tmp_path / write.__name__.replace("_", ".")
    write(path)
    rows, tally = read(path)
    assert rows.name.tolist() == [b"a", b"d"] and rows.number["ra_deg"].tolist() == [1.0, 5.0]
    assert math.isnan(rows.number["b_mag"][1])
    first = 3 if write is cells_csv else 2
    assert [str(row).removeprefix(f"{path}: ") for row in tally.named] == [
        f"{place.format(first)}: ra is '1h', no number",
        f"{place.format(first + 1)}: B is '?', no number",
    ]
    assert (tally.read, tally.kept, tally.bad) == (4, 2, 2)


def vectors_fits(path: Path, vector: str) -> None:
    columns = [fits.Column(n, "D", array=np.arange(1.0, 4.0)) for n in ("ra", "dec", "dist") if n != vector]
    columns.append(fits.Column(vector, "2D", array=np.ones((3, 2))))
    columns.append(fits.Column("history", "PD()", array=np.array([np.ones(n) for n in (1, 2, 3)], dtype=object)))
    fits.BinTableHDU.from_columns(columns).writeto(path)


def vectors_parquet(path: Path, vector: str) -> None:
    columns = ", ".join(f"i as {n}" for n in ("ra", "dec", "dist") if n != vector)
    duckdb.sql(f"copy (select {columns}, [i, i] as {vector} from range(1, 4) t(i)) to '{path}' (format parquet)")


@pytest.mark.parametrize("write", [vectors_fits, vectors_parquet])
def test_a_column_of_several_values_a_row_is_not_there_and_said_so(
    tmp_path: Path, write: Callable[[Path, str], None]
) -> None:
    write(tmp_path / "t.x", "K")
    rows, tally = read(tmp_path / "t.x")
    assert rows.number["distance_mpc"].tolist() == [1.0, 2.0, 3.0] and np.isnan(rows.number["k_mag"]).all()
    assert tally.unread == [f"{tmp_path}/t.x: K holds no single values and is not read"]
    write(tmp_path / "u.x", "ra")
    with pytest.raises(Refused, match="no column is ra_deg"):
        read(tmp_path / "u.x")


def test_a_number_that_stands_for_nothing_is_unknown_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("ra,dec,dist,dist_err,K,mstar\n1,2,50,-999,99.9,0\n3,4,-1,5,10,1e10\n")
    rows, tally = read(path)
    assert [math.isnan(rows.number[c][0]) for c in ("distance_err_mpc", "k_mag", "mass_msun")] == [True] * 3
    assert tally.unlikely == {"distance_mpc": 1, "distance_err_mpc": 1, "k_mag": 1, "mass_msun": 1}
    assert tally.without_distance == 1


def test_an_integer_that_fits_calls_null_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "null.fits"
    columns = [fits.Column(n, "D", array=np.array([1.0, 2.0])) for n in ("ra", "dec", "dist")]
    columns.append(fits.Column("K", "J", null=-5, array=np.array([-5, 12])))
    fits.BinTableHDU.from_columns(columns).writeto(path)
    magnitudes = read(path)[0].number["k_mag"]
    assert math.isnan(magnitudes[0]) and magnitudes[1] == 12.0


def test_rows_of_two_lots_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    count = 100_500
    path.write_text("name,ra,dec,dist\n" + "".join(f"g{i},{i % 360},0,100\n" for i in range(count)))
    rows, tally = read(path)
    assert tally.kept == count
    assert rows.name[100_400] == b"g100400" and rows.place[-1] == count + 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("nothing.csv", b"", "is empty"),
        ("picture.png", b"\x89PNG....", "is of a kind that is not read"),
        ("words.csv", b"name,ra,dec\nx,1,2\n", "no column is distance_mpc; it has name, ra, dec"),
        ("cut.fits", b"SIMPLE  =                    T", "FITS"),
        ("cut.parquet", b"PAR1 and no more", "cannot be read as Parquet"),
        ("cut.csv.gz", gzip.compress(b"ra,dec,dist\n" + b"1,2,3\n" * 5000, mtime=0)[:60], "ends early"),
        ("hurt.csv.gz", gzip.compress(b"ra,dec,dist\n")[:10] + b"\xff" * 99, "ends early or is damaged"),
        ("only.csv", b"# comment\n", "no column is ra_deg, dec_deg, distance_mpc"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refused) as caught:
        read(path)
    assert says in str(caught.value) and str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_fits_table_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    whole = as_fits(tmp_path / "whole.fits").read_bytes()
    path = tmp_path / "cut.fits"
    path.write_bytes(whole[:-2880])
    with pytest.raises(Refused, match="cannot be read as FITS"):
        read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        read(tmp_path / "none.csv")
