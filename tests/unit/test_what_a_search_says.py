"""What follows from our own search alone: when it looked, what it covered, and which galaxies lie there by accident."""

import math
from datetime import timedelta

import numpy as np
import pytest
from builders.vetting import CENTRE, T0, a_sighting, a_sky, an_event

from coordinator.lightcurves.cosmology import luminosity_distance_mpc
from coordinator.simulation.world.contaminants import Surroundings as Strewn
from coordinator.simulation.world.contaminants import supernova
from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.case import Atlas, Case
from coordinator.vetting.chance import field_scale_mpc, share_by_accident
from coordinator.vetting.checks import absolute, time
from coordinator.vetting.looks import Look
from coordinator.vetting.prior import Prior
from coordinator.vetting.weighed import weigh_all


def a_look(hours: float, limit_mag_ab: float = 20.0) -> Look:
    pixel = pixel_at(RANGE_ORDER, np.array([CENTRE[0]]), np.array([CENTRE[1]]))
    start = T0 + timedelta(hours=hours)
    return Look("one", start, start + timedelta(minutes=3), "r", limit_mag_ab, Ranges.of_pixels(RANGE_ORDER, pixel))


def a_case(*looks: Look) -> Case:
    seen = a_sighting("a", hours=8.0, telescope="one")
    return Case(candidate_of([seen]), None, T0, looks=looks)


def test_what_was_there_at_our_first_look_may_be_of_any_age() -> None:
    elsewhere = time.evaluate(a_case())
    first = time.evaluate(a_case(a_look(8.0 - 1 / 60)))
    assert elsewhere.log_bayes > 1.0
    assert first.log_bayes == 0.0
    assert "it may be older" in first.because


def test_what_came_after_a_deep_look_speaks_for_nothing_either() -> None:
    missed = time.evaluate(a_case(a_look(2.0), a_look(8.0 - 1 / 60)))
    shallow = time.evaluate(a_case(a_look(2.0, limit_mag_ab=18.2), a_look(8.0 - 1 / 60)))
    assert missed.log_bayes <= 0.0
    assert "looked at earlier" in missed.because
    assert "it may be older" in shallow.because


def test_what_was_searched_counts_for_none_of_them_alone() -> None:
    atlas, seen = Atlas.of(a_sky()), [candidate_of([a_sighting("a")])]
    odds = []
    for q in (0.1, 0.4):
        weighed = weigh_all(seen, atlas, an_event(), Prior(q, 1.0, "a test", anywhere=0.8))
        odds.append(float(weighed.probability[0]) / weighed.p_none)
    assert odds[1] / odds[0] == pytest.approx(0.9 / 0.6)


def test_confirmed_candidates_stand_for_what_their_confirmation_says() -> None:
    one, other = Prior(0.5, 2.0, "a test"), Prior(0.5, 2.0, "a test", confirmed=4.0)
    assert other.n_all == pytest.approx(one.n_all * math.exp(4.0))
    assert one.q_each == one.q


def test_a_galaxy_is_there_by_accident_the_more_often_the_likelier_that_is() -> None:
    shares = [share_by_accident(chance) for chance in (0.0, 1e-5, 2e-3, 0.04, 0.5)]
    assert shares[:2] == [0.0, 0.0]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert field_scale_mpc(18.0) == pytest.approx(10.0 * field_scale_mpc(13.0))


def test_most_unrelated_things_are_as_faint_as_the_search_sees() -> None:
    limits = np.linspace(-15.0, 0.0, 3001)
    densities = [absolute.others_density(21.0 + float(m), 21.0) for m in limits]
    assert np.trapezoid(densities, limits) == pytest.approx(1.0, abs=1e-3)
    assert densities[-1] / densities[-201] == pytest.approx(10**0.3)
    unknown = absolute.others_density(18.0, None)
    assert unknown == absolute.others_density(22.0, 21.0) == pytest.approx(1.0 / absolute.ANYWHERE_MAG)


def test_simulated_supernovae_lie_where_found_ones_do() -> None:
    """Their distances have the law of found ones, mean 2 scale / sqrt(pi), whatever the search's depth selects."""
    rng = np.random.default_rng(1)
    strewn = Strewn(-1.0, 24.0, 20.5, 500.0, 1.0)
    redshifts = [supernova(rng, "", 10.0, 0.0, strewn).host_redshift or 0.0 for _ in range(3000)]
    mean = float(np.mean(luminosity_distance_mpc(np.array(redshifts))))
    assert mean == pytest.approx(2.0 * 500.0 / math.sqrt(math.pi), rel=0.05)
