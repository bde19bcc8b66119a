"""The small FITS reader against astropy, on headers that observatories write and on files that are none."""

import contextlib
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telescopes.description.durations import separation_deg
from telescopes.drivers.fits_exposure import aim_of, exposure_of
from telescopes.drivers.fits_header import NotFits, read_header

GOOD = {"DATE-OBS": "2026-01-31T04:05:06.75", "EXPTIME": 30.0, "FILTER": "r"}


def a_file(path: Path, header: dict, shape: tuple[int, ...] = (10, 20)) -> Path:
    unit = fits.PrimaryHDU(np.zeros(shape, np.int16))
    unit.header.update(header)
    unit.writeto(path, overwrite=True)
    return path


texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60).map(str.rstrip)
values = st.one_of(
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    texts,
)
keys = st.from_regex(r"K[A-Z0-9_-]{0,6}", fullmatch=True)


@settings(max_examples=25)
@given(st.dictionaries(keys, values, max_size=8))
@example({"K": "'/"})  # astropy itself reads it back without the slash
def test_what_astropy_writes_is_read_as_it_was_given(tmp_path_factory, header: dict) -> None:
    path = tmp_path_factory.mktemp("fits") / "a.fits"
    a_file(path, header)
    ours = read_header(path)
    for key, given_value in header.items():
        assert ours[key] == pytest.approx(given_value), key


def test_a_long_text_is_cut_at_its_card(tmp_path: Path) -> None:
    path = a_file(tmp_path / "a.fits", {"OBJECT": "x" * 150})
    assert set(str(read_header(path)["OBJECT"])) <= {"x", "&"}


def test_an_image_in_the_first_extension_is_read_with_the_primary_header(tmp_path: Path) -> None:
    primary = fits.PrimaryHDU()
    primary.header.update(GOOD)
    image = fits.ImageHDU(np.zeros((4, 4), np.float32))
    image.header["EXPTIME"] = 31.0
    fits.HDUList([primary, image]).writeto(tmp_path / "a.fits")
    exposure = exposure_of(read_header(tmp_path / "a.fits"))
    assert (exposure.exposure_s, exposure.filter) == (31.0, "r")
    assert exposure.start == datetime(2026, 1, 31, 4, 5, 6, 750_000, UTC)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.99])
def test_a_file_that_is_still_written_is_not_taken(tmp_path: Path, share: float) -> None:
    whole = a_file(tmp_path / "a.fits", GOOD, (100, 100)).read_bytes()
    part = tmp_path / "part.fits"
    part.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(NotFits):
        read_header(part)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\x00" * 2880, b"SIMPLE  =                    F".ljust(2880), b"SIMPLE  = ".ljust(80) * 36],
)
def test_what_is_no_fits_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.fits"
    path.write_bytes(content)
    with pytest.raises(NotFits):
        read_header(path)


@settings(max_examples=80)
@given(st.binary(max_size=400), st.integers(0, 2800))
def test_damage_is_refused_or_read_and_nothing_else(tmp_path_factory, damage: bytes, at: int) -> None:
    path = tmp_path_factory.mktemp("fits") / "a.fits"
    whole = bytearray(a_file(path, GOOD).read_bytes())
    whole[at : at + len(damage)] = damage
    path.write_bytes(bytes(whole))
    with contextlib.suppress(NotFits):
        exposure_of(read_header(path))


@settings(max_examples=60)
@given(
    st.floats(0, 359.9),
    st.floats(-89, 89),
    st.floats(-180, 180),
    st.sampled_from(["CD", "PC", "CROTA2"]),
    st.booleans(),
)
def test_the_middle_of_an_image_is_where_astropy_says(ra, dec, turn, how, mirrored) -> None:
    scale = 1 / 3600
    sx, angle = scale if mirrored else -scale, math.radians(turn)
    header = {
        **{"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": ra, "CRVAL2": dec},
        **{"CRPIX1": 100.0, "CRPIX2": 900.0, "NAXIS": 2, "NAXIS1": 2000, "NAXIS2": 1000, "CUNIT1": "deg"},
    }
    cos, sin = math.cos(angle), math.sin(angle)
    if how == "CD":
        header |= {"CD1_1": sx * cos, "CD1_2": -scale * sin, "CD2_1": sx * sin, "CD2_2": scale * cos}
    elif how == "PC":
        header |= {"CDELT1": sx, "CDELT2": scale, "PC1_1": cos, "PC1_2": -sin, "PC2_1": sin, "PC2_2": cos}
    else:
        header |= {"CDELT1": sx, "CDELT2": scale, "CROTA2": turn}
    wcs = WCS(fits.Header(header))
    theirs, above = wcs.wcs_pix2world([[1000.5, 500.5], [1000.5, 501.5]], 1)
    aim = aim_of(header)
    assert aim is not None
    assert separation_deg(aim.ra_deg, aim.dec_deg, *map(float, theirs)) < 1e-7
    east = (above[0] - theirs[0] + 180) % 360 - 180
    position_angle = math.degrees(math.atan2(east * math.cos(math.radians(theirs[1])), above[1] - theirs[1]))
    if abs(theirs[1]) < 80:
        assert abs((aim.position_angle_deg - position_angle + 180) % 360 - 180) < 3.0


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ({"RA": 10.5, "DEC": -20.25}, (10.5, -20.25)),
        ({"RA": "00:42:00", "DEC": "-20:15:00"}, (10.5, -20.25)),
        ({"OBJCTRA": "00 42 00.0", "OBJCTDEC": "-00 15 00"}, (10.5, -0.25)),
        ({"RA": 10.5, "DEC": 100.0}, None),
        ({"RA": 10.5, "DEC": 20.0, "EQUINOX": 2026.1}, None),
        ({"RA": "soon", "DEC": "later"}, None),
        ({}, None),
    ],
)
def test_the_place_is_read_as_the_mount_wrote_it_or_is_unknown(header: dict, place) -> None:
    aim = aim_of(header)
    assert (aim and (pytest.approx(aim.ra_deg), pytest.approx(aim.dec_deg))) == place


@pytest.mark.parametrize(
    "change",
    [
        {"DATE-OBS": "2026-01-31"},
        {"DATE-OBS": "9999-12-31T23:59:59"},
        {"DATE-OBS": "0001-01-01T00:00:00+14:00"},
        {"DATE-OBS": "soon"},
        {"DATE-OBS": 7},
        {"EXPTIME": 0},
        {"EXPTIME": "long"},
        {"TIMESYS": "TAI"},
        {"EXPTIME": 1e9},
    ],
)
def test_an_exposure_without_a_time_is_refused(change: dict) -> None:
    with pytest.raises(NotFits):
        exposure_of({**GOOD, **change})
