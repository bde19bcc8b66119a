"""How bright sources are that exposures are made for: afterglows, dust before them, and how far away they may be."""

import numpy as np
import pytest

from coordinator.lightcurves.afterglow import afterglow_abs_mag, afterglow_mag
from coordinator.lightcurves.detection import Distances
from coordinator.lightcurves.dust import dust_mag
from coordinator.lightcurves.farthest import modulus_within


def test_an_afterglow_fades_by_a_power_of_time_and_is_red() -> None:
    r = afterglow_abs_mag("r", [0.1, 1.0, 10.0])
    assert np.diff(r) == pytest.approx([2.75, 2.75])
    assert 0.2 < float(afterglow_abs_mag("g", 1.0) - afterglow_abs_mag("r", 1.0)) < 0.4
    assert np.isinf(afterglow_abs_mag("r", 0.0))


def test_the_usual_afterglow_is_where_those_of_swift_gather() -> None:
    assert float(afterglow_mag("R", 1000.0 / 86400.0)) - 0.21 == pytest.approx(19.5)


def test_a_short_burst_as_near_as_gw170817_would_outshine_its_kilonova_when_it_points_at_us() -> None:
    assert 12.0 < float(afterglow_abs_mag("r", 1.0)) + 33.0 < 16.0


def test_the_first_seconds_are_not_made_up() -> None:
    assert float(afterglow_mag("r", 1e-5)) == float(afterglow_mag("r", 100.0 / 86400.0))


def test_dust_dims_blue_light_most() -> None:
    assert float(dust_mag("V", 1.0)) == 2.742
    bands = [float(dust_mag(band, 0.5)) for band in "ugrizy"]
    assert bands == sorted(bands, reverse=True)
    assert float(dust_mag("clear", 0.5)) == float(dust_mag("r", 0.5))


def direct(mu: np.ndarray, sigma: np.ndarray, weight: np.ndarray, share: float) -> float:
    """The distance modulus within which a share lies, by a sum over fine steps of distance."""
    d = np.linspace(0.05, float((mu + 10 * sigma).max()), 200_000)
    total = np.zeros(d.size)
    for m, s, w in zip(mu, sigma, weight, strict=True):
        p = d**2 * np.exp(-0.5 * ((d - m) / s) ** 2)
        total += w * p / p.sum()
    at = np.searchsorted(np.cumsum(total), share * weight.sum())
    return float(5 * np.log10(d[at]) + 25)


@pytest.mark.parametrize(
    ("mu", "sigma", "weight"),
    [
        ([40.0], [8.0], [1.0]),
        ([100.0], [100.0], [0.3]),
        ([-50.0], [60.0], [1.0]),
        ([30.0, 200.0, 500.0], [5.0, 60.0, 20.0], [0.5, 0.3, 0.2]),
    ],
)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_nine_tenths_of_the_source_lie_within_the_modulus(
    mu: list[float], sigma: list[float], weight: list[float], share: float
) -> None:
    m, s, w = (np.array(x) for x in (mu, sigma, weight))
    assert modulus_within(Distances.of(m, s), w, share) == pytest.approx(direct(m, s, w, share), abs=0.11)


def test_what_is_not_seen_does_not_count() -> None:
    distances = Distances.of([40.0, 4000.0], [4.0, 400.0])
    assert modulus_within(distances, np.array([1.0, 0.0])) < 34.0
    assert modulus_within(distances, np.array([0.0, 1.0])) > 43.0
