"""Each check alone: what it says, and that it says nothing without data."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders.vetting import CENTRE, T0, a_sighting, a_sky, an_event

from coordinator.sky.ranges import Ranges
from coordinator.sky.regions import credible_ranges
from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.case import Atlas, Case, Place
from coordinator.vetting.checks import earlier, fade, galaxy, gone, host, moving, real_bogus, repeat, sky, time
from coordinator.vetting.checks.registry import CHECKS
from coordinator.vetting.combine import Memo, assess, cases_of, score
from coordinator.vetting.hosts import ASSUMED_ERR
from coordinator.vetting.kinds import kinds_of
from coordinator.vetting.looks import Look
from coordinator.vetting.prior import Prior, chance_of_counterpart, prior_of
from coordinator.vetting.sighting import Sighting

HERE = Place(100.0, 0.1, 40.0, 8.0, 1 / (40.0**2 + 8.0**2), 43.0, 7.5)
PRIOR = Prior(0.5, 1.0, "a test")


def a_case(*sightings: Sighting, place: Place | None = HERE, **changes: Any) -> Case:
    return Case(candidate_of(sightings), place, T0, **changes)


def bare(id: str = "a") -> Sighting:
    return Sighting(id, *CENTRE)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_no_check_says_anything_without_data(check: Any) -> None:
    finding = check.evaluate(Case(candidate_of([bare()]), None, None))
    assert (finding.log_bayes, finding.passed, finding.veto) == (0.0, None, False)
    assert finding.because


def test_a_bare_place_has_the_odds_of_prior_and_sky_alone() -> None:
    atlas = Atlas.of(a_sky())
    scored = score([candidate_of([bare()])], atlas, an_event(), PRIOR).candidates[0]
    told = {c.name: c.log_bayes for c in scored.checks if c.log_bayes}
    assert list(told) == ["sky"]


def test_far_outside_the_region_is_a_veto_that_names_itself() -> None:
    finding = sky.evaluate(a_case(bare(), place=Place(0.0, 1.0)))
    assert (finding.log_bayes, finding.passed, finding.veto) == (sky.FLOOR, False, True)
    rejected = score([candidate_of([bare()])], Atlas.of(a_sky(ra_deg=330.0, dec_deg=-20.0)), an_event(), PRIOR)
    assert rejected.candidates[0].verdict == "rejected"
    assert rejected.candidates[0].checks[0].because.startswith("veto")
    assert rejected.p_none == 1.0


def test_outside_the_95_percent_region_fails_without_a_veto() -> None:
    finding = sky.evaluate(a_case(bare(), place=Place(0.01, 0.97)))
    assert (finding.passed, finding.veto) == (False, False)


@pytest.mark.parametrize(("hours", "log_bayes"), [(-1.0, -7.0), (0.47 * 24, 1.584), (72.0, -0.103), (264.0, -2.0)])
def test_time_is_an_exponential_against_ten_days(hours: float, log_bayes: float) -> None:
    assert time.evaluate(a_case(a_sighting("a", hours))).log_bayes == pytest.approx(log_bayes, abs=1e-3)


def test_a_faint_blip_before_the_event_does_not_count() -> None:
    assert time.evaluate(a_case(replace(a_sighting("a", -1.0), snr=4.0))).log_bayes == 0.0


def test_a_faint_blip_before_the_event_hides_nothing_that_came_after_it() -> None:
    faint = replace(a_sighting("a", -48.0), snr=4.0)
    before = time.evaluate(a_case(faint, replace(a_sighting("b", -24.0), snr=30.0)))
    after = time.evaluate(a_case(faint, a_sighting("b", 0.47 * 24)))
    assert (before.log_bayes, before.source) == (time.BEFORE, "b")
    assert after.log_bayes == time.evaluate(a_case(a_sighting("b", 0.47 * 24))).log_bayes
    assert after.source == "b"


def test_three_detections_in_two_nights_before_the_event_are_earlier_activity() -> None:
    before = [a_sighting(str(n), -24.0 * n) for n in (1, 2, 3)]
    assert earlier.evaluate(a_case(*before)).log_bayes == earlier.OFTEN
    assert earlier.evaluate(a_case(*before[:2])).log_bayes == 0.0
    assert "not looked at" in earlier.evaluate(a_case(a_sighting("a"))).because


def test_a_host_at_the_maps_distance_speaks_for_and_a_far_one_against() -> None:
    near = host.evaluate(a_case(replace(a_sighting("a"), host_redshift=0.0093, host_redshift_err=0.0)))
    far = host.evaluate(a_case(replace(a_sighting("a"), host_redshift=0.1, host_redshift_err=0.0)))
    assert near.log_bayes > 5.0
    assert far.log_bayes == -host.CAP
    assert (near.passed, far.passed) == (True, False)


def test_a_redshift_without_error_counts_as_one_from_colours_and_says_so() -> None:
    silent = replace(a_sighting("a"), host_redshift=0.05)
    assumed, stated = (
        host.evaluate(a_case(replace(silent, host_redshift_err=error))) for error in (None, ASSUMED_ERR * 1.05)
    )
    assert assumed.log_bayes == stated.log_bayes
    assert host.evaluate(a_case(replace(silent, host_redshift_err=0.001))).log_bayes < assumed.log_bayes
    assert "assumed" in assumed.input
    assert "assumed" not in stated.input


@pytest.mark.parametrize("redshift", [0.0, -0.001, 3.5])
def test_a_redshift_that_is_no_distance_says_nothing(redshift: float) -> None:
    assert host.evaluate(a_case(replace(a_sighting("a"), host_redshift=redshift))).log_bayes == 0.0


def test_a_shallower_search_has_nearer_unrelated_hosts() -> None:
    assert host.background_scale_mpc(20.5) == pytest.approx(500.0)
    assert host.background_scale_mpc(18.5) == pytest.approx(199.0, abs=0.1)
    assert host.background_scale_mpc(None) == pytest.approx(500.0)


def test_a_map_without_distance_says_nothing_of_hosts() -> None:
    one = candidate_of([replace(a_sighting("a"), host_redshift=0.01)])
    (case,) = cases_of([one], Atlas.of(a_sky(mu_mpc=None)), an_event())
    assert host.evaluate(case).log_bayes == 0.0


def test_a_galaxy_speaks_for_it_and_none_against_where_hosts_are_named() -> None:
    at = replace(a_sighting("a"), host_separation_arcsec=5.0)
    assert galaxy.evaluate(a_case(at)).log_bayes == galaxy.AT_A_GALAXY
    assert galaxy.evaluate(a_case(a_sighting("a"), hosts_looked_for=True)).log_bayes == galaxy.NOWHERE
    assert galaxy.evaluate(a_case(a_sighting("a"))).log_bayes == 0.0


def test_silence_of_a_telescope_that_names_other_hosts_counts() -> None:
    named = candidate_of([a_sighting("a", telescope="t1", host_separation_arcsec=3.0)])
    silent = candidate_of([a_sighting("b", telescope="t1", place=(151.0, 20.0))])
    other = candidate_of([a_sighting("c", telescope="t2", place=(152.0, 20.0))])
    assert [c.hosts_looked_for for c in cases_of([named, silent, other], None, an_event())] == [True, True, False]


def test_a_kilonovas_fade_speaks_for_it_and_a_flat_light_curve_against() -> None:
    fading = a_case(a_sighting("a", 24.0), a_sighting("b", 60.0, mag_ab=19.5))
    flat = a_case(a_sighting("a", 24.0), a_sighting("b", 60.0))
    assert fade.evaluate(fading).log_bayes > 2.0
    assert fade.evaluate(flat).log_bayes < -2.0


def test_half_an_hour_measures_no_fade() -> None:
    assert fade.evaluate(a_case(a_sighting("a", 8.0), a_sighting("b", 8.5, mag_ab=18.3))).passed is None


def test_unfiltered_cameras_are_not_compared_with_each_other() -> None:
    two = [a_sighting("a", 24.0), a_sighting("b", 60.0, mag_ab=19.5)]
    apart = [replace(s, filter="clear", telescope=t) for s, t in zip(two, "xy", strict=True)]
    together = [replace(s, filter="clear", telescope="x") for s in two]
    assert fade.evaluate(a_case(*apart)).log_bayes == 0.0
    assert fade.evaluate(a_case(*together)).log_bayes > 1.0


def test_one_object_that_fades_alike_in_all_bands_is_counted_once() -> None:
    def seen(bands: str, drop: float) -> list[Sighting]:
        first = [replace(a_sighting(b, 30.0), filter=b) for b in bands]
        return first + [replace(a_sighting(f"{b}2", 54.0, mag_ab=18.0 + drop), filter=b) for b in bands]

    one, all_alike = fade.evaluate(a_case(*seen("r", 0.8))), fade.evaluate(a_case(*seen("griz", 0.8)))
    assert all_alike.log_bayes < 2 * one.log_bayes


def test_a_large_error_says_little() -> None:
    poor = [replace(a_sighting("a", 24.0), mag_err=1.0), replace(a_sighting("b", 36.0, mag_ab=19.0), mag_err=1.0)]
    assert abs(fade.evaluate(a_case(*poor)).log_bayes) < 0.5


def test_three_visits_on_a_line_are_worth_more_than_two() -> None:
    def moved(visits: int) -> Case:
        return a_case(*(a_sighting(str(n), 8.0 + n, east_arcsec=30.0 * n) for n in range(visits)))

    assert moving.evaluate(moved(3)).log_bayes == moving.MOVES
    assert moving.evaluate(moved(2)).log_bayes == moving.TWO_POINTS


def test_a_repeat_a_quarter_of_an_hour_later_is_worth_one_and_a_half() -> None:
    again = [a_sighting("a", telescope="t1"), a_sighting("b", 8.5, telescope="t1")]
    assert repeat.evaluate(a_case(*again)).log_bayes == 1.5
    assert repeat.evaluate(a_case(again[0], replace(again[1], telescope="t2"))).log_bayes == 2.5
    assert repeat.evaluate(a_case(again[0], a_sighting("b", 8.1))).log_bayes == 0.0


@pytest.mark.parametrize(("score_", "log_bayes"), [(0.9, 2.197), (0.5, 0.0), (1.0, 2.2), (0.2, -3.0), (0.0, -3.0)])
def test_real_bogus_is_its_own_odds(score_: float, log_bayes: float) -> None:
    finding = real_bogus.evaluate(a_case(replace(a_sighting("a"), real_bogus=score_)))
    assert finding.log_bayes == pytest.approx(log_bayes, abs=1e-3)


def a_look(hours: float, limit: float = 19.5, telescope: str = "t1", filter: str = "r") -> Look:
    start = T0 + timedelta(hours=hours)
    return Look(telescope, start, start + timedelta(minutes=6), filter, limit, Ranges.empty())


@pytest.mark.parametrize(
    ("look", "log_bayes"),
    [
        (a_look(9.0), -2.0),
        (a_look(9.0, limit=18.2), 0.0),
        (a_look(9.0, limit=18.8, filter="g"), 0.0),
        (a_look(8.1), 0.0),
        (a_look(7.0), -2.0),
        (a_look(7.0, limit=18.2), 0.0),
        (a_look(7.8), 0.0),
        (a_look(0.5, limit=19.5), 0.0),
        (a_look(0.5, limit=21.5), -2.0),
        (a_look(-1.0), 0.0),
        (a_look(30.0), 0.0),
        (a_look(30.0, limit=21.0), -2.0),
        (a_look(240.0, limit=30.0), 0.0),
    ],
    ids=[
        "deep enough",
        "too shallow",
        "other band, too shallow",
        "too soon",
        "before",
        "before, too shallow",
        "too soon before",
        "while it rose",
        "while it rose, deep enough",
        "before the event",
        "when it may have faded",
        "deeper than it fades",
        "when nobody knows how it fades",
    ],
)
def test_not_seen_again_counts_where_it_should_have_been(look: Look, log_bayes: float) -> None:
    assert gone.evaluate(a_case(a_sighting("a"), looks=(look,))).log_bayes == log_bayes


def test_what_was_not_there_a_day_before_is_no_fading_source() -> None:
    late = a_sighting("a", 48.0, mag_ab=19.5)
    looks = (a_look(24.0, limit=20.0), a_look(24.5, limit=20.0))
    assert gone.evaluate(a_case(late, looks=looks)).log_bayes == -4.0
    assert gone.evaluate(a_case(late, looks=(a_look(24.0, limit=18.9),))).log_bayes == 0.0


def test_a_look_after_a_sighting_without_a_brightness_is_not_before_the_first() -> None:
    seen = (a_sighting("a", 7.0, mag_ab=None), a_sighting("b", 9.0))
    assert gone.evaluate(a_case(*seen, looks=(a_look(7.1),))).log_bayes == 0.0
    assert gone.evaluate(a_case(*seen, looks=(a_look(6.0),))).log_bayes == -2.0


def test_seen_again_counts_for_nothing_here_since_the_repeat_says_it() -> None:
    again = a_case(a_sighting("a", telescope="t1"), a_sighting("b", 9.05, telescope="t1"), looks=(a_look(9.0),))
    assert gone.evaluate(again).log_bayes == 0.0
    assert gone.evaluate(again).passed is True


def test_what_was_seen_once_is_mostly_a_body_or_an_artefact_the_more_where_a_look_missed_it() -> None:
    def of_nothing(case: Case) -> float:
        leans = [found.leans for check in (repeat, gone) if (found := check.evaluate(case)).leans]
        kinds = kinds_of(0.0, leans)
        return kinds["asteroid"] + kinds["artefact"]

    missed, stayed = (a_look(9.0),), (a_sighting("a"), a_sighting("b", 9.0))
    once, gone_soon, again = (
        of_nothing(case) for case in (a_case(a_sighting("a")), a_case(a_sighting("a"), looks=missed), a_case(*stayed))
    )
    assert again < 0.1 < 0.7 < once < gone_soon


def test_a_score_that_is_bogus_leans_to_artefacts() -> None:
    said = real_bogus.evaluate(a_case(a_sighting("a", real_bogus=0.1)))
    assert kinds_of(0.0, [said.leans or {}])["artefact"] > 0.8


def test_only_looks_that_held_its_place_are_its_looks() -> None:
    sky_map = a_sky()
    inside, outside = candidate_of([a_sighting("a")]), candidate_of([a_sighting("b", place=(10.0, -40.0))])
    look = replace(a_look(9.0), ranges=credible_ranges(sky_map, 0.9))
    cases = cases_of([inside, outside], Atlas.of(sky_map), an_event(), [look])
    assert [len(c.looks) for c in cases] == [1, 0]


def test_checks_that_answer_one_question_are_capped_and_the_sum_stays_whole() -> None:
    pair = [replace(a_sighting(i, h, telescope=i), real_bogus=0.95) for i, h in (("a", 8.0), ("b", 9.0))]
    assessed = assess(a_case(*pair))
    told = {c.name: c.log_bayes for c in assessed.checks}
    assert told["repeat detection"] + told["real/bogus"] + told["reality cap"] == pytest.approx(4.0)
    assert assessed.log_bayes == pytest.approx(sum(told.values()))


def test_a_retracted_event_has_no_counterpart() -> None:
    candidates: list[Candidate] = [candidate_of([a_sighting("a")])]
    scored = score(candidates, Atlas.of(a_sky()), an_event(retracted=True), PRIOR)
    assert scored.p_none == 1.0
    assert scored.candidates[0].probability == 0.0
    assert scored.candidates[0].log_odds < -50


def test_certainty_and_vetoes_leave_finite_odds() -> None:
    only = [candidate_of([bare()])]
    sure = score(only, None, an_event(), Prior(1.0, 1.0, "sure"))
    assert sure.candidates[0].probability == 1.0
    assert sure.p_none == 0.0
    lost = score(only, Atlas.of(a_sky(ra_deg=330.0, dec_deg=-20.0)), an_event(), Prior(1.0, 1.0, "sure"))
    assert lost.p_none == 1.0


def test_a_memo_changes_nothing() -> None:
    atlas = Atlas.of(a_sky())
    memo: Memo = {}
    some = [candidate_of([a_sighting(str(n), place=(150.0 + n, 20.0))]) for n in range(5)]
    assert score(some, atlas, an_event(), PRIOR, memo=memo) == score(some, atlas, an_event(), PRIOR)
    assert score(some, atlas, an_event(), PRIOR, memo=memo) == score(some, atlas, an_event(), PRIOR)
    assert len(memo) == 5
    score(some[:2], atlas, an_event(), PRIOR, memo=memo)
    assert len(memo) == 2


def test_the_density_comes_from_the_run_with_a_floor() -> None:
    assert prior_of(found=119, searched_deg2=18.5).density_deg2 == pytest.approx(6.2)
    assert prior_of(found=0, searched_deg2=1000.0).density_deg2 == 0.05
    assert prior_of(density_deg2=2.0, found=119, searched_deg2=18.5).density_deg2 == 2.0
    assert "unknown" in prior_of(found=3).because


def test_the_alerts_own_words_lower_the_chance() -> None:
    noisy = an_event(classification={"Terrestrial": 0.4}, properties={"HasRemnant": 0.5})
    assert chance_of_counterpart(noisy)[0] == pytest.approx(0.5 * 0.6 * 0.5)
    assert chance_of_counterpart(an_event(properties={"HasRemnant": 0.0}))[0] == pytest.approx(0.025)
    assert chance_of_counterpart(an_event(retracted=True))[0] == 0.0


@pytest.mark.parametrize("nonsense", [5.0, -1.0, 1e300])
def test_a_word_of_the_alert_that_is_no_probability_counts_as_not_said(nonsense: float) -> None:
    event = an_event(classification={"Terrestrial": nonsense}, properties={"HasRemnant": nonsense})
    assert chance_of_counterpart(event) == chance_of_counterpart(an_event())
