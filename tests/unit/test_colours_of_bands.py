"""One colour of any two bands is weighed: the one that is expected to tell most, and none twice."""

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from builders.vetting import T0, a_sighting

from coordinator.lightcurves.black_body import colour_mag, temperature_of
from coordinator.lightcurves.colours import COLOUR_BANDS, ColourLaws, afterglow_colour, kilonova_colour, tells
from coordinator.lightcurves.kilonova import kilonova_abs_mag_at
from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks import colour
from coordinator.vetting.neighbours import Neighbours
from coordinator.vetting.sighting import Sighting


def seen(hours: float = 60.0, telescope: str = "t1", mag_err: float = 0.05, **mags: float) -> list[Sighting]:
    return [
        replace(a_sighting(f"{band}{hours}", hours, mag_ab=mag, filter=band), telescope=telescope, mag_err=mag_err)
        for band, mag in mags.items()
    ]


def a_case(*sightings: Sighting, **changes: Any) -> Case:
    return Case(candidate_of(sightings), None, T0, **changes)


def a_kilonova(bands: str, hours: float = 60.0) -> list[Sighting]:
    return seen(hours, **{band: 33.0 + kilonova_abs_mag_at(band, hours / 24) for band in bands})


@pytest.mark.parametrize(
    ("bands", "name"), [("gr", "g - r"), ("ri", "r - i"), ("gi", "g - i"), ("iz", "i - z"), ("gy", "g - y")]
)
def test_a_colour_of_any_two_bands_is_weighed(bands: str, name: str) -> None:
    finding = colour.evaluate(a_case(*a_kilonova(bands)))
    assert finding.input.startswith(name)
    assert finding.log_bayes > -0.5 and finding.passed


@pytest.mark.parametrize("bands", ["gr", "gi", "gz"])
def test_what_stays_blue_is_no_kilonova_in_any_of_them(bands: str) -> None:
    blue, red = bands
    finding = colour.evaluate(a_case(*seen(72.0, **{blue: 18.0, red: 18.2})))
    assert finding.log_bayes < -0.9 and finding.leans is not None and finding.leans["other"] > 0.0


def test_of_many_bands_one_colour_is_taken_and_it_is_the_same_whatever_it_shows() -> None:
    names = set()
    for shift in (-0.8, 0.0, 0.8):
        g, r, i, z = a_kilonova("griz")
        finding = colour.evaluate(a_case(replace(g, mag_ab=(g.mag_ab or 0.0) + shift), r, i, z))
        names.add(finding.input.split(" +")[0].split(" -0")[0][:5])
        assert -3.0 <= finding.log_bayes <= 3.0
    assert len(names) == 1


def test_a_better_measurement_may_tell_more_than_a_longer_lever() -> None:
    wide, narrow = ColourLaws.of("g", "z", 3.0), ColourLaws.of("i", "z", 3.0)
    assert tells(wide, 0.05, 0.1, 3.0) > tells(wide, 0.8, 0.1, 3.0)
    assert tells(wide, 0.05, 0.1, 3.0) > tells(narrow, 0.05, 0.1, 3.0) >= 0.0
    sharp, dull = seen(72.0, g=19.2, r=18.0), seen(72.0, mag_err=1.5, z=17.2)
    assert colour.evaluate(a_case(*sharp, *dull)).input.startswith("g - r")


def test_what_tells_is_the_integral_over_what_may_be_seen() -> None:
    laws = ColourLaws.of("g", "r", 2.5)
    x = np.linspace(-6.0, 8.0, 4001)
    total = 0.0
    for law, share in ((laws.kilonova, 0.9), (laws.afterglow, 0.1)):
        weight = np.exp([law.log_density(float(c), 0.1) for c in x])
        said = np.clip([laws.log_bayes(float(c), 0.1, 0.1)[0] for c in x], -3.0, 3.0)
        total += share * float(np.trapezoid(weight * said, x))
    assert tells(laws, 0.1, 0.1, 3.0) == pytest.approx(total, abs=0.1)


@pytest.mark.parametrize("filter", ["clear", "L", "open", "w", "ztf", "cyan", "H"])
def test_a_filter_whose_colours_nobody_knows_is_left_out(filter: str) -> None:
    (r,) = seen(60.0, r=18.0)
    other = replace(a_sighting("o", 60.5, mag_ab=17.0), filter=filter)
    finding = colour.evaluate(a_case(r, other))
    assert (finding.log_bayes, finding.passed) == (0.0, None)


def test_two_telescopes_with_open_detectors_have_no_colour() -> None:
    both = [*seen(60.0, "t1", clear=18.0), *seen(60.5, "t2", clear=17.0)]
    assert colour.evaluate(a_case(*both)).passed is None


def test_dust_of_the_galaxy_is_taken_off() -> None:
    reddened = seen(72.0, g=18.0 + 1.0 * 3.303, r=18.2 + 1.0 * 2.285)
    blind = colour.evaluate(a_case(*reddened))
    corrected = colour.evaluate(a_case(*reddened, near=Neighbours(reddening_mag=1.0)))
    assert "dust is not known" in blind.because and "E(B-V) 1.00" in corrected.because
    measured, behind = (float(f.input.split()[3]) for f in (blind, corrected))
    assert measured - behind == pytest.approx(0.88 * (3.303 - 2.285), abs=0.01)
    errors = [float(f.input.split()[5]) for f in (blind, corrected)]
    assert errors[1] > errors[0]


def test_dust_like_that_of_the_laws_changes_nothing() -> None:
    some = a_kilonova("gr")
    same = colour.evaluate(a_case(*some, near=Neighbours(reddening_mag=0.12)))
    assert same.log_bayes == pytest.approx(colour.evaluate(a_case(*some)).log_bayes, abs=1e-12)


def test_kilonovae_differ_more_the_farther_bands_lie_apart_and_redden_in_all_of_them() -> None:
    assert kilonova_colour(2.0).sigma_mag == pytest.approx(0.3, abs=0.01)
    for blue, red in pairwise(COLOUR_BANDS):
        assert kilonova_colour(3.0, blue, red).mean_mag > kilonova_colour(0.6, blue, red).mean_mag
        assert kilonova_colour(2.0, blue, red).sigma_mag < kilonova_colour(2.0, "g", "y").sigma_mag
    assert afterglow_colour().mean_mag == pytest.approx(0.3, abs=0.01)
    assert afterglow_colour().sigma_mag == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(("kelvin", "g_r"), [(5772.0, 0.45), (10000.0, -0.05), (20000.0, -0.35)])
def test_black_bodies_have_the_colours_of_planck_s_law(kelvin: float, g_r: float) -> None:
    def planck(nm: float) -> float:
        hertz = 2.99792458e17 / nm
        return hertz**3 / math.expm1(6.62607015e-34 * hertz / (1.380649e-23 * kelvin))

    assert colour_mag("g", "r", kelvin) == pytest.approx(-2.5 * math.log10(planck(475.0) / planck(622.0)), abs=1e-4)
    assert colour_mag("g", "r", kelvin) == pytest.approx(g_r, abs=0.06)
    assert temperature_of(colour_mag("g", "r", kelvin)) == pytest.approx(kelvin, rel=1e-6)
