"""Sky maps of all layouts say the same thing about the same sky."""

from datetime import UTC, datetime

import healpy
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from builders.fits_maps import (
    CENTRE,
    blob,
    flat_map,
    gzipped,
    multiorder_map,
    ring,
    two_orders,
    written,
)

from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_areas, density_at, peak
from coordinator.sky.skymap import SkyMap

SKY = blob(64)


def probability_of_pixels(sky: SkyMap, order: int) -> np.ndarray:
    """Probability in each nested pixel of an order; the map must have no finer cells."""
    out = np.zeros(12 * 4**order)
    for k, p, value in zip(sky.order, sky.ipix, sky.probability, strict=True):
        count = 4 ** (order - k)
        out[p * count : (p + 1) * count] = value / count
    return out


LAYOUTS = {
    "nested": flat_map(SKY),
    "ring": flat_map(ring(SKY), ORDERING="RING"),
    "gzip": gzipped(flat_map(SKY)),
    "rows of 1024": flat_map(SKY, form="1024D"),
    "rows longer than a block": flat_map(SKY, form="16384D"),
    "single precision": flat_map(SKY, form="E"),
    "named PROBABILITY": flat_map(SKY, name="PROBABILITY"),
    "density": flat_map(SKY / healpy.nside2pixarea(64), name="PROBDENSITY"),
    "nside left out": flat_map(SKY, NSIDE=None),
    "named pixels": written(
        [fits.Column("PIXEL", "J", array=np.flatnonzero(SKY)), fits.Column("PROB", "D", array=SKY[SKY > 0])],
        {"ORDERING": "NESTED", "NSIDE": 64, "COORDSYS": "C", "INDXSCHM": "EXPLICIT"},
    ),
    "named pixels in ring order": written(
        [
            fits.Column("PIXEL", "J", array=healpy.nest2ring(64, np.flatnonzero(SKY))),
            fits.Column("PROB", "D", array=SKY[SKY > 0]),
        ],
        {"ORDERING": "RING", "NSIDE": 64, "COORDSYS": "C"},
    ),
    "multi-order": multiorder_map(np.full(SKY.size, 6), np.arange(SKY.size), SKY),
    "multi-order, unsigned": multiorder_map(np.full(SKY.size, 6), np.arange(SKY.size), SKY, unsigned=True),
}


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_sky(layout: str) -> None:
    sky = read_skymap(LAYOUTS[layout])
    assert probability_of_pixels(sky, 6) == pytest.approx(SKY, rel=1.1e-3, abs=1e-12)
    assert sky.probability.sum() == pytest.approx(1, abs=1e-12)
    assert sky.facts.warnings == ()


def test_rows_in_any_order_come_out_along_the_curve() -> None:
    order, ipix, probability = two_orders()
    mix = np.random.default_rng(3).permutation(order.size)
    sky = read_skymap(multiorder_map(order[mix], ipix[mix], probability[mix]))
    start = sky.ipix << (2 * (29 - sky.order))
    assert (np.diff(start) > 0).all()
    assert sky.order.size == order.size
    assert probability_of_pixels(sky, 3)[64 + 16 :: 16] == pytest.approx(probability[1:44] / 16)


def test_galactic_pixels_are_turned() -> None:
    there = SkyCoord(*CENTRE, unit="deg").galactic
    sky = read_skymap(flat_map(blob(64, there.l.deg, there.b.deg), COORDSYS="G"))
    found = SkyCoord(*peak(sky), unit="deg")
    assert found.separation(SkyCoord(*CENTRE, unit="deg")).deg < 1.0
    assert credible_areas(sky) == pytest.approx(credible_areas(read_skymap(flat_map(SKY))), rel=0.02)
    assert sky.facts.warnings == ()


def test_a_galactic_multi_order_map_is_turned_with_its_distances() -> None:
    order, ipix, probability = two_orders()
    sky = read_skymap(multiorder_map(order, ipix, probability, COORDSYS="G"))
    lon, lat = healpy.pix2ang(8, 5, nest=True, lonlat=True)
    there = SkyCoord(l=lon, b=lat, unit="deg", frame="galactic").icrs
    density, _, row = density_at(sky, there.ra.deg, there.dec.deg)
    assert density[0] == pytest.approx(probability[44 + 5] / (np.pi / 3 / 64), rel=0.01)
    assert sky.dist_mu_mpc is not None
    assert sky.dist_mu_mpc[row[0]] == pytest.approx(100)


def test_equal_pixels_become_few_cells() -> None:
    sky = read_skymap(flat_map(np.full(12 * 64**2, 1 / (12 * 64**2))))
    assert sky.order.tolist() == [0] * 12
    assert sky.facts.pixel_order == 6


def test_the_tail_of_a_smooth_map_becomes_few_cells_and_loses_nothing() -> None:
    there = np.array(healpy.pix2vec(128, np.arange(12 * 128**2), nest=True))
    smooth = np.exp((healpy.ang2vec(*CENTRE, lonlat=True) @ there - 1) / np.radians(2.0) ** 2)
    smooth /= smooth.sum()
    sky = read_skymap(flat_map(smooth))
    assert sky.order.size < smooth.size / 8
    assert np.abs(probability_of_pixels(sky, 7) - smooth).sum() < 1e-3


def test_a_cell_without_distance_has_nan_in_all_three_layers() -> None:
    order, ipix, probability = two_orders()
    mu = np.full(order.size, -5.0)  # negative is legal
    sigma, norm = np.full(order.size, 20.0), np.full(order.size, 1e-4)
    mu[0], sigma[1], norm[2], sigma[3] = np.inf, 0.0, 0.0, np.nan
    columns = [
        fits.Column("UNIQ", "K", array=4 * 4**order + ipix),
        fits.Column("PROBDENSITY", "D", array=probability / (np.pi / 3 / 4.0**order)),
        *(fits.Column(n, "D", array=a) for n, a in (("DISTMU", mu), ("DISTSIGMA", sigma), ("DISTNORM", norm))),
    ]
    sky = read_skymap(written(columns, {"COORDSYS": "C"}))
    assert sky.has_distance
    for layer in (sky.dist_mu_mpc, sky.dist_sigma_mpc, sky.dist_norm):
        assert layer is not None
        assert int(np.isnan(layer).sum()) == 4
    assert sky.dist_mu_mpc is not None
    assert float(np.nanmax(sky.dist_mu_mpc)) == -5.0


def test_merged_pixels_keep_the_mean_distance_of_those_that_have_one() -> None:
    flat = np.full(12 * 4, 1 / 48)
    mu = np.full(48, np.inf)
    mu[:2] = 90.0, 110.0
    columns = [fits.Column(n, "D", array=a) for n, a in (("PROB", flat), ("DISTMU", mu))]
    columns += [fits.Column("DISTSIGMA", "D", array=np.ones(48)), fits.Column("DISTNORM", "D", array=np.ones(48))]
    sky = read_skymap(written(columns, {"ORDERING": "NESTED", "NSIDE": 2, "COORDSYS": "C"}))
    assert sky.dist_mu_mpc is not None
    assert sky.dist_mu_mpc[0] == 100.0
    assert np.isnan(sky.dist_mu_mpc[1:]).all()


def test_a_map_without_distance_layers_says_so() -> None:
    sky = read_skymap(flat_map(SKY))
    assert sky.dist_mu_mpc is None
    assert not sky.has_distance


def test_facts_come_from_either_header() -> None:
    flat = np.full(12, 1 / 12)
    table = {"ORDERING": "NESTED", "NSIDE": 1, "COORDSYS": "C", "DISTMEAN": 40.5, "DISTSTD": 8.25, "INSTRUME": "H1,L1"}
    first = {"DATE-OBS": "2017-08-17T12:41:04.429464", "OBJECT": "GW170817", "DATE": "2018-10-29T01:31:27"}
    facts = read_skymap(written([fits.Column("PROB", "D", array=flat)], table, first)).facts
    assert facts.t0 == datetime(2017, 8, 17, 12, 41, 4, 429464, tzinfo=UTC)
    assert facts.issued == datetime(2018, 10, 29, 1, 31, 27, tzinfo=UTC)
    assert (facts.object_id, facts.instruments) == ("GW170817", ("H1", "L1"))
    assert (facts.distance_mpc, facts.distance_std_mpc) == (40.5, 8.25)
    assert facts.creator is None


def test_the_event_time_may_come_as_a_julian_date() -> None:
    facts = read_skymap(flat_map(SKY, **{"MJD-OBS": 57982.5})).facts
    assert facts.t0 == datetime(2017, 8, 17, 12, tzinfo=UTC)


def test_a_map_that_says_no_time_has_none() -> None:
    assert read_skymap(flat_map(SKY)).facts.t0 is None
    assert read_skymap(flat_map(SKY, **{"DATE-OBS": "0001-01-01T00:00:00+01:00"})).facts.t0 is None
