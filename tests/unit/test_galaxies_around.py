"""Galaxies of a catalogue around many places, from an index on disk and from a table."""

from pathlib import Path

import numpy as np
import pytest

from coordinator.catalogues.build import build
from coordinator.catalogues.galaxies_around import RADIUS_ARCSEC, limit_of, of_index, of_table
from coordinator.catalogues.index import GalaxyIndex
from coordinator.planning.completeness import Completeness, table_of
from coordinator.planning.luminosity import B_BAND
from telescopes.description.errors import Refused

PLACES = [(0.0, 10.0), (359.9999, 10.0), (123.0, 90.0), (200.0, -89.99), (150.0, 20.0)]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Around each place a galaxy 10 arcsec away, one 100 arcsec away, and one beyond the radius."""
    lines = ["name,ra,dec,dist,dist_err,Bmag"]
    for n, (ra, dec) in enumerate(PLACES):
        for k, apart in enumerate((10.0, 100.0, RADIUS_ARCSEC + 1)):
            south = dec - apart / 3600 if dec > 0 else dec + apart / 3600
            lines.append(f"g{n}{k},{ra},{south!r},40.0,2.0,14.0")
    path = tmp_path / "galaxies.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_galaxies_are_found_over_poles_and_the_beginning_of_right_ascension(table: Path) -> None:
    known, _ = of_table(table)
    told = known.around([ra for ra, _ in PLACES], [dec for _, dec in PLACES])
    apart = [[g.separation_arcsec for g in answer.found] for answer in told]
    # The first two places are a third of an arcsecond apart: each finds the other's galaxies too.
    assert [len(a) for a in apart] == [4, 4, 2, 2, 2]
    assert apart[2:] == [pytest.approx([10.0, 100.0], abs=1e-5)] * 3
    assert apart[0] == pytest.approx([10.0, 10.0, 100.0, 100.0], abs=0.01)


def test_an_index_and_its_table_tell_the_same(table: Path, tmp_path: Path) -> None:
    build([table], tmp_path / "index", completeness=Completeness.to_limit(B_BAND, 17.5))
    ra, dec = [ra for ra, _ in PLACES], [dec for _, dec in PLACES]
    of_file, of_folder = of_table(table)[0], of_index(GalaxyIndex.open(tmp_path / "index"))
    assert of_folder.source == of_file.source == "galaxies of galaxies.csv"
    for one, other in zip(of_file.around(ra, dec), of_folder.around(ra, dec), strict=True):
        assert [g.name for g in one.found] == [g.name for g in other.found]
        assert one.complete_to_mag is None
        assert other.complete_to_mag == pytest.approx(16.5, abs=0.01)
        for a, b in zip(one.found, other.found, strict=True):
            assert b.redshift == pytest.approx(a.redshift, rel=1e-6)
            assert b.redshift_err == pytest.approx(a.redshift_err, rel=1e-6)
            assert a.redshift == pytest.approx(0.00894, abs=1e-4)
            assert a.mag == pytest.approx(13.0)


def test_no_places_and_no_galaxies_are_no_trouble(table: Path) -> None:
    known, _ = of_table(table)
    assert known.around([], []) == []
    (empty,) = known.around([60.0], [-40.0])
    assert empty.found == ()
    assert empty.silent_because is None


def test_a_table_without_a_galaxy_that_can_be_used_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    path.write_text("ra,dec,dist\n10.0,95.0,40.0\n")
    with pytest.raises(Refused, match="no galaxy can be used"):
        of_table(path)


@pytest.mark.parametrize("limit", [15.0, 17.5, 19.0])
def test_completeness_to_a_limit_is_told_as_that_limit(limit: float) -> None:
    told = limit_of(Completeness.to_limit(B_BAND, limit))
    assert told is not None
    assert told == pytest.approx(limit - 1.0, abs=0.01)


def test_completeness_that_never_falls_or_is_unknown_tells_no_limit() -> None:
    assert limit_of(None) is None
    assert limit_of(table_of([(50.0, 1.0), (300.0, 0.8)], "a test")) is None
    assert limit_of(table_of([(50.0, 0.4), (300.0, 0.1)], "a test")) is None
    assert limit_of(table_of([(47.0, 1.0), (130.0, 0.9), (300.0, 0.3)], "a test")) is not None


def test_a_thousand_places_at_once_are_what_they_are_one_by_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(40, 42, 3000), rng.uniform(-31, -29, 3000)
    path = tmp_path / "many.csv"
    some = zip(ra.tolist(), dec.tolist(), rng.uniform(10, 200, 3000).tolist(), strict=True)
    path.write_text("ra,dec,dist,Bmag\n" + "".join(f"{a!r},{d!r},{m!r},15.0\n" for a, d, m in some))
    known, _ = of_table(path)
    at = rng.uniform(40, 42, 200).tolist(), rng.uniform(-31, -29, 200).tolist()
    together = known.around(*at)
    assert sum(len(a.found) for a in together) > 200
    for n in range(0, 200, 20):
        assert known.around([at[0][n]], [at[1][n]]) == [together[n]]
