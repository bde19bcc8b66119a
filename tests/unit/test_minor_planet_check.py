"""The check of minor planets, and what motion says of kinds."""

from datetime import UTC, datetime
from typing import Any

import pytest
from builders.vetting import a_sighting, a_sky, an_event

from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.case import Atlas, Case
from coordinator.vetting.checks import minor_planet, moving
from coordinator.vetting.checks.check import Finding
from coordinator.vetting.combine import score
from coordinator.vetting.kinds import SHARES, kinds_of, leans_of
from coordinator.vetting.neighbours import Answer, MinorPlanet, Neighbours, Surroundings
from coordinator.vetting.prior import Prior
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.survey_minor_planets import minor_planets_of

AS_OF = datetime(2025, 11, 21, tzinfo=UTC)


def body(separation_arcsec: float, **changes: Any) -> MinorPlanet:
    return MinorPlanet("(1) Ceres", separation_arcsec, **changes)


def asked(*bodies: MinorPlanet, sightings: tuple[Sighting, ...] = (), silent: str | None = None) -> Finding:
    answer = Answer("MPCORB", bodies, AS_OF, silent_because=silent)
    near = Neighbours(minor_planets=(answer,))
    return minor_planet.evaluate(Case(candidate_of(sightings or [a_sighting("a")]), None, None, near=near))


@pytest.mark.parametrize(
    ("apart", "error", "known"),
    [(0.0, None, True), (24.9, None, True), (25.1, None, False), (60.0, 26.0, True), (63.0, 26.0, False)],
)
def test_a_known_body_within_its_error_is_what_was_seen(apart: float, error: float | None, known: bool) -> None:
    finding = asked(body(apart, error_arcsec=error))
    assert (finding.log_bayes, finding.passed, finding.veto) == ((-8.0, False, False) if known else (0.0, True, False))
    assert (finding.source, finding.as_of) == ("MPCORB", AS_OF)
    assert "(1) Ceres" in finding.because


def test_what_was_seen_in_two_visits_has_to_be_nearer() -> None:
    twice = (a_sighting("a", 8.0), a_sighting("b", 8.5))
    assert asked(body(9.0), sightings=twice).log_bayes == -8.0
    assert asked(body(11.0), sightings=twice).log_bayes == 0.0


def test_what_stayed_while_the_body_moved_on_is_not_the_body() -> None:
    twice = (a_sighting("a", 8.0), a_sighting("b", 10.0))
    finding = asked(body(1.0, rate_arcsec_h=35.0), sightings=twice)
    assert (finding.log_bayes, finding.passed) == (0.0, True)
    assert "moved on by 70 arcsec while this stayed" in finding.because
    assert asked(body(1.0, rate_arcsec_h=1.0), sightings=twice).log_bayes == -8.0


def test_a_body_that_is_much_fainter_is_there_by_chance() -> None:
    assert asked(body(1.0, mag=21.0)).log_bayes == 0.0  # what was seen has 18.0
    assert asked(body(1.0, mag=20.0)).log_bayes == -8.0
    second = asked(body(1.0, mag=22.0), body(5.0, mag=18.5))
    assert second.log_bayes == -8.0 and "5.0 arcsec" in second.because


def test_without_an_answer_nothing_is_known() -> None:
    nobody = minor_planet.evaluate(Case(candidate_of([a_sighting("a")]), None, None))
    silent = asked(silent="elements are of 2017-09-04, 3000 d from then: more than 30")
    assert [(f.log_bayes, f.passed, f.leans) for f in (nobody, silent)] == [(0.0, None, None)] * 2
    assert "elements are of 2017-09-04" in silent.because and silent.source == "MPCORB"


def test_one_source_that_answers_is_enough() -> None:
    near = Neighbours(minor_planets=(Answer("away", silent_because="late"), Answer("SkyBoT", (body(2.0),))))
    finding = minor_planet.evaluate(Case(candidate_of([a_sighting("a")]), None, None, near=near))
    assert (finding.log_bayes, finding.source) == (-8.0, "SkyBoT")


def test_nobody_there_speaks_for_nothing() -> None:
    finding = asked()
    assert (finding.log_bayes, finding.passed, finding.leans) == (0.0, True, None)


def test_a_known_body_makes_it_an_asteroid_in_the_odds() -> None:
    candidate = candidate_of([a_sighting("a")])
    around = Surroundings({candidate.id: Neighbours(minor_planets=(Answer("MPCORB", (body(2.0),)),))})
    (scored,) = score([candidate], Atlas.of(a_sky()), an_event(), Prior(0.5, 1.0, "a test"), around=around).candidates
    assert scored.kinds["asteroid"] > 0.9 and scored.probability < 0.05
    assert {c.name: c.log_bayes for c in scored.checks}["minor planet"] == -8.0


def test_leans_weigh_a_kind_against_the_mix() -> None:
    leans = leans_of({"asteroid": 0.9}, others=0.01)
    kinds = kinds_of(0.0, [leans])
    share = SHARES["asteroid"]
    assert kinds["asteroid"] == pytest.approx(share * 0.9 / (share * 0.9 + (1 - share) * 0.01))


@pytest.mark.parametrize("epochs", [2, 3])
def test_motion_leans_to_an_asteroid(epochs: int) -> None:
    track = [a_sighting(str(i), 8.0 + i, east_arcsec=30.0 * i) for i in range(epochs)]
    finding = moving.evaluate(Case(candidate_of(track, epochs=epochs), None, None))
    assert finding.leans is not None
    kinds = kinds_of(0.0, [finding.leans])
    assert max(kinds, key=lambda kind: kinds[kind]) == "asteroid"


@pytest.mark.parametrize(
    ("alert", "found"),
    [
        ({}, None),
        ({"ssdistnr": None}, None),
        ({"ssdistnr": "null"}, None),
        ({"ssdistnr": -999.0}, ()),
        ({"ssdistnr": 60.0, "ssmagnr": 19.4, "ssnamenr": "162822"}, ()),
        ({"ssdistnr": 10.0, "ssmagnr": 19.4, "ssnamenr": "162822"}, ()),
        ({"ssdistnr": "4.0", "ssmagnr": "19.4", "ssnamenr": "162822"}, (("162822", 4.0, 19.4),)),
        ({"ssdistnr": 0.0, "ssmagnr": -999.0, "ssnamenr": "null"}, (("a body without a name", 0.0, None),)),
    ],
)
def test_an_alert_says_what_its_survey_knows(alert: dict[str, Any], found: Any) -> None:
    answer = minor_planets_of(alert)
    if found is None:
        assert answer is None
    else:
        assert answer is not None and answer.silent_because is None
        assert tuple((b.name, b.separation_arcsec, b.mag) for b in answer.found) == found
