"""Activity at its place long before the event: in its own archive, in others' reports."""

from datetime import datetime, timedelta

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.kinds import Leans
from coordinator.vetting.neighbours import Answer, Reported
from coordinator.vetting.sighting import DETECTED_SNR, detections

OFTEN = -6.0
DETECTIONS = 3
NIGHT_H = 12.0
REPORT_ARCSEC = 3.0
"""Reports come from small telescopes too."""

SURE = timedelta(days=1)
"""A report's date may be that of a night, not of an exposure."""

OFTEN_LEANS: Leans = {"supernova": -2.0, "agn": 1.5, "variable": 1.5, "asteroid": -6.0, "artefact": -1.0}
"""Nights of activity: stars and nuclei do it for ever, supernovae for some months, asteroids never (assumed)."""

REPORTED_LEANS: Leans = {"asteroid": -6.0, "artefact": -3.0}
"""What another telescope reports is no artefact and stays at its place (assumed)."""


def evaluate(case: Case) -> Finding:
    """Detections in more than one night before T0: a variable star, a nucleus, an older supernova."""
    if case.t0 is None:
        return unknown("the event's time is not known")
    found = _archived(case, case.t0), _reported(case, case.t0)
    told = [one for one in found if one is not None]
    silent = next((a for a in case.near.reported if a.silent_because is not None), None)
    if not told and silent is not None:
        return unknown(f"source did not answer: {silent.silent_because}", silent.source)
    if not told:
        return unknown("not looked at: nobody hands in what was there before the event")
    return min(told, key=lambda one: (one.log_bayes, one.passed is None))


def _archived(case: Case, t0: datetime) -> Finding | None:
    """Count its own detections; the history that a survey's alert brings is among them."""
    times = [
        s.time
        for s in detections(case.candidate.sightings)
        if s.time is not None and s.time < t0 and s.significance >= DETECTED_SNR
    ]
    if not times:
        return None
    apart_h = (max(times) - min(times)).total_seconds() / 3600
    given, said = f"{len(times)} detections", f"{len(times)} detections before the event, over {apart_h / 24:.1f} d"
    if len(times) < DETECTIONS or apart_h < NIGHT_H:
        return Finding(0.0, None, given, "its own detections", f"{said}: too few to call it active")
    return Finding(OFTEN, False, given, "its own detections", said, leans=OFTEN_LEANS)


def _reported(case: Case, t0: datetime) -> Finding | None:
    """Ask who reported something here that was seen before the event."""
    answers = [a for a in case.near.reported if a.silent_because is None]
    if not answers:
        return None
    older = [(a, r) for a in answers for r in a.found if _is_older(r, t0)]
    if not older:
        newest = _freshest(answers)
        said = "nobody reports anything here that is older than the event"
        return Finding(0.0, True, "no older report", newest.source, said, as_of=newest.as_of)
    answer, report = min(older, key=lambda pair: (pair[1].first_seen or t0, pair[1].name))
    days = (t0 - (report.first_seen or t0)).total_seconds() / 86400
    apart = f"{report.separation_arcsec:.1f} arcsec off"
    said = f"reported as {report.name}, first seen {days:.1f} d before the event, {apart}"
    return Finding(OFTEN, False, report.name, answer.source, said, as_of=answer.as_of, leans=REPORTED_LEANS)


def _is_older(report: Reported, t0: datetime) -> bool:
    seen = report.first_seen
    return seen is not None and seen < t0 - SURE and report.separation_arcsec <= REPORT_ARCSEC


def _freshest(answers: list[Answer[Reported]]) -> Answer[Reported]:
    dated = [(a.as_of, a.source, a) for a in answers if a.as_of is not None]
    return max(dated, key=lambda one: one[:2])[2] if dated else answers[0]


CHECK = Check("earlier activity", evaluate)
