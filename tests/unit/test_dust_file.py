"""Dust maps as they come: HEALPix FITS, mostly in Galactic coordinates."""

from pathlib import Path

import healpy
import numpy as np
import pytest

from coordinator.catalogues.dust_file import read_dust
from coordinator.sky.nested import pixel_at
from telescopes.description.errors import Refused

GALACTIC_CENTRE, GALACTIC_POLE = (266.405, -28.936), (192.859, 27.128)


def a_dust_map(file: Path, values: np.ndarray | None = None, coord: str = "G", nest: bool = False) -> Path:
    """A map that is dusty towards the plane of its coordinates."""
    nside = 64
    if values is None:
        _, latitude = healpy.pix2ang(nside, np.arange(12 * nside**2), nest=nest, lonlat=True)
        values = np.where(np.abs(latitude) < 5.0, 2.0, 0.02)
    healpy.write_map(str(file), values, coord=coord, nest=nest, dtype=np.float32)
    return file


def at(dust_file: Path, place: tuple[float, float]) -> float:
    return float(read_dust(dust_file).at(pixel_at(29, [place[0]], [place[1]]))[0])


@pytest.mark.parametrize("nest", [False, True])
def test_a_galactic_map_is_turned_to_where_telescopes_look(tmp_path: Path, nest: bool) -> None:
    file = a_dust_map(tmp_path / "dust.fits", nest=nest)
    assert at(file, GALACTIC_CENTRE) == pytest.approx(2.0)
    assert at(file, GALACTIC_POLE) == pytest.approx(0.02)


def test_an_equatorial_map_stays_as_it_is(tmp_path: Path) -> None:
    file = a_dust_map(tmp_path / "dust.fits", coord="C")
    assert at(file, (10.0, 0.5)) == pytest.approx(2.0)
    assert at(file, GALACTIC_CENTRE) == pytest.approx(0.02)


def test_what_the_map_has_not_seen_is_unknown(tmp_path: Path) -> None:
    values = np.full(12 * 64**2, healpy.UNSEEN)
    values[:1000] = 0.1
    assert np.isnan(at(a_dust_map(tmp_path / "dust.fits", values), GALACTIC_CENTRE))


@pytest.mark.parametrize("value", [-5.0, 1e6])
def test_what_is_no_reddening_is_refused(tmp_path: Path, value: float) -> None:
    with pytest.raises(Refused, match="no map of reddening"):
        read_dust(a_dust_map(tmp_path / "dust.fits", np.full(12 * 64**2, value)))


def test_what_is_no_map_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dust.fits").write_text("E(B-V)")
    for name in ("dust.fits", "missing.fits"):
        with pytest.raises(Refused, match="cannot be read as a dust map"):
            read_dust(tmp_path / name)
