"""Light curves: what shines how, and for how long."""

import math

import numpy as np
import pytest
from astropy.cosmology import Planck18

from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.cosmology import luminosity_distance_mpc, redshift_at
from coordinator.lightcurves.declines import MEAN_RATES, UNRELATED, kilonova_rate, kilonova_rates
from coordinator.lightcurves.ejecta import ejecta_abs_mag, scattered
from coordinator.lightcurves.kilonova import KILONOVA_BANDS, distance_modulus, kilonova_abs_mag, kilonova_abs_mag_at
from coordinator.lightcurves.paces import LOG_SPREAD, PACES
from coordinator.lightcurves.transients import SUPERNOVAE, cataclysmic_mag, flare_mag, supernova_abs_mag


@pytest.mark.parametrize(
    ("name", "band"),
    [
        *(
            ("ztfg", "g"),
            ("g'", "g"),
            ("sdssr", "r"),
            ("C", "clear"),
            ("Lum", "clear"),
            ("Ks", "K"),
            ("j", "J"),
            ("R", "R"),
        ),
        *(("atlasc", "cyan"), ("ATLAS-o", "orange"), ("bessellux", "U"), ("bessellb", "B"), ("bessellv", "V")),
        *(("bessellr", "R"), ("bessell:i", "I"), ("2massj", "J"), ("ps1::w", "clear")),
    ],
)
def test_spellings_of_a_filter_mean_one_band(name: str, band: str) -> None:
    assert band_of(name) == band == band_of(band)


@pytest.mark.parametrize("band", ["g", "r", "i", "z", "y", "J"])
def test_the_table_declines_at_the_published_mean_rates(band: str) -> None:
    days = np.linspace(0.47, 3.45, 40)
    slope = np.polyfit(days, kilonova_abs_mag(band, days), 1)[0]
    assert slope == pytest.approx(MEAN_RATES[band], abs=0.12)


def test_a_kilonova_is_not_there_before_the_merger_and_finite_for_ten_days() -> None:
    for band in KILONOVA_BANDS:
        assert np.isinf(kilonova_abs_mag(band, -0.1))
        assert np.isfinite(kilonova_abs_mag(band, np.linspace(0.01, 10.0, 50))).all()
    assert kilonova_abs_mag("r", 0.6) == pytest.approx(-15.6, abs=0.2)


def test_an_unfiltered_camera_sees_a_kilonova_as_in_r() -> None:
    assert kilonova_abs_mag("clear", 1.0) == kilonova_abs_mag("r", 1.0)


@pytest.mark.parametrize("band", [*KILONOVA_BANDS, "clear"])
def test_one_day_of_the_table_is_that_of_many(band: str) -> None:
    days = np.array([-1.0, 0.0, 0.01, 0.02, 0.47, 3.3, 10.0, 14.0])
    assert [kilonova_abs_mag_at(band, day) for day in days] == pytest.approx(list(kilonova_abs_mag(band, days)))


def test_distances_agree_with_astropy() -> None:
    z = np.array([0.001, 0.009787, 0.1, 1.0])
    expected = Planck18.luminosity_distance(z).value
    assert luminosity_distance_mpc(z) == pytest.approx(expected, rel=2e-3)
    assert redshift_at(expected) == pytest.approx(z, rel=3e-3)


def test_a_redshift_without_a_distance_is_not_a_number() -> None:
    assert np.isnan(luminosity_distance_mpc(-0.1))
    assert np.isnan(redshift_at(1e6))


def test_the_rate_of_an_unknown_band_is_unknown() -> None:
    assert kilonova_rate("H-alpha", (1.0, 2.0)) is None
    assert kilonova_rate("r", None) is not None


def test_a_band_that_is_only_like_a_measured_one_is_less_sure() -> None:
    like, own = kilonova_rate("R", (1.0, 3.0)), kilonova_rate("r", (1.0, 3.0))
    assert like is not None
    assert own is not None
    assert like.mean_mag_d == own.mean_mag_d
    assert like.sigma_mag_d > own.sigma_mag_d


def test_kilonovae_keep_their_pace_and_the_slow_ones_fade_more_slowly() -> None:
    rates = kilonova_rates("r", (0.6, 2.0))
    assert rates is not None
    assert sum(rate.share for rate in rates) == pytest.approx(1.0)
    assert [r.mean_mag_d for r in rates] == sorted(r.mean_mag_d for r in rates)
    middle = rates[len(rates) // 2]
    own = (kilonova_abs_mag("r", 2.0) - kilonova_abs_mag("r", 0.6)) / 1.4
    assert middle.mean_mag_d == pytest.approx(float(own))
    one = kilonova_rate("r", (0.6, 2.0))
    assert one is not None
    assert one.sigma_mag_d > middle.sigma_mag_d


@pytest.mark.parametrize("band", ["g", "r"])
def test_paces_scatter_as_the_model_of_ejecta_does(band: str) -> None:
    rng, days = np.random.default_rng(3), np.geomspace(0.1, 14.0, 100)
    ages = []
    for _ in range(120):
        light = 10.0 ** (-0.4 * ejecta_abs_mag(band, days, scattered(rng, float(np.arccos(rng.uniform(-1.0, 1.0))))))
        ages.append(np.log(np.trapezoid(light * days, days) / np.trapezoid(light, days)))
    assert np.std(ages) == pytest.approx(LOG_SPREAD, abs=0.03)
    drawn = [(math.log(pace.slower), pace.share) for pace in PACES]
    assert math.sqrt(sum(share * log**2 for log, share in drawn)) == pytest.approx(LOG_SPREAD, abs=1e-3)


@pytest.mark.parametrize("band", ["g", "r", "i", "z", "y"])
def test_what_kilonovae_differ_besides_their_pace_is_what_the_model_misses(band: str) -> None:
    days = np.linspace(0.5, 4.5, 33)
    model = ejecta_abs_mag(band, days + 1.0) - ejecta_abs_mag(band, days)
    missed = model - (kilonova_abs_mag(band, days + 1.0) - kilonova_abs_mag(band, days))
    middle = (kilonova_rates(band, (1.0, 2.0)) or ())[len(PACES) // 2]
    assert middle.sigma_mag_d == pytest.approx(float(np.sqrt(np.mean(missed**2))), abs=0.01)


def test_the_rates_of_everything_else_share_one_probability() -> None:
    assert sum(rate.share for rate in UNRELATED) == pytest.approx(1.0)


def test_a_supernova_rises_to_its_peak_and_falls() -> None:
    law = SUPERNOVAE["SN Ia"]
    mags = supernova_abs_mag(law, [-1.0, 2.0, law.rise_d, law.rise_d + 10.0])
    assert np.isinf(mags[0])
    assert mags[1] > mags[2] == pytest.approx(law.peak_abs_mag)
    assert mags[3] - mags[2] == pytest.approx(0.7)


def test_an_outburst_rises_in_a_day_and_falls_slowly() -> None:
    mags = cataclysmic_mag([0.0, 1.0, 6.0, 100.0], 15.0, 4.0, 0.2)
    assert mags.tolist() == pytest.approx([19.0, 15.0, 16.0, 19.0])


def test_a_flare_fades_by_a_magnitude_in_its_time() -> None:
    assert flare_mag([0.0, 1.0], 18.0, 1.0).tolist() == pytest.approx([18.0, 19.0857])
    assert np.isinf(flare_mag(-0.1, 18.0, 1.0))


def test_forty_megaparsecs_cost_33_magnitudes() -> None:
    assert distance_modulus(40.0) == pytest.approx(33.01, abs=0.001)
