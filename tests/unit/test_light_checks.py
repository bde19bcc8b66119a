"""The checks of brightness and of what was there before: each a table of what is seen and what follows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from builders.vetting import T0, a_sighting, an_event

from coordinator.lightcurves.colours import UNRELATED_COLOURS, kilonova_colour
from coordinator.lightcurves.declines import BREAKS, UNRELATED, afterglow_rates
from coordinator.sky.ranges import Ranges
from coordinator.vetting.behaviours import SHARES_OF_RATES
from coordinator.vetting.burst import OF_A_BURST, OF_BOTH, afterglow_share
from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.case import AFTERGLOW_SHARE, Case
from coordinator.vetting.checks import colour, earlier, fade, faded_below, last_limit, repeat, rise, time
from coordinator.vetting.combine import assess, cases_of
from coordinator.vetting.looks import Look
from coordinator.vetting.neighbours import Answer, Neighbours, Reported
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.slopes import slopes_of


def a_limit(hours: float, depth: float, filter: str = "r", telescope: str = "t9") -> Sighting:
    seen = a_sighting(f"limit{hours}{filter}", hours)
    return replace(
        seen, mag_ab=None, mag_err=None, limiting_mag_ab=depth, upper_limit=True, filter=filter, telescope=telescope
    )


def a_case(*sightings: Sighting, limits: tuple[Sighting, ...] = (), **changes: Any) -> Case:
    return Case(replace(candidate_of(sightings), limits=limits), None, T0, **changes)


def a_look(hours: float, limit: float, filter: str = "r", telescope: str = "t1") -> Look:
    start = T0 + timedelta(hours=hours)
    return Look(telescope, start, start + timedelta(minutes=6), filter, limit, Ranges.empty())


@pytest.mark.parametrize(
    ("limit", "log_bayes"),
    [
        (a_limit(-20.0, 19.1), 1.0),
        (a_limit(-20.0, 18.9), 0.0),
        (a_limit(-20.0, 19.1, filter="g"), 0.0),
        (a_limit(-20.0, 19.6, filter="g"), 1.0),
        (a_limit(-80.0, 21.0), 0.0),
        (a_limit(2.0, 21.0), 0.0),
    ],
    ids=["deep", "too shallow", "other band, too shallow", "other band, deep", "too long ago", "after the event"],
)
def test_an_empty_place_shortly_before_the_event_speaks_for_it(limit: Sighting, log_bayes: float) -> None:
    assert last_limit.evaluate(a_case(a_sighting("a"), limits=(limit,))).log_bayes == log_bayes


def test_a_look_that_found_nothing_before_the_event_is_such_a_limit() -> None:
    finding = last_limit.evaluate(a_case(a_sighting("a"), looks=(a_look(-10.0, 19.5),)))
    assert (finding.log_bayes, finding.passed, finding.source) == (1.0, True, "t1")


def test_what_was_seen_before_the_event_has_no_last_non_detection() -> None:
    before = replace(a_sighting("a", -10.0), snr=20.0)
    assert last_limit.evaluate(a_case(before, a_sighting("b"), limits=(a_limit(-20.0, 21.0),))).passed is None


def near(*found: Any, **changes: Any) -> Neighbours:
    answer: Answer[Any] = Answer("a survey", found, as_of=T0 + timedelta(hours=1), **changes)
    return Neighbours(reported=(answer,))


def reported(days: float, apart: float = 0.5) -> Reported:
    return Reported("AT2026abc", apart, first_seen=T0 + timedelta(days=days))


@pytest.mark.parametrize(
    ("neighbours", "log_bayes", "passed"),
    [
        (near(reported(-30.0)), -6.0, False),
        (near(reported(0.2)), 0.0, True),
        (near(reported(-0.5)), 0.0, True),
        (near(reported(-30.0, apart=4.0)), 0.0, True),
        (near(), 0.0, True),
        (near(silent_because="away"), 0.0, None),
    ],
    ids=["older", "younger", "the same night", "elsewhere", "no report", "silent"],
)
def test_others_know_what_was_there_before(neighbours: Neighbours, log_bayes: float, passed: bool | None) -> None:
    finding = earlier.evaluate(a_case(a_sighting("a"), near=neighbours))
    assert (finding.log_bayes, finding.passed) == (log_bayes, passed)


def test_a_source_that_is_silent_is_named() -> None:
    finding = earlier.evaluate(a_case(a_sighting("a"), near=near(silent_because="away")))
    assert (finding.source, finding.because) == ("a survey", "source did not answer: away")


def test_a_report_says_how_old_its_knowledge_is() -> None:
    assert earlier.evaluate(a_case(a_sighting("a"), near=near(reported(-3.0)))).as_of == T0 + timedelta(hours=1)


def test_uncertain_forced_photometry_is_no_detection() -> None:
    faint = [replace(a_sighting(f"f{n}", -24.0 * n), forced=True, snr=3.5) for n in (1, 2, 3)]
    late = replace(a_sighting("z", 20.0), forced=True, snr=2.0)
    case = a_case(*faint, a_sighting("b"), late)
    assert earlier.evaluate(case).log_bayes == 0.0
    assert repeat.evaluate(case).passed is None
    assert time.evaluate(case).source == "b"


def two(drop: float, *, at: tuple[float, float] = (24.0, 60.0), filter: str = "r") -> list[Sighting]:
    return [replace(a_sighting(f"{filter}{n}", h, mag_ab=18.0 + n * drop), filter=filter) for n, h in enumerate(at)]


def test_an_afterglows_fade_counts_for_more_where_the_event_is_a_burst() -> None:
    afterglow = two(2.5 * 1.2 * np.log10(60.0 / 24.0))
    gw, burst = (fade.evaluate(a_case(*afterglow, afterglow_share=share)) for share in (0.1, 0.8))
    assert burst.log_bayes > gw.log_bayes > 0.0


def test_a_broken_afterglow_is_still_one() -> None:
    after_the_break = two(2.5 * 2.2 * np.log10(60.0 / 24.0))
    assert fade.evaluate(a_case(*after_the_break, afterglow_share=0.8)).log_bayes > 1.0


@pytest.mark.parametrize("first_seen", [None, 0.5])
def test_the_ways_of_an_afterglow_are_all_of_it(first_seen: float | None) -> None:
    ways = afterglow_rates((1.0, 3.0), first_seen)
    assert sum(way.share for way in ways) == pytest.approx(1.0)
    assert all(way.mean_mag_d > 0.0 and way.sigma_mag_d > 0.0 for way in ways)


def test_an_afterglow_loses_its_power_over_its_age_each_day() -> None:
    steep = afterglow_rates((2.0, 2.001), None)[0]
    assert steep.mean_mag_d == pytest.approx(1.0857 * BREAKS[0].mean_mag_d / 2.0, rel=1e-3)


@pytest.mark.parametrize(
    ("drop", "kind"), [(-0.9, "supernova"), (0.3, "variable"), (0.0, "agn")], ids=["rises", "falls slowly", "stays"]
)
def test_a_rate_leans_to_the_kind_that_does_so(drop: float, kind: str) -> None:
    leans = fade.evaluate(a_case(*two(drop))).leans
    assert leans is not None
    assert max(leans, key=lambda k: leans[k]) == kind


def test_shares_of_behaviours_are_whole() -> None:
    assert sum(rate.share for rate in UNRELATED) == pytest.approx(1.0)
    assert sum(c.share for c in UNRELATED_COLOURS) == pytest.approx(1.0)
    for table in (SHARES_OF_RATES, colour.SHARES_OF_COLOURS):
        for shares in table.values():
            assert sum(shares) == pytest.approx(1.0)


def nights(*mags: float, filter: str = "r") -> list[Sighting]:
    return [
        replace(a_sighting(f"{filter}{n}", 12.0 + 24.0 * n, mag_ab=mag), filter=filter) for n, mag in enumerate(mags)
    ]


@pytest.mark.parametrize(
    ("mags", "filter", "passed"),
    [
        ((18.0, 18.9, 18.4, 18.0), "r", False),
        ((18.0, 18.9, 19.6, 20.0), "r", True),
        ((18.0, 18.9, 18.4, 18.0), "J", None),
        ((18.0, 17.5), "r", None),
    ],
    ids=["rises again", "fades", "a band in which kilonovae rise", "only on its first day"],
)
def test_a_source_that_fades_and_rises_again_is_no_kilonova(
    mags: tuple[float, ...], filter: str, passed: bool | None
) -> None:
    finding = rise.evaluate(a_case(*nights(*mags, filter=filter)))
    assert finding.passed is passed
    assert (finding.log_bayes < -3.0) == (passed is False)


def coloured(g_r: float, hours: float) -> list[Sighting]:
    green = replace(a_sighting("g", hours, mag_ab=18.0 + g_r), filter="g")
    return [green, replace(a_sighting("r", hours + 0.5), filter="r")]


def test_a_blue_source_at_three_days_is_no_kilonova_and_a_red_one_may_be() -> None:
    blue, red = (colour.evaluate(a_case(*coloured(g_r, 72.0))) for g_r in (-0.2, 1.1))
    assert blue.log_bayes < -0.9
    assert red.log_bayes > 0.0
    assert blue.leans is not None
    assert blue.leans["supernova"] > blue.leans["variable"]


def test_a_kilonova_reddens() -> None:
    assert kilonova_colour(0.6).mean_mag < 0.1 < 0.9 < kilonova_colour(3.0).mean_mag
    assert kilonova_colour(None).sigma_mag > kilonova_colour(2.0).sigma_mag


def test_the_first_colour_is_taken_where_both_rates_tell_the_last() -> None:
    both = [*coloured(0.0, 14.0), *(replace(s, id=f"{s.id}2") for s in coloured(1.0, 62.0))]
    assert "0.6 d after" in colour.evaluate(a_case(*both)).because


def test_colours_of_two_nights_are_not_taken() -> None:
    green, red = coloured(0.0, 24.0)
    assert red.time is not None
    assert colour.evaluate(a_case(green, replace(red, time=red.time + timedelta(hours=20)))).passed is None


def test_a_deep_later_limit_says_that_it_faded() -> None:
    seen = [a_sighting("a", 20.0), a_sighting("b", 21.0)]
    deep = faded_below.evaluate(a_case(*seen, limits=(a_limit(45.0, 19.0),)))
    shallow = faded_below.evaluate(a_case(*seen, limits=(a_limit(45.0, 17.5),)))
    too_deep = faded_below.evaluate(a_case(*seen, limits=(a_limit(45.0, 23.0),)))
    assert deep.log_bayes > 0.5
    assert (shallow.log_bayes, shallow.passed) == (0.0, None)
    assert too_deep.log_bayes < 0.0


def test_what_was_seen_in_one_visit_may_have_been_nothing() -> None:
    limit = (a_limit(45.0, 19.0),)
    once = faded_below.evaluate(a_case(a_sighting("a", 20.0), limits=limit))
    twice = faded_below.evaluate(a_case(a_sighting("a", 20.0), a_sighting("b", 21.0), limits=limit))
    assert once.log_bayes < twice.log_bayes


def test_a_measured_rate_goes_before_a_limit() -> None:
    case = a_case(*two(0.9), limits=(a_limit(100.0, 22.0),))
    assert faded_below.evaluate(case).passed is None


def test_all_photometry_together_stays_inside_its_cap() -> None:
    told = assess(a_case(*nights(18.0, 18.9, 18.4, 17.5), *coloured(-0.5, 84.5))).checks
    of_light = [c.log_bayes for c in told if c.name in ("fade", "rise", "colour", "faded below", "photometry cap")]
    assert sum(of_light) == pytest.approx(-8.0)


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        ({"messenger": "GW"}, AFTERGLOW_SHARE),
        ({"messenger": "EM"}, OF_A_BURST),
        ({"messenger": "GW", "external_coincidence": "Fermi"}, OF_BOTH),
    ],
)
def test_the_share_of_afterglows_follows_from_the_event(changes: dict[str, Any], share: float) -> None:
    event = an_event(**changes)
    assert afterglow_share(event) == share
    (case,) = cases_of([candidate_of([a_sighting("a")])], None, event)
    assert case.afterglow_share == share


def test_what_was_seen_before_the_event_in_one_band_alone_is_of_unknown_age_in_all() -> None:
    g = [replace(a_sighting(f"g{h}", h), filter="g", mag_ab=18.0 + h / 240) for h in (-10.0, 30.0)]
    r = [a_sighting(f"r{h}", h) for h in (6.0, 40.0)]
    told = fade.evaluate(a_case(*g, *r))
    assert "g " in told.input and "r " in told.input
    assert np.isfinite(told.log_bayes)
    assert fade.evaluate(a_case(*reversed(r), *g)).log_bayes == told.log_bayes


def test_rates_of_the_unrelated_can_be_other_ones() -> None:
    """With more that fade fast a fast fade says less."""
    seen = a_case(a_sighting("a", 12.0), replace(a_sighting("b", 60.0), mag_ab=19.7))
    slopes = slopes_of(seen.candidate.sightings, T0, known_t0=True)
    doubled = [replace(r, share=r.share * (2.0 if r.mean_mag_d > 0.5 else 1.0)) for r in UNRELATED]
    whole = sum(r.share for r in doubled)
    busier = tuple(replace(r, share=r.share / whole) for r in doubled)
    assert 0.0 < fade.log_bayes_of(slopes, unrelated=busier) < fade.log_bayes_of(slopes)
