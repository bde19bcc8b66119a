"""What is wrong with a sky map is mended and said, or the map is refused in one clear sentence."""

import gzip
import io
import tracemalloc

import numpy as np
import pytest
from astropy.io import fits
from builders.fits_maps import blob, flat_map, gzipped, multiorder_map, ring, two_orders, written

from coordinator.sky.byte_source import GzipSource
from coordinator.sky.read import read_skymap
from telescopes.description.errors import Refused

SKY = blob(16)


def with_value(value: float, where: int = 5) -> np.ndarray:
    changed = SKY.copy()
    changed[where] = value
    return changed


def an_image() -> bytes:
    out = io.BytesIO()
    fits.PrimaryHDU(np.zeros((10, 10), np.int16)).writeto(out)
    return out.getvalue()


def test_nan_counts_as_zero_and_is_counted() -> None:
    order, ipix, probability = two_orders()
    probability[[50, 60]] = np.nan
    sky = read_skymap(multiorder_map(order, ipix, probability))
    assert np.isfinite(sky.probability).all()
    assert sky.facts.warnings[0].startswith("2 cells are not finite")
    assert "the probabilities sum to" in sky.facts.warnings[1]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_flat_pixel_that_is_not_finite_counts_as_zero(value: float) -> None:
    sky = read_skymap(flat_map(ring(with_value(value)), ORDERING="RING"))
    assert np.isfinite(sky.probability).all()
    assert sky.facts.warnings[0].startswith("1 cells are not finite")


def test_a_pixel_without_a_value_counts_as_zero() -> None:
    sky = read_skymap(flat_map(with_value(-1.6375e30)))
    assert sky.probability.min() == 0
    assert sky.facts.warnings == ("1 pixels have no value and count as zero",)


def test_a_sum_that_is_not_one_is_mended_and_said() -> None:
    sky = read_skymap(flat_map(2.5 * SKY))
    assert sky.probability.sum() == pytest.approx(1)
    assert sky.facts.warnings == ("the probabilities sum to 2.5: divided by the sum",)


def test_missing_sky_is_said_where_the_sum_shows_it() -> None:
    order, ipix, probability = two_orders()
    sky = read_skymap(multiorder_map(order[:-8], ipix[:-8], probability[:-8]))
    assert "% of the sky is missing" in sky.facts.warnings[0]


def test_a_frame_that_is_not_stated_is_taken_as_icrs_and_said() -> None:
    assert read_skymap(flat_map(SKY, COORDSYS=None)).facts.warnings == ("COORDSYS is not stated: taken as ICRS",)


ORDER, IPIX, PROBABILITY = two_orders()
PLAIN = multiorder_map(ORDER, IPIX, PROBABILITY)
REFUSED = {
    "no bytes at all": b"",
    "the gzip stream ends early": gzipped(PLAIN)[:-40],
    "the gzip stream is damaged": gzipped(PLAIN)[:40] + b"\xff" * 40 + gzipped(PLAIN)[80:],
    "it is an HTML page": b"\n <!doctype html>\n<html><h1>503</h1></html>",
    "it is XML": b"<?xml version='1.0'?><voe:VOEvent/>",
    "it is JSON": b'{"alert_type": "PRELIMINARY"}',
    "it is a zip archive": b"PK\x03\x04" + bytes(100),
    "it is not a FITS file": b"SIMON SAYS" * 300,
    "it is a FITS file without a table": an_image(),
    "the table ends early": PLAIN[:6000],
    "the file ends in the middle of a header": PLAIN[:3000],
    "1 probabilities are negative": flat_map(with_value(-1e-5)),
    "the probabilities sum to 0": flat_map(0 * SKY),
    "the probabilities sum to 0.001": flat_map(0.001 * SKY),
    "NSIDE 32 has 12288 pixels, the table has 3072": flat_map(SKY, NSIDE=32),
    "NSIDE is 17, not a power of two": flat_map(SKY, NSIDE=17),
    "ORDERING is not stated": flat_map(SKY, ORDERING=None),
    "ORDERING is SPIRAL": flat_map(SKY, ORDERING="SPIRAL"),
    "ORDERING is NUNIQ but there is no column UNIQ": flat_map(SKY, ORDERING="NUNIQ"),
    "COORDSYS is E": flat_map(SKY, COORDSYS="E"),
    "INDXSCHM is EXPLICIT but there is no column PIXEL": flat_map(SKY, INDXSCHM="EXPLICIT"),
    "no column PROB, PROBABILITY or PROBDENSITY": written(
        [fits.Column("FLUX", "D", array=SKY), fits.Column("SIGNIFICANCE", "D", array=SKY)],
        {"ORDERING": "NESTED", "NSIDE": 16, "COORDSYS": "C"},
    ),
    "it has UNIQ but no PROBDENSITY": written([fits.Column("UNIQ", "K", array=np.arange(4, 16))], {"COORDSYS": "C"}),
    "a cell lies inside another": multiorder_map(np.r_[ORDER, 2], np.r_[IPIX, 3], np.r_[PROBABILITY, 0.1]),
    "a cell lies inside another: the same sky": multiorder_map(
        np.zeros(24, np.int64), np.repeat(np.arange(12), 2), np.full(24, 1 / 24)
    ),
    "a UNIQ number": written(
        [fits.Column("UNIQ", "K", array=[3, 4]), fits.Column("PROBDENSITY", "D", array=[1.0, 1.0])], {"COORDSYS": "C"}
    ),
    "column PIXEL names pixels": written(
        [fits.Column("PIXEL", "K", array=[1, 5000]), fits.Column("PROB", "D", array=[0.5, 0.5])],
        {"ORDERING": "NESTED", "NSIDE": 16, "COORDSYS": "C", "INDXSCHM": "EXPLICIT"},
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_map_that_is_not_what_it_claims_is_refused(what: str) -> None:
    with pytest.raises(Refused) as refused:
        read_skymap(REFUSED[what], where="some.fits")
    assert refused.value.what.startswith(what)
    assert refused.value.where == "some.fits"
    assert refused.value.reason == "SKYMAP"
    assert refused.value.mend


def test_the_only_column_is_taken_as_probability_and_said() -> None:
    sky = read_skymap(flat_map(SKY, name="TEMPERATURE"))
    assert sky.facts.warnings == ("the only column, TEMPERATURE, is taken as probability",)


def test_gzip_in_several_members_is_one_file() -> None:
    data = flat_map(SKY)
    packed = b"".join(gzip.compress(data[n : n + 5000]) for n in range(0, len(data), 5000)) + bytes(512)
    assert read_skymap(packed).order.size == read_skymap(data).order.size


def test_a_decompression_bomb_is_refused_without_unpacking_it() -> None:
    source = GzipSource(gzip.compress(bytes(8 << 20)), max_bytes=1 << 20)
    with pytest.raises(Refused, match="it unpacks to more than"):
        source.drain()


def test_a_huge_table_is_refused_from_its_header_alone() -> None:
    data = flat_map(SKY).replace(b"NAXIS2  =                 3072", b"NAXIS2  =           1000003072")
    tracemalloc.start()
    with pytest.raises(Refused, match="more than 2 GiB"):
        read_skymap(data)
    assert tracemalloc.get_traced_memory()[1] < 10 << 20
    tracemalloc.stop()
