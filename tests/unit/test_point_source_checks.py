"""The checks of stars, active nuclei and known variables."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from builders.vetting import CENTRE, T0, a_sighting

from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks import agn, star, variable
from coordinator.vetting.checks.check import Check, Finding
from coordinator.vetting.combine import assess
from coordinator.vetting.kinds import SHARES, kinds_of
from coordinator.vetting.neighbours import Answer, Neighbours, Nucleus, Star, Variable

SINCE = datetime(2022, 6, 13, tzinfo=UTC)
SORTS: list[tuple[Check, str, Any]] = [
    (star.CHECK, "stars", Star),
    (agn.CHECK, "nuclei", Nucleus),
    (variable.CHECK, "variables", Variable),
]


def a_case(mag_ab: float | None = 19.0, **near: Any) -> Case:
    seen = replace(a_sighting("a", 5.0), ra_deg=CENTRE[0], dec_deg=CENTRE[1], mag_ab=mag_ab)
    return Case(candidate_of([seen]), None, T0, near=Neighbours(**near))


def starry(*found: Star, mag_ab: float | None = 19.0, **more: Any) -> Finding:
    return star.evaluate(a_case(mag_ab, stars=(Answer("gaia", found, SINCE, **more),)))


@pytest.mark.parametrize(("check", "sort", "thing"), SORTS, ids=lambda one: getattr(one, "name", ""))
class TestAnySort:
    def test_nothing_installed_is_unknown(self, check: Check, sort: str, thing: Any) -> None:
        finding = check.evaluate(a_case())
        assert (finding.log_bayes, finding.passed) == (0.0, None)
        assert finding.because.startswith("no catalogue of that sort is installed")

    def test_a_source_that_did_not_answer_is_unknown(self, check: Check, sort: str, thing: Any) -> None:
        finding = check.evaluate(a_case(**{sort: (Answer("tap", silent_because="timed out"),)}))
        assert (finding.log_bayes, finding.passed, finding.source) == (0.0, None, "tap")
        assert finding.because == "source did not answer: tap did not answer (timed out)"

    def test_nothing_there_to_its_depth_passes(self, check: Check, sort: str, thing: Any) -> None:
        finding = check.evaluate(a_case(**{sort: (Answer("deep", (), SINCE, 20.5),)}))
        assert (finding.log_bayes, finding.passed, finding.as_of, finding.source) == (0.0, True, SINCE, "deep")

    def test_silence_of_unknown_depth_is_unknown(self, check: Check, sort: str, thing: Any) -> None:
        finding = check.evaluate(a_case(**{sort: (Answer("list", (), SINCE),)}))
        assert (finding.log_bayes, finding.passed, finding.as_of) == (0.0, None, SINCE)
        assert "silence tells nothing" in finding.because

    def test_what_lies_beyond_two_arcsec_is_another_thing(self, check: Check, sort: str, thing: Any) -> None:
        finding = check.evaluate(a_case(**{sort: (Answer("deep", (thing("x", 2.1),), SINCE, 20.5),)}))
        assert (finding.log_bayes, finding.passed) == (0.0, True)

    def test_what_is_there_counts_whoever_else_is_silent(self, check: Check, sort: str, thing: Any) -> None:
        answers = (Answer("tap", silent_because="away"), Answer("list", (thing("x", 1.9),), SINCE))
        finding = check.evaluate(a_case(**{sort: answers}))
        assert finding.log_bayes <= -4.0 and finding.passed is False and not finding.veto
        assert (finding.source, finding.as_of) == ("list", SINCE)
        assert "x" in finding.because and finding.leans

    def test_its_leans_are_of_the_mix(self, check: Check, sort: str, thing: Any) -> None:
        leans = check.evaluate(a_case(**{sort: (Answer("list", (thing("x", 0.1),)),)})).leans
        assert leans is not None
        assert math.fsum(SHARES[kind] * math.exp(leans[kind]) for kind in SHARES) == pytest.approx(1.0)


def test_a_star_at_the_place_weighs_six() -> None:
    assert starry(Star("s", 0.3, 18.0)).log_bayes == -6.0
    assert "of 18.0 mag" in starry(Star("s", 0.3, 18.0)).because


@pytest.mark.parametrize(
    ("mag", "apart", "log_bayes"), [(14.9, 14.9, -2.0), (15.0, 10.0, 0.0), (9.0, 15.1, 0.0), (None, 5.0, 0.0)]
)
def test_glare_is_that_of_a_bright_star_within_15_arcsec(mag: float | None, apart: float, log_bayes: float) -> None:
    assert starry(Star("s", apart, mag)).log_bayes == log_bayes


@pytest.mark.parametrize(
    ("mag_ab", "reach", "passed"),
    [(19.0, 20.5, True), (21.0, 20.5, None), (None, 20.5, True), (None, 10.0, None), (19.0, 10.0, None)],
)
def test_a_catalogue_must_reach_the_candidate(mag_ab: float | None, reach: float, passed: bool | None) -> None:
    finding = starry(mag_ab=mag_ab, complete_to_mag=reach)
    assert (finding.log_bayes, finding.passed) == (0.0, passed)
    assert passed or "not deep enough" in finding.because


def test_the_deepest_of_several_catalogues_speaks() -> None:
    answers = (Answer("bright", (), SINCE, 10.0), Answer("deep", (), SINCE, 21.0))
    finding = star.evaluate(a_case(stars=answers))
    assert (finding.passed, finding.source) == (True, "deep")


@pytest.mark.parametrize(("type", "log_bayes"), [("", -4.0), ("UG", -4.0), ("archive", -6.0), ("Archive: RR", -6.0)])
def test_a_variable_of_an_archive_weighs_more_than_one_of_a_list(type: str, log_bayes: float) -> None:
    answers = (Answer("list", (Variable("near", 0.1, "M"),)), Answer("other", (Variable("x", 1.0, type),)))
    assert variable.evaluate(a_case(variables=answers)).log_bayes == log_bayes


def test_one_thing_in_three_catalogues_counts_no_more_than_its_cap() -> None:
    case = a_case(
        stars=(Answer("gaia", (Star("s", 0.1),)),),
        nuclei=(Answer("milliquas", (Nucleus("q", 0.1),)),),
        variables=(Answer("vsx", (Variable("v", 0.1),)),),
    )
    told = {c.name: c.log_bayes for c in assess(case).checks}
    alone = {c.name: c.log_bayes for c in assess(a_case()).checks}
    assert told["point source cap"] == pytest.approx(6.0)
    assert math.fsum(told.values()) - math.fsum(alone.values()) == pytest.approx(-8.0)


@pytest.mark.parametrize(
    ("near", "once", "again"),
    [
        ({"stars": (Answer("gaia", (Star("s", 0.1),)),)}, "artefact", "variable"),
        ({"nuclei": (Answer("milliquas", (Nucleus("q", 0.1),)),)}, "agn", "agn"),
        ({"variables": (Answer("vsx", (Variable("v", 0.1),)),)}, "variable", "variable"),
        ({"stars": (Answer("gaia", (Star("s", 9.0, 7.0),)),)}, "artefact", "artefact"),
    ],
)
def test_what_is_there_says_what_it_may_be(near: dict[str, Any], once: str, again: str) -> None:
    """Seen once, what lies on a star or in its glare may as well be a bad subtraction."""
    single = a_case(**near)
    seen = single.candidate.sightings[0]
    twice = replace(single, candidate=candidate_of([seen, replace(seen, id="b", time=T0 + timedelta(hours=29))]))
    for case, kind in ((single, once), (twice, again)):
        kinds = kinds_of(0.01, assess(case).leans)
        assert max(kinds, key=lambda k: kinds[k]) == kind
