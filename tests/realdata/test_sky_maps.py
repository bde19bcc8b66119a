"""Real sky maps, and odd ones made on purpose, against figures measured by other code."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import healpy
import numpy as np
import pytest

from coordinator.dashboard.contours import contour
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_areas, credible_ranges, peak
from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import Refused

pytestmark = pytest.mark.realdata

REAL = [
    "GRB220617A.IPN.flat.fits.gz",
    "GW150914.bayestar.flat.fits.gz",
    "GW170817.GWTC1.flat.fits.gz",
    "GW170817.GWTC1.multiorder.fits",
    "GW200105_162426.GWTC3.multiorder.fits",
    "S190425z.LALInference.multiorder.fits",
    "S190425z.bayestar.multiorder.fits",
    "S190718y.bayestar.multiorder.fits",
    "S190814bv.LALInference.v1.flat.fits.gz",
    "S190814bv.LALInference.v1.multiorder.fits",
    "S190814bv.bayestar.0.multiorder.fits",
    "S190814bv.bayestar.1.multiorder.fits",
    "S230518h.initial.samples.multiorder.fits",
    "S230518h.preliminary.bayestar.multiorder.fits",
    "S230522a.preliminary.bayestar.multiorder.fits",
    "sim927563.first2years.flat.fits.gz",
]
MAX_MIB = 350
MEASURE = """
import resource, sys
from coordinator.sky.read import read_skymap
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
with open(sys.argv[1], "rb") as file:
    read_skymap(file.read())
print((peak() - before) / 1024)
"""


def separation_deg(a: tuple[float, float], b: tuple[float, float]) -> float:
    chord = healpy.ang2vec(*a, lonlat=True) - healpy.ang2vec(*b, lonlat=True)
    return float(np.degrees(np.linalg.norm(chord)))


def assert_sound(sky: SkyMap) -> None:
    """Hold what every map promises, whatever it was read from."""
    start = sky.ipix << (2 * (29 - sky.order))
    size = np.int64(1) << (2 * (29 - sky.order))
    assert (start[1:] >= (start + size)[:-1]).all()
    assert np.isfinite(sky.probability).all()
    assert (sky.probability >= 0).all()
    assert sky.probability.sum() == pytest.approx(1, abs=1e-9)
    if sky.dist_mu_mpc is not None and sky.dist_sigma_mpc is not None and sky.dist_norm is not None:
        known = np.isfinite(sky.dist_mu_mpc)
        assert (np.isfinite(sky.dist_sigma_mpc) == known).all()
        assert (sky.dist_sigma_mpc[known] > 0).all()
        assert (sky.dist_norm[known] > 0).all()


@pytest.fixture(scope="module")
def manifest(shared_data: Path) -> dict[str, dict[str, Any]]:
    return {entry["file"]: entry for entry in json.loads((shared_data / "skymaps" / "manifest.json").read_text())}


def test_every_map_of_the_manifest_is_tested(manifest: dict[str, dict[str, Any]]) -> None:
    assert sorted(manifest) == sorted(REAL)


@pytest.mark.parametrize("name", REAL)
def test_a_real_map_has_its_areas_its_peak_and_its_facts(
    shared_data: Path, manifest: dict[str, dict[str, Any]], name: str
) -> None:
    expected = manifest[name]
    sky = read_skymap((shared_data / "skymaps" / name).read_bytes())
    assert_sound(sky)
    assert credible_areas(sky) == pytest.approx((expected["area50_deg2"], expected["area90_deg2"]), rel=1e-4)
    assert separation_deg(peak(sky), (expected["peak_ra_deg"], expected["peak_dec_deg"])) < 1e-3
    facts = sky.facts
    assert facts.sha256 == expected["sha256"]
    assert facts.warnings == ()
    assert facts.distance_mpc == (pytest.approx(expected["distmean_mpc"]) if expected["distmean_mpc"] else None)
    assert ",".join(facts.instruments) == (expected["instrume"] or "")
    assert (facts.t0 and facts.t0.isoformat().removesuffix("+00:00")) == expected["date_obs"]
    assert (sky.dist_mu_mpc is not None) == expected["has_distance_layers"]
    if expected["nside"] is None:
        assert sky.order.size == expected["cells"]


@pytest.mark.parametrize("name", REAL)
def test_a_real_maps_region_holds_its_share_and_has_an_outline(shared_data: Path, name: str) -> None:
    sky = read_skymap((shared_data / "skymaps" / name).read_bytes())
    region = credible_ranges(sky, 0.9)
    assert ProbabilityCurve.of(sky).probability(region) == pytest.approx(0.9, abs=2e-3)
    assert region.area_deg2 == pytest.approx(credible_areas(sky)[1], rel=1e-6)
    assert 0 < sum(map(len, contour(ProbabilityCurve.of(sky), 0.9).polygons)) < 10_000


@pytest.mark.parametrize("event", ["GW170817.GWTC1", "S190814bv.LALInference.v1"])
def test_flat_and_multi_order_maps_of_one_posterior_agree(shared_data: Path, event: str) -> None:
    flat, multi = (
        read_skymap((shared_data / "skymaps" / f"{event}.{kind}").read_bytes())
        for kind in ("flat.fits.gz", "multiorder.fits")
    )
    region = credible_ranges(multi, 0.9)
    share = ProbabilityCurve.of(flat).probability(region)
    assert share == pytest.approx(ProbabilityCurve.of(multi).probability(region), abs=1e-4)
    assert flat.order.size < 2 * multi.order.size


@pytest.mark.slow
@pytest.mark.parametrize("name", ["GW170817.GWTC1.flat.fits.gz", "GRB220617A.IPN.flat.fits.gz"])
def test_a_large_flat_map_is_read_in_little_memory(shared_data: Path, name: str) -> None:
    path = shared_data / "skymaps" / name
    run = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True)
    assert float(run.stdout) < MAX_MIB


def odd_maps() -> list[str]:
    return [
        "plain.multiorder.fits shuffled_unsigned.multiorder.fits nan_rows.multiorder.fits gap.multiorder.fits",
        "overlap.multiorder.fits truncated.multiorder.fits truncated.fits.gz galactic.fits.gz unnormalised.fits.gz",
        "zero.fits.gz negative.fits.gz wrong_nside.fits.gz no_ordering.fits.gz uniform.fits.gz",
        "uniform_order0.multiorder.fits one_pixel.fits.gz explicit_partial.fits.gz pole_and_wrap.multiorder.fits",
        "empty.fits html_page.fits image.fits",
    ]


ODD = " ".join(odd_maps()).split()


@pytest.fixture(scope="module")
def expected_odd(shared_data: Path) -> dict[str, dict[str, Any]]:
    table = json.loads((shared_data / "skymaps" / "odd" / "expected.json").read_text())
    return {entry["file"]: entry for entry in table}


def test_every_odd_map_is_tested(expected_odd: dict[str, dict[str, Any]]) -> None:
    assert sorted(expected_odd) == sorted(ODD)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_map_meets_its_verdict(shared_data: Path, expected_odd: dict[str, dict[str, Any]], name: str) -> None:
    expected = expected_odd[name]
    data = (shared_data / "skymaps" / "odd" / name).read_bytes()
    if expected["verdict"] == "reject":
        with pytest.raises(Refused) as refused:
            read_skymap(data, where=name)
        assert (refused.value.where, refused.value.reason) == (name, "SKYMAP")
        return
    sky = read_skymap(data)
    assert_sound(sky)
    assert bool(sky.facts.warnings) == (expected["verdict"] == "warn")
    areas = (expected["area50_deg2"], expected["area90_deg2"])
    assert credible_areas(sky) == pytest.approx(areas, abs=expected["area_tolerance_deg2"])
    if "peak_ra_deg" in expected:
        # Turned pixels follow the old ones to a quarter of their side.
        near = 0.3 if name.startswith("galactic") else 1e-3
        assert separation_deg(peak(sky), (expected["peak_ra_deg"], expected["peak_dec_deg"])) < near
    if "bad_cells" in expected:
        assert sky.facts.warnings[0].startswith(f"{expected['bad_cells']} cells")
    if expected["verdict"] == "warn":
        assert f"{expected['prob_sum']:.6g}" in sky.facts.warnings[-1]
