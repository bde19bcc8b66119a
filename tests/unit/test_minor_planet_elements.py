"""Elements as they are published: what is read, and what is said of what cannot be."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from coordinator.catalogues.minor_planets.designations import is_same, mjd_of_packed, unpacked
from coordinator.catalogues.minor_planets.read import Read, read_elements
from telescopes.description.errors import Refused

CERES = (
    "00001    3.34  0.12 K1794 309.49412   73.02367   80.30888   10.59322  0.0756074  0.21408881   2.7674094"
    "  0 MPO425796  6680 114 1801-2017 0.60 M-v 30h MPCLINUX   0000      (1) Ceres              20171104"
)
HEADER = "MINOR PLANET CENTER ORBIT DATABASE (MPCORB)\n\nDes'n     H     G   Epoch\n" + "-" * 160 + "\n"


def read(folder: Path, text: str, name: str = "elements") -> Read:
    path = folder / name
    path.write_text(text)
    return read_elements(path)


@pytest.mark.parametrize(
    ("packed", "mjd"), [("K1794", 58000.0), ("J9611", 50083.0), ("J961V", 50113.0), ("K01AM", 52204.0)]
)
def test_packed_dates_are_read(packed: str, mjd: float) -> None:
    assert mjd_of_packed(packed) == mjd


@pytest.mark.parametrize("packed", ["", "K17", "Kxx94", "K173W", "K17D1", "K1700", "?1794"])
def test_what_is_no_packed_date_is_refused(packed: str) -> None:
    with pytest.raises(ValueError):
        mjd_of_packed(packed)


@pytest.mark.parametrize(
    ("packed", "plain"),
    [
        ("00001", "1"),
        ("A0000", "100000"),
        ("z9999", "619999"),
        ("~0000", "620000"),
        ("~zzzz", "15396335"),
        ("J95X00A", "1995 XA"),
        ("J95X01L", "1995 XL1"),
        ("K07Tf8A", "2007 TA418"),
        ("PLS2040", "2040 P-L"),
        ("T3S4101", "4101 T-3"),
        ("_QC0000", "2026 CA620"),
        ("_QC0aEM", "2026 CZ6190"),
        ("what?", "what?"),
        ("", ""),
    ],
)
def test_packed_designations_are_read(packed: str, plain: str) -> None:
    assert unpacked(packed) == plain


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("387015", "(387015) 2012 RW24", True),
        ("2", "2 Pallas (A802 FA)", True),
        ("2046", "(2046) Leningrad", True),
        ("2022 SW157", "2022 SW157", True),
        ("2022 SW157", "(2022 SW157)", True),
        ("2022", "2022 SW157", False),
        ("783364", "2007 UN160", False),
    ],
)
def test_two_names_of_one_body_are_known_as_such(one: str, other: str, same: bool) -> None:
    assert is_same(one, other) is same


def test_rows_of_mpcorb_are_read_with_and_without_its_header(tmp_path: Path) -> None:
    for text in (HEADER + CERES + "\n\n", CERES + "\n"):
        found = read(tmp_path, text)
        (row,) = found.elements.records
        assert (found.elements.names, found.bad) == (["(1) Ceres"], 0)
        assert (row["epoch_mjd"], row["e"], row["h_mag"], row["slope"]) == (58000.0, 0.0756074, 3.34, 0.12)
        assert row["q_au"] == pytest.approx(2.7674094 * (1 - 0.0756074))
        assert row["tp_mjd"] == pytest.approx(58000 + (360 - 309.49412) / 0.21408881, abs=2e-3)


def test_a_packed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "MPCORB.DAT.gz"
    path.write_bytes(gzip.compress((HEADER + CERES).encode()))
    assert read_elements(path).elements.names == ["(1) Ceres"]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Refused, match=r"MPCORB.DAT.gz: cannot be read"):
        read_elements(path)


def test_a_body_without_magnitude_or_name_keeps_its_orbit(tmp_path: Path) -> None:
    bare = "K07Tf8A" + " " * 13 + CERES[20:103]
    found = read(tmp_path, HEADER + bare)
    assert found.elements.names == ["2007 TA418"]
    assert np.isnan(found.elements.records["h_mag"][0]) and np.isnan(found.elements.records["slope"][0])


def test_bad_rows_are_named_and_the_others_stay(tmp_path: Path) -> None:
    bad = [
        CERES[:70] + "nonsense " + CERES[79:],
        CERES[:20] + "K17Z4" + CERES[25:],
        CERES[:40],
        CERES[:70] + "1.2000000" + CERES[79:],
    ]
    found = read(tmp_path, HEADER + "\n".join([CERES, *bad, CERES]))
    assert (len(found.elements), found.bad) == (2, 4)
    said = [str(row) for row in found.named]
    assert "line 6: eccentricity is 'nonsense', no number" in said[0]
    assert "line 7: epoch 'K17Z4' is no packed date" in said[1]
    assert "line 8: is too short for a row" in said[2]
    assert "line 9: describes no orbit about the Sun" in said[3]
    assert not any("\n" in line for line in said)


def test_xephem_rows_of_every_conic_are_read(tmp_path: Path) -> None:
    rows = [
        "Ceres,e,10.58769,80.26858,73.63703,2.7660431,0.21424745,0.078501,291.37563,2022.05479452,2000,3.56,0.15",
        "Open,h,9/9.4886/2017,122.7,24.6,241.8,1.19951,0.25524,2000,22.08,0.15",
        "Flat,p,1/2.5/2022,12,34,1.5,56,2000,7.0,4.0",
        "Old,e,10,80,73,2.7,0,0.07,291,1/21/2022,1950,H3.5,0.15",
        "Fixed,f|S,1:2:3,4:5:6,7",
    ]
    found = read(tmp_path, "# from somewhere\n" + "\n".join(rows))
    r = found.elements.records
    assert found.elements.names == ["Ceres", "Open", "Flat"]
    assert r["epoch_mjd"] == pytest.approx([59600.0, 58005.4886, 59581.5], abs=1e-3)
    assert r["q_au"] == pytest.approx([2.7660431 * (1 - 0.078501), 0.25524, 1.5])
    assert (r["e"][2], r["peri_deg"][2], r["node_deg"][2]) == (1.0, 34.0, 56.0)
    assert [str(row).partition("line ")[2] for row in found.named] == [
        "5: its equinox is 1950, not 2000",
        "6: 'f|S' is no orbit about the Sun (e, h or p)",
    ]


def test_horizons_columns_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"line 1: no column is q, Tp_jd; give the columns"):
        read(tmp_path, "targetname,datetime_jd,e,incl,Omega,w\nX,2458000.5,0.1,1,2,3\n")


@pytest.mark.parametrize("text", ["", "hello\nworld\n", HEADER, HEADER + "short\n"])
def test_a_file_without_orbits_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refused) as caught:
        read(tmp_path, text)
    assert "give MPCORB.DAT" in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        read_elements(tmp_path / "none")
