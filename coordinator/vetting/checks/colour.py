"""Whether it is as blue or red as a counterpart of its age: kilonovae redden within days, outbursts stay blue."""

import math
from collections.abc import Mapping, Sequence

from coordinator.lightcurves.colours import AFTERGLOW_COLOUR, UNRELATED_COLOURS, kilonova_colour
from coordinator.vetting.behaviours import leans_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.kinds import Unrelated
from coordinator.vetting.slopes import CALIBRATION_MAG, WINDOW_D, Mean, nightly_means, points_of, slopes_in

CAP = 3.0
ONE_NIGHT_D = 0.25

SHARES_OF_COLOURS: Mapping[Unrelated, tuple[float, ...]] = {
    "supernova": (0.70, 0.25, 0.05),
    "agn": (0.50, 0.40, 0.10),
    "variable": (0.45, 0.35, 0.20),
}
"""How much of each kind is as blue or red as each of `UNRELATED_COLOURS` (assumed: young supernovae and outbursts are
blue, pulsating and eruptive stars are not)."""


def evaluate(case: Case) -> Finding:
    """Weigh g - r of one night; which one depends on what the rates already tell.

    Two rates and the first colour give every later one, so where both bands were measured twice the first night's is
    taken, and else the last one's, when kilonovae are reddest.
    """
    candidate = case.candidate
    start = case.t0 or candidate.first_seen
    if candidate.motion is not None or start is None or len(candidate.sightings) < 2:
        return unknown("not measured in g and r within a night")
    by_band = points_of(candidate.sightings, start)
    pairs = _pairs(by_band.get("g", ()), by_band.get("r", ()))
    if not pairs:
        return unknown("not measured in g and r within a night")
    sloped = {s.band for s in slopes_in({band: by_band[band] for band in "gr"}, known_t0=case.t0 is not None)}
    green, red = pairs[0] if {"g", "r"} <= sloped else pairs[-1]
    colour = green.mag - red.mag
    err = math.sqrt(green.err**2 + red.err**2 + CALIBRATION_MAG**2)
    age = 0.5 * (green.day + red.day) if case.t0 is not None else None
    total, others = _log_bayes(colour, err, age, case.afterglow_share)
    when = "" if age is None else f" {age:.1f} d after the event"
    said = f"g - r is {colour:+.2f} +- {err:.2f}{when}; a kilonova's is {_expected(age)}"
    given = f"g - r {colour:+.2f} +- {err:.2f}"
    leans = leans_of(others, [c.share for c in UNRELATED_COLOURS], SHARES_OF_COLOURS)
    return Finding(total, total > -2.0, given, "its own detections", said, leans=leans)


def _expected(age_d: float | None) -> str:
    law = kilonova_colour(age_d)
    return f"{law.mean_mag:+.2f} +- {law.sigma_mag:.2f} {'at some age' if age_d is None else 'then'}"


def _log_bayes(colour: float, err: float, age_d: float | None, afterglow_share: float) -> tuple[float, list[float]]:
    """Return the capped log Bayes factor, and ln p under each of the unrelated colours."""
    kilonova = math.exp(kilonova_colour(age_d).log_density(colour, err))
    afterglow = math.exp(AFTERGLOW_COLOUR.log_density(colour, err))
    others = [c.log_density(colour, err) for c in UNRELATED_COLOURS]
    signal = (1.0 - afterglow_share) * kilonova + afterglow_share * afterglow
    background = math.fsum(c.share * math.exp(one) for c, one in zip(UNRELATED_COLOURS, others, strict=True))
    if signal <= 0.0 or background <= 0.0:  # so far out that neither law knows such things
        return 0.0, [0.0] * len(others)
    return clip(math.log(signal / background), -CAP, CAP), others


def _pairs(green: Sequence[Mean], red: Sequence[Mean]) -> list[tuple[Mean, Mean]]:
    """Return means in g and r of one night each, of the first days, by time."""
    if not green or not red:
        return []
    last = min(p.day for p in (*green, *red)) + WINDOW_D
    nights = [
        nightly_means(sorted((p for p in points if p.day <= last), key=lambda p: (p.day, p.mag)), ONE_NIGHT_D)
        for points in (green, red)
    ]
    return [
        (g, min(near, key=lambda r: (abs(r.day - g.day), r.day)))
        for g in nights[0]
        if (near := [r for r in nights[1] if abs(r.day - g.day) <= ONE_NIGHT_D])
    ]


CHECK = Check("colour", evaluate, group="photometry")
