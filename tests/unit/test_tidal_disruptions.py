"""A star torn apart in the middle of a galaxy: blue, slow, and called by its name."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from builders.vetting import a_sighting, a_sky, an_event

from coordinator.lightcurves.tidal import STEEPEST_FALL_MAG_D, STEEPEST_RISE_MAG_D, TYPICAL, TidalLaw, tidal_abs_mag
from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.case import Atlas
from coordinator.vetting.checks import nuclear
from coordinator.vetting.combine import Assessed, assess, cases_of
from coordinator.vetting.kinds import kinds_of
from coordinator.vetting.neighbours import Answer, Galaxy, Neighbours, Surroundings
from coordinator.vetting.tidal import STAYS_HOT

MODULUS_MAG = 35.6
HOST = Galaxy("NGC 1", 0.2, mag=15.5, redshift=0.03, redshift_err=0.0005, redshift_kind="spec", radius_arcsec=20.0)


def seen(
    mag: Callable[[str, float], float], nights: int = 5, apart_arcsec: float = 0.2, reddening_mag: float = 0.12
) -> Assessed:
    """Measured in g and r night by night, at a galaxy 130 Mpc away."""
    sightings = [
        replace(a_sighting(f"{band}{night}", 8.0 + 24.0 * night, mag_ab=mag(band, float(night))), filter=band)
        for night in range(nights)
        for band in "gr"
    ]
    one = candidate_of(sightings, id="x")
    host = Answer("GLADE+", (replace(HOST, separation_arcsec=apart_arcsec),))
    near = Neighbours(galaxies=(host,), reddening_mag=reddening_mag)
    atlas = Atlas.of(a_sky(mu_mpc=130.0, sigma_mpc=25.0))
    (case,) = cases_of([one], atlas, an_event(), around=Surroundings({"x": near}))
    return assess(case)


def tidal(from_peak_d: float, law: TidalLaw = TYPICAL) -> Callable[[str, float], float]:
    return lambda band, day: float(tidal_abs_mag(band, from_peak_d + day, law)) + MODULUS_MAG


def said(assessed: Assessed) -> str:
    return next(c.because for c in assessed.checks if c.name == "nuclear")


@pytest.mark.parametrize("from_peak_d", [-20.0, 5.0, 40.0])
@pytest.mark.parametrize("kelvin", [13_000.0, 20_000.0])
def test_it_is_called_by_its_name_and_taken_for_a_nucleus_or_another_thing(from_peak_d: float, kelvin: float) -> None:
    found = seen(tidal(from_peak_d, replace(TYPICAL, temperature_k=kelvin)))
    assert "as slow as a star torn apart" in said(found)
    kinds = kinds_of(0.0, found.leans)
    assert kinds["agn"] + kinds["other"] > 0.5 > kinds["supernova"]
    weighed = {c.name: c.log_bayes for c in found.checks}
    assert weighed["nuclear"] < 0.0 and weighed["fade"] + weighed["absolute magnitude"] < -8.0


def test_what_thick_dust_takes_off_is_known_no_better_than_its_map() -> None:
    """The map says 2.5 mag of reddening, and is wrong by one and a half sigma: there is 24 % more."""
    behind = {"g": 3.303 * 3.1, "r": 2.285 * 3.1}
    found = seen(lambda band, day: tidal(5.0)(band, day) + behind[band], reddening_mag=2.5)
    assert "as slow as a star torn apart" in said(found)


def yellow(band: str, day: float) -> float:
    return 17.0 + (0.6 if band == "g" else 0.0)


def cooling(band: str, day: float) -> float:
    return 17.0 - (0.25 - 0.15 * day if band == "g" else 0.0)


def fading(band: str, day: float) -> float:
    return tidal(5.0)(band, day) + 0.4 * day


@pytest.mark.parametrize("law", [yellow, cooling, fading])
def test_what_is_yellow_or_cools_or_fades_is_not(law: Callable[[str, float], float]) -> None:
    assert "torn apart" not in said(seen(law))


def test_off_the_middle_and_after_one_night_nothing_is_said_of_it() -> None:
    assert "torn apart" not in said(seen(tidal(5.0), apart_arcsec=9.0))
    assert "torn apart" not in said(seen(tidal(5.0), nights=1))


def test_that_it_stays_blue_leans_away_from_supernovae() -> None:
    steady = nuclear.STEADY_IN_THE_MIDDLE
    assert steady["other"] - steady["supernova"] > nuclear.IN_THE_MIDDLE["other"] - nuclear.IN_THE_MIDDLE["supernova"]
    assert all(0.0 < share <= 1.0 for share in STAYS_HOT.values())


def test_the_law_rises_to_its_peak_and_falls_and_keeps_its_colour() -> None:
    days = np.arange(-45.0, 200.0, 1.0)
    g, r = (tidal_abs_mag(band, days) for band in "gr")
    assert days[np.argmin(g)] == 0.0 and g.min() == pytest.approx(TYPICAL.peak_abs_mag)
    assert np.ptp(g - r) < 1e-9 and -0.5 < float((g - r)[0]) < -0.2
    assert np.diff(g).min() > -STEEPEST_RISE_MAG_D and np.diff(g).max() < STEEPEST_FALL_MAG_D
