"""Catalogues of points: what is read of a table, and what they know around candidates."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from astropy.table import Table
from builders.point_catalogues import points

from coordinator.catalogues.build_points import PointsToBuild, build_points
from coordinator.catalogues.opened import open_catalogue, surroundings_in
from coordinator.catalogues.point_neighbours import PointCatalogues
from coordinator.catalogues.points import PointIndex
from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.neighbours import Answer, Neighbours, Nucleus, Star, Surroundings, Variable, joined
from coordinator.vetting.sighting import Sighting
from telescopes.description.errors import Refused

ARCSEC = 1 / 3600
SINCE = datetime(2022, 6, 13, tzinfo=UTC)


def at(name: str, ra_deg: float, dec_deg: float) -> Candidate:
    return candidate_of([Sighting(name, ra_deg, dec_deg)], id=name)


def values(index: PointIndex, column: str) -> list[Any]:
    return index.columns[column].tolist()


@pytest.mark.parametrize("ending", ["csv", "ecsv", "fits", "parquet"])
def test_every_kind_of_table_gives_the_same_points(tmp_path: Path, ending: str) -> None:
    rows = {"Source": [11, 12], "RA_ICRS": [10.5, 200.25], "DE_ICRS": [-20.0, 45.0], "Gmag": [14.5, 19.25]}
    path = tmp_path / f"gaia.{ending}"
    if ending == "parquet":
        said = ", ".join(f"unnest({column!r}) as {name}" for name, column in rows.items())
        duckdb.sql(f"copy (select {said}) to '{path}' (format parquet)")
    else:
        Table(rows).write(path, format={"csv": "ascii.csv", "ecsv": "ascii.ecsv", "fits": "fits"}[ending])
    made = build_points([path], tmp_path / "gaia", PointsToBuild("stars"))
    index = PointIndex.open(tmp_path / "gaia")
    by = np.argsort(index.columns["ra_deg"])
    assert [values(index, "ra_deg")[n] for n in by] == rows["RA_ICRS"]
    assert [values(index, "mag")[n] for n in by] == rows["Gmag"]
    assert [values(index, "name")[n] for n in by] == [b"11", b"12"]
    assert (made.rows, made.sorts, made.bad) == (2, {"stars": 2}, 0)


def test_a_row_says_what_it_is_and_galaxies_are_passed_over(tmp_path: Path) -> None:
    rows = ["1,10,20,STAR", "2,10.1,20,QSO", "3,10.2,20,GALAXY", "4,10.3,20,UNSURE"]
    index = points(tmp_path / "ps1", rows, "objID,raMean,decMean,class", of="points")
    assert index.manifest.sorts == {"stars": 1, "nuclei": 1}
    assert index.manifest.passed_over == 2


def test_places_in_three_parts_are_hours_and_degrees(tmp_path: Path) -> None:
    index = points(tmp_path / "cv", ["a,12 30 36.0,-00 30 00"], "Name,RA(J2000),DEC(J2000)", of="variables")
    assert values(index, "ra_deg") == [pytest.approx(187.65)]
    assert values(index, "dec_deg") == [pytest.approx(-0.5)]


def test_bad_rows_are_named_and_the_others_kept(tmp_path: Path) -> None:
    index = points(tmp_path / "c", ["a,10,20,18.8s,,", "b,,1,2,,", "c,10,91,2,,", "d,1,2,3,,,,"])
    assert (index.manifest.rows, index.manifest.bad, index.manifest.unlikely) == (1, 3, {"mag": 1})
    assert [line.split(".csv: ")[1] for line in index.manifest.named_bad] == [
        "line 5: has 8 values, not 6",
        "row at 3: no position: nan, 1",
        "row at 4: no position: 10, 91",
    ]


def test_a_table_of_which_nothing_is_left_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nothing is left"):
        points(tmp_path / "c", ["1,10,20,GALAXY"], "id,ra,dec,class", of="points")
    assert not (tmp_path / "c").exists()


def test_a_column_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    points(tmp_path / "c", ["a,10,20,15,,"])
    np.save(tmp_path / "c" / "mag.npy", np.zeros(3, "<f4"))
    with pytest.raises(Refused, match="mag has not 1 values"):
        open_catalogue(tmp_path / "c")


def test_candidates_learn_what_is_near_nearest_first(tmp_path: Path) -> None:
    stars = points(
        tmp_path / "gaia",
        [f"far,10,{20 + 9 * ARCSEC},14.5,,", f"near,10,{20 + 1 * ARCSEC},,,", f"off,10,{20 + 16 * ARCSEC},3,,"],
        complete_to_mag=20.5,
        as_of=SINCE,
    )
    quasars = points(tmp_path / "milliquas", ["QSO 1,10,20,18,1.5,Q"], of="nuclei")
    variables = points(tmp_path / "vsx", ["V1,10,20,12,,UG", ",200,20,12,,M"], of="variables")
    known = PointCatalogues((stars, quasars, variables)).around([at("here", 10.0, 20.0), at("there", 200.0, 20.0)])
    near = known.of("here")
    assert [(s.name, s.mag) for s in near.stars[0].found] == [("near", None), ("far", 14.5)]
    assert [s.separation_arcsec for s in near.stars[0].found] == pytest.approx([1.0, 9.0], abs=1e-6)
    assert (near.stars[0].source, near.stars[0].as_of, near.stars[0].complete_to_mag) == ("gaia", SINCE, 20.5)
    assert near.nuclei == (Answer("milliquas", (Nucleus("QSO 1", 0.0, 1.5),)),)
    assert near.variables == (Answer("vsx", (Variable("V1", 0.0, "UG"),)),)
    assert near.galaxies == near.minor_planets == ()
    there = known.of("there")
    assert there.variables == (Answer("vsx", (Variable("200.00000 +20.00000", 0.0, "M"),)),)


def test_silence_tells_nothing_where_a_catalogue_holds_nothing_at_all(tmp_path: Path) -> None:
    stars = points(tmp_path / "gaia", ["a,10,20,15,,"], complete_to_mag=20.5)
    known = PointCatalogues((stars,)).around([at("covered", 10.02, 20.0), at("elsewhere", 200.0, 20.0)])
    assert known.of("covered").stars == (Answer("gaia", (), None, 20.5),)
    assert known.of("elsewhere").stars == (Answer("gaia", (), None, None),)


def test_no_candidates_and_no_catalogues_are_no_surroundings(tmp_path: Path) -> None:
    assert surroundings_in([])([at("a", 1, 2)]) == Surroundings()
    assert PointCatalogues((points(tmp_path / "c", ["a,10,20,15,,"]),)).around([]) == Surroundings()


def test_what_several_sources_know_is_joined() -> None:
    one, other = Answer("one", (Star("s", 1.0),)), Answer("other", (Star("t", 1.0),))
    quasar = Answer("third", (Nucleus("q", 1.0),))
    first = Surroundings({"a": Neighbours(stars=(one,)), "b": Neighbours(stars=(other,))})
    second = Surroundings({"a": Neighbours(stars=(other,), nuclei=(quasar,))})
    both = joined([first, second])
    assert both.of("a") == Neighbours(stars=(one, other), nuclei=(quasar,))
    assert both.of("b") == first.of("b")
