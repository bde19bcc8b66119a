"""What is believed before any check, and why: every factor in words, and nothing counted that is no transient."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from builders.vetting import CENTRE, T0, a_sighting, a_sky, an_event

from coordinator.sky.regions import credible_ranges
from coordinator.vetting.association import associate
from coordinator.vetting.case import Atlas
from coordinator.vetting.combine import assess
from coordinator.vetting.facts import CheckResult
from coordinator.vetting.looks import Look
from coordinator.vetting.population import counts
from coordinator.vetting.prior import LEAST_Q, MOST_Q, chance_of_counterpart, prior_of
from coordinator.vetting.reach import Reach, reach_of
from coordinator.vetting.rule import OddsRule
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.table import read_table, write_terms
from coordinator.vetting.weighed import Weighed, weigh_search

SKY = a_sky(mu_mpc=60.0, sigma_mpc=15.0)
ATLAS = Atlas.of(SKY)
HALF = credible_ranges(SKY, 0.5)
START = T0 + timedelta(hours=8)
LOOK = Look("t1", START, START + timedelta(minutes=2), "r", 19.5, HALF)


def a_reach(covered: float = 0.8, brighter: float | None = 0.5) -> Reach:
    return Reach(covered, brighter, "a kilonova at the map's distance", HALF, 19.5)


def found_in(every: list[Sighting], rule: OddsRule | None = None) -> Weighed:
    reach = reach_of(ATLAS, an_event(), [LOOK])
    return weigh_search(associate(every), ATLAS, an_event(), reach, [LOOK], rule=rule or OddsRule())


def apart(n: int, *, name: str = "d", north_deg: float = 0.0, moves_arcsec: float = 0.0) -> list[Sighting]:
    """So many things near the middle; those that move are seen twice, 20 minutes apart."""
    places = [(CENTRE[0] + 0.02 * i, CENTRE[1] + north_deg) for i in range(n)]
    first = [a_sighting(f"{name}{i}", 8.0, place=at) for i, at in enumerate(places)]
    if not moves_arcsec:
        return first
    again = [a_sighting(f"{name}{i}b", 8.33, place=at, north_arcsec=moves_arcsec) for i, at in enumerate(places)]
    return [*first, *again]


def test_every_factor_is_multiplied_and_named() -> None:
    event = an_event(classification={"Terrestrial": 0.1}, properties={"HasRemnant": 0.5})
    q, because = chance_of_counterpart(event, 0.5, a_reach())
    assert q == pytest.approx(0.8 * 0.5 * 0.9 * 0.5)
    assert because == (
        "0.4 that our looks reached it (0.8 that it lies in the sky we looked at while it may shine, and 0.5 that a "
        "kilonova at the map's distance is brighter than what was reached there), times 0.90 that it is no noise, "
        "times 0.50 that matter was left to shine"
    )


def test_a_little_more_sky_is_never_less_chance() -> None:
    """As two shallow cells did for 0.22 x 0.65 when each factor was rounded by itself."""
    before, _ = chance_of_counterpart(an_event(), 0.5, a_reach(0.2249, 0.6451))
    after, _ = chance_of_counterpart(an_event(), 0.5, a_reach(0.2251, 0.6449))
    assert after >= before


def test_what_nobody_knows_counts_as_the_base() -> None:
    assert chance_of_counterpart(an_event(), 0.4)[0] == 0.4
    q, because = chance_of_counterpart(an_event(), 0.4, a_reach(brighter=None))
    assert q == pytest.approx(0.8 * 0.4)
    assert "nobody knows how bright" in because


def test_where_others_search_too_the_rest_of_the_sky_is_not_lost() -> None:
    alone, _ = chance_of_counterpart(an_event(), 0.5, a_reach(0.2))
    beside, because = chance_of_counterpart(an_event(), 0.5, a_reach(0.2), others=True)
    assert beside == pytest.approx(alone + 0.5 * 0.8)
    assert "others looked where we did not" in because


def test_what_the_looks_cannot_have_seen_is_not_impossible() -> None:
    assert chance_of_counterpart(an_event(), 0.5, a_reach(0.0, None))[0] == LEAST_Q
    assert chance_of_counterpart(an_event(), 0.5, a_reach(1.0, 0.0))[0] == LEAST_Q


def test_no_search_is_sure_and_a_retraction_ends_all() -> None:
    assert chance_of_counterpart(an_event(), 0.5, a_reach(1.0, 1.0))[0] == MOST_Q
    assert chance_of_counterpart(an_event(retracted=True), 0.5, a_reach()) == (0.0, "the event is retracted")


def test_asteroids_and_what_is_forbidden_make_nobody_less_likely() -> None:
    alone, crowded = found_in(apart(2)), found_in([*apart(2), *apart(60, name="m", north_deg=-0.5, moves_arcsec=12.0)])
    assert len(crowded.batch.candidates) > 30
    assert crowded.prior.density_deg2 == alone.prior.density_deg2
    assert "2 candidates" in crowded.prior.because


def test_a_veto_and_a_known_body_do_not_count_whoever_asks() -> None:
    weighed = found_in(apart(1))
    one = assess(weighed.batch.case(0))
    assert counts(one)
    assert not counts(replace(one, vetoed_by="sky"))
    body = CheckResult("minor planet", -8.0, False, "1 near", "elements", "it is Ceres")
    assert not counts(replace(one, checks=(*one.checks, body)))


def test_what_lies_where_nobody_looked_is_not_counted() -> None:
    outside = [a_sighting("x", 8.0, place=(CENTRE[0], CENTRE[1] + 8.0))]
    weighed = found_in([*apart(2), *outside])
    assert weighed.prior.density_deg2 == found_in(apart(2)).prior.density_deg2
    assert "others looked where we did not" in weighed.prior.because


def test_what_our_own_telescope_sees_at_the_edge_of_its_field_makes_nobody_search_elsewhere() -> None:
    """A field is written down by the centres of pixels, and it counts when its pointing has ended."""
    edge = a_sighting("x", 8.0, place=(CENTRE[0], CENTRE[1] + 8.0))
    own, others = (found_in([*apart(2), replace(edge, telescope=who)]).prior for who in ("t1", "survey"))
    assert own == found_in(apart(2)).prior
    assert others.q > own.q


def test_a_first_candidate_in_little_sky_says_little_and_many_say_all() -> None:
    little = prior_of(found=1, searched_deg2=0.5, limit_mag_ab=20.0)
    assert little.density_deg2 == pytest.approx((1 + 1) / (1 / 0.15 + 0.5), rel=0.05)
    many = [prior_of(found=6400, searched_deg2=1000.0, limit_mag_ab=m).density_deg2 for m in (None, 18.0, 20.0, 23.0)]
    assert many == pytest.approx([6.4] * 4, rel=0.05)


@pytest.mark.parametrize(("limit", "least", "most"), [(19.0, 0.03, 0.06), (20.0, 0.1, 0.3), (22.6, 4.0, 8.0)])
def test_without_a_count_the_depth_says_what_to_expect(limit: float, least: float, most: float) -> None:
    assert least <= prior_of(limit_mag_ab=limit).density_deg2 <= most


def test_a_table_is_read_by_the_rule_by_which_it_was_weighed() -> None:
    weighed = found_in(apart(3), OddsRule(promising=0.0009, possible=0.0001, shares={"agn": 1.0}))
    rows, told = read_table(write_terms(weighed)), weighed.fact().candidates
    assert [r.verdict for r in rows] == [c.verdict for c in told]
    usual = read_table(write_terms(found_in(apart(3))))
    assert {r.verdict for r in rows} == {"promising"} != {r.verdict for r in usual}
    assert rows[0].kinds["agn"] == pytest.approx(1.0 - rows[0].probability)
    assert [r.kinds for r in rows] == [c.kinds for c in told]


def test_a_cap_of_the_rule_holds_in_columns_and_in_words() -> None:
    rule = OddsRule(caps={"photometry": (0.0, 0.0), "reality": (0.0, 0.0), "point source": (0.0, 0.0)})
    every = [replace(s, real_bogus=0.9) for s in apart(2)]
    weighed = found_in(every, rule)
    for i, total in enumerate(weighed.terms.total(rule)):
        told = weighed.candidate(i)
        assert sum(c.log_bayes for c in told.checks) == pytest.approx(float(total), abs=1e-12)
        assert "reality cap" in {c.name for c in told.checks}
    assert np.all(weighed.terms.total(rule) < weighed.terms.total())
