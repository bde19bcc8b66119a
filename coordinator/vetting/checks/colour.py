"""Whether it is as blue or red as a counterpart of its age: kilonovae redden within days, outbursts stay blue."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from coordinator.lightcurves.colours import (
    COLOUR_BANDS,
    DUST_LAW_ERR,
    LAWS_REDDENING_MAG,
    UNRELATED_COLOURS,
    ColourLaws,
    tells,
)
from coordinator.lightcurves.dust import dust_mag
from coordinator.vetting.behaviours import leans_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.kinds import Unrelated
from coordinator.vetting.slopes import CALIBRATION_MAG, WINDOW_D, Mean, nightly_means, points_of, slopes_in

CAP = 3.0
ONE_NIGHT_D = 0.25

SHARES_OF_COLOURS: Mapping[Unrelated, tuple[float, ...]] = {
    "supernova": (0.69, 0.25, 0.05, 0.01),
    "agn": (0.48, 0.40, 0.10, 0.02),
    "variable": (0.43, 0.35, 0.20, 0.02),
    "other": (0.42, 0.27, 0.11, 0.20),
}
"""How much of each kind is as blue or red as each of `UNRELATED_COLOURS` (assumed: young supernovae and outbursts are
blue, pulsating and eruptive stars are not, and a fifth of the other are tidal disruptions)."""

NONE = f"not measured in two of {', '.join(COLOUR_BANDS)} within a night"


@dataclass(frozen=True, slots=True)
class Pair:
    """A colour of one night, as behind the dust that the laws know; `age_d` since the event, None: not known."""

    blue: str
    red: str
    colour_mag: float
    err_mag: float
    age_d: float | None

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.blue} - {self.red}"


def evaluate(case: Case) -> Finding:
    """Weigh one colour of one night: that which is expected to tell most, judged before it is read.

    Colours of several bands say much the same, so that others are left out and not counted again. Which night it is
    depends on what the rates already tell: two rates and the first colour give every later one, so where both bands
    were measured twice the first night's is taken, and else the last one's, when kilonovae are reddest.
    """
    candidate = case.candidate
    start = case.t0 or candidate.first_seen
    if candidate.motion is not None or start is None or len(candidate.sightings) < 2:
        return unknown(NONE)
    pairs = list(_pairs(points_of(candidate.sightings, start), case))
    if not pairs:
        return unknown(NONE)
    every = [(pair, ColourLaws.of(pair.blue, pair.red, pair.age_d)) for pair in pairs]
    pair, laws = every[0] if len(every) == 1 else max(every, key=lambda one: _tells(one[0], one[1], case))
    log_bayes, others = laws.log_bayes(pair.colour_mag, pair.err_mag, case.afterglow_share)
    total = clip(log_bayes, -CAP, CAP)
    when = "" if pair.age_d is None else f" {pair.age_d:.1f} d after the event"
    ages = "at some age" if pair.age_d is None else "then"
    given = f"{pair.name} {pair.colour_mag:+.2f} +- {pair.err_mag:.2f}"
    its = laws.kilonova
    said = f"{pair.name} is {pair.colour_mag:+.2f} +- {pair.err_mag:.2f}{when}; a kilonova's is {its.mean_mag:+.2f} "
    said += f"+- {its.sigma_mag:.2f} {ages}{_of_dust(case)}"
    leans = leans_of(others, [c.share for c in UNRELATED_COLOURS], SHARES_OF_COLOURS)
    return Finding(total, total > -2.0, given, "its own detections", said, leans=leans)


def _tells(pair: Pair, laws: ColourLaws, case: Case) -> float:
    return tells(laws, pair.err_mag, case.afterglow_share, CAP)


def _pairs(by_band: Mapping[str, Sequence[Mean]], case: Case) -> Iterator[Pair]:
    """Yield the colours that were measured within a night, one of each two bands."""
    measured = {band: by_band[band] for band in COLOUR_BANDS if band in by_band}
    known = case.t0 is not None
    sloped = {s.band for s in slopes_in(measured, known_t0=known)} if len(measured) > 1 else set()
    for blue, red in combinations(measured, 2):
        nights = nights_of(measured[blue], measured[red])
        if nights:
            one, other = nights[0] if {blue, red} <= sloped else nights[-1]
            excess = excess_mag(blue, red, case.near.reddening_mag)
            age = 0.5 * (one.day + other.day) if known else None
            yield Pair(blue, red, *measured_colour(one, other, excess), age)


def measured_colour(blue: Mean, red: Mean, excess: float) -> tuple[float, float]:
    """Return the colour of two means, mag, when some excess is taken off, and its error with that of the dust."""
    err = math.sqrt(blue.err**2 + red.err**2 + CALIBRATION_MAG**2 + (DUST_LAW_ERR * excess) ** 2)
    return blue.mag - red.mag - excess, err


def excess_mag(blue: str, red: str, reddening_mag: float | None) -> float:
    """By how much the Galaxy's dust reddens it more than what the laws were taken from; 0 where dust is not known."""
    if reddening_mag is None or not math.isfinite(reddening_mag):
        return 0.0
    more = max(reddening_mag, 0.0) - LAWS_REDDENING_MAG
    return float(dust_mag(blue, more) - dust_mag(red, more))


def nights_of(blue: Sequence[Mean], red: Sequence[Mean]) -> list[tuple[Mean, Mean]]:
    """Return means in two bands of one night each, of the first days, by time."""
    last = min(p.day for p in (*blue, *red)) + WINDOW_D
    nights = [
        nightly_means(sorted((p for p in points if p.day <= last), key=lambda p: (p.day, p.mag)), ONE_NIGHT_D)
        for points in (blue, red)
    ]
    return [
        (b, min(near, key=lambda r: (abs(r.day - b.day), r.day)))
        for b in nights[0]
        if (near := [r for r in nights[1] if abs(r.day - b.day) <= ONE_NIGHT_D])
    ]


def _of_dust(case: Case) -> str:
    reddening = case.near.reddening_mag
    if reddening is None or not math.isfinite(reddening):
        return "; dust is not known"
    return f"; the dust before it (E(B-V) {reddening:.2f}) is taken off but for {LAWS_REDDENING_MAG}"


CHECK = Check("colour", evaluate, group="photometry")
