"""Whether a known body of the solar system was there at that time."""

import math

from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.kinds import leans_of
from coordinator.vetting.minor_planet_radius import reach_arcsec
from coordinator.vetting.neighbours import Answer, MinorPlanet

KNOWN = -8.0
ONE_VISIT_H = 0.25
FAINTER_MAG = 2.5
"""A body so much fainter than what was seen is there by chance: its brightness varies by less, whatever the filter."""

LEANS = leans_of({"asteroid": 0.9}, others=0.003)
"""Assumed: nine of ten asteroids that a survey sees are known; by chance one of a few hundred places has one near."""


def evaluate(case: Case) -> Finding:
    """Judge by the nearest body that could be what was seen; without an answer nothing is known."""
    answers = case.near.minor_planets
    spoken = [answer for answer in answers if answer.silent_because is None]
    if not spoken:
        if not answers:
            return unknown("nobody looked for minor planets there")
        silent = answers[0]
        return Finding(
            0.0, None, "none", silent.source, f"source did not answer: {silent.silent_because}", as_of=silent.as_of
        )
    known = [(body, answer) for answer in spoken for body in answer.found]
    known.sort(key=lambda pair: pair[0].separation_arcsec)
    excuses = []
    for body, answer in known:
        excuse = _why_not(body, case.candidate)
        if excuse is None:
            return _is_known(body, answer)
        excuses.append(f"{_named(body)} {excuse}")
    because = excuses[0] if excuses else "no known minor planet was there then"
    return Finding(0.0, True, f"{len(known)} near", spoken[0].source, because, as_of=spoken[0].as_of)


def in_one_visit(candidate: Candidate) -> bool:
    """Say whether all its sightings lie within a quarter of an hour, as far as is known."""
    return _span_h(candidate) < ONE_VISIT_H


def _is_known(body: MinorPlanet, answer: Answer[MinorPlanet]) -> Finding:
    said = f"{_named(body)} was there"
    given = f"{body.separation_arcsec:.1f} arcsec"
    return Finding(KNOWN, False, given, answer.source, said, as_of=answer.as_of, leans=LEANS)


def _why_not(body: MinorPlanet, candidate: Candidate) -> str | None:
    """Say why this body is not what was seen; None: it may well be."""
    reach = reach_arcsec(body.error_arcsec, in_one_visit(candidate))
    if body.separation_arcsec > reach:
        return f"is farther than {reach:.0f} arcsec"
    bright = min((s.mag_ab for s in candidate.sightings if s.mag_ab is not None), default=math.inf)
    if body.mag is not None and bright < body.mag - FAINTER_MAG:
        return f"is {body.mag - bright:.1f} mag fainter than what was seen"
    moved = (body.rate_arcsec_h or 0.0) * _span_h(candidate)
    if candidate.motion is None and moved > 2.0 * reach:
        return f"moved on by {moved:.0f} arcsec while this stayed"
    return None


def _named(body: MinorPlanet) -> str:
    mag = "" if body.mag is None else f", {body.mag:.1f} mag"
    rate = "" if body.rate_arcsec_h is None else f", {body.rate_arcsec_h:.1f} arcsec/h"
    return f"{body.name} ({body.separation_arcsec:.1f} arcsec off{mag}{rate})"


def _span_h(candidate: Candidate) -> float:
    times = [s.time for s in candidate.sightings if s.time is not None]
    return (max(times) - min(times)).total_seconds() / 3600.0 if times else 0.0


CHECK = Check("minor planet", evaluate)
