"""Bursts of gamma rays and neutrinos: how often they come, and as which circles they are told.

Fermi GBM
    236 a year: 2,356 from 2008-07-12 to 2018-07-11 (von Kienlin et al. 2020, ApJ 893, 46). Circles are stated for 68 %,
    statistical; the truth lies farther away by systematic errors of 1.8 degrees for 52 %, 4.1 for the others (Goldstein
    et al. 2020, arXiv:1909.03006).
Swift BAT, then XRT
    91 a year: 1,000 in eleven (Lien et al. 2016, ApJ 829, 7). Circles of 90 %, 1 to 3 arcminutes (Sakamoto et al. 2008,
    ApJS 175, 179), then 5 arcseconds; the truth lies as they say.
IceCube gold
    10 a year, from space with a chance of at least 0.5 (Blaufuss et al. 2019, arXiv:1908.04884). Circles of 90 %, a
    degree at first; the truth lies as they say.
IceCube bronze
    16 a year, with a chance of 0.3 to 0.5; else as gold.
Super-Kamiokande
    3 a century, from collapsing stars of the Galaxy. One circle of 68 %, as wide as the star is far: the sample of its
    notice says 0.91 degrees at 2.5 kpc; the truth lies as it says.

Assumed: how radii scatter (a factor of 1.8 about 3.5 degrees for GBM's last word, twice as wide at first; 1.5 about 0.8
degrees for IceCube, after the notices that are at hand: 0.5 to 1.2), when words come, and that XRT finds 8 of 10.
Directions are even over the sky, but for stars of the Galaxy (`galaxy.py`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from coordinator.simulation.world.galaxy import USUAL_KPC, drawn_star

Who = Literal["gbm", "swift", "gold", "bronze", "superk"]

PER_YEAR: dict[Who, float] = {"gbm": 236.0, "swift": 91.0, "gold": 10.0, "bronze": 16.0, "superk": 0.03}
YEAR_D = 365.25
SYSTEMATIC_DEG, CORE_SHARE = (1.8, 4.1), 0.52
XRT_FINDS = 0.8
BRONZE_FROM, GOLD_FROM = 0.3, 0.5
SUPERK_DEG_PER_KPC = 0.91 / 2.5

ONE_SIGMA, NINETY = 0.68, 0.9


@dataclass(frozen=True, slots=True)
class Circle:
    """One word about where it was: `containment` of the probability lies within `radius_deg`."""

    stage: str
    issued: datetime
    ra_deg: float
    dec_deg: float
    radius_deg: float
    containment: float


@dataclass(frozen=True, slots=True)
class ConeEvent:
    """A burst or a neutrino with its truth.

    Attributes
    ----------
    number : int
        Under which its notices go.
    p_astro : float or None
        Chance that a neutrino is from space, as its notice states; None: of bursts nobody doubts it.
    is_real : bool
        Whether there is a source at its place.
    distance_kpc : float or None
        Of a star of the Galaxy; None: it has no part in anything.
    """

    who: Who
    number: int
    t0: datetime
    ra_deg: float
    dec_deg: float
    p_astro: float | None
    is_real: bool
    circles: tuple[Circle, ...]
    distance_kpc: float | None = None


def drawn_cones(
    rng: np.random.Generator,
    start: datetime,
    days: float,
    who: Sequence[Who] = ("gbm", "swift", "gold", "bronze"),
    times: float = 1.0,
) -> list[ConeEvent]:
    """Draw what comes in so many days, in order of time; the same burst is told by one mission alone.

    `times`: how many times as often as it does.
    """
    found = []
    for one in who:
        for after_d in rng.uniform(0.0, days, int(rng.poisson(times * PER_YEAR[one] * days / YEAR_D))):
            found.append(drawn_cone(rng, one, start + timedelta(days=float(after_d))))
    return sorted(found, key=lambda c: c.t0)


def drawn_cone(rng: np.random.Generator, who: Who, t0: datetime) -> ConeEvent:
    """Draw one event of a kind at an instant."""
    if who == "superk":
        star = drawn_star(rng)
        return cone_at(rng, who, t0, (star.ra_deg, star.dec_deg), star.distance_kpc)
    ra, dec = float(rng.uniform(0.0, 360.0)), float(np.degrees(np.arcsin(rng.uniform(-1.0, 1.0))))
    return cone_at(rng, who, t0, (ra, dec))


def cone_at(
    rng: np.random.Generator, who: Who, t0: datetime, true: tuple[float, float], distance_kpc: float | None = None
) -> ConeEvent:
    """Draw what is told of an event whose RA and Dec, degrees, are known; `distance_kpc` of a star of the Galaxy."""
    number, p_astro = int(rng.integers(100_000_000, 999_999_999)), _p_astro(rng, who)
    circles = tuple(_circles(rng, who, t0, true, distance_kpc))
    real = p_astro is None or bool(rng.random() < p_astro)
    return ConeEvent(who, number, t0, *true, p_astro, real, circles, distance_kpc)


def _p_astro(rng: np.random.Generator, who: Who) -> float | None:
    """Draw what a neutrino's notice states, even between the limits of its class."""
    if who == "gold":
        return float(rng.uniform(GOLD_FROM, 1.0))
    return float(rng.uniform(BRONZE_FROM, GOLD_FROM)) if who == "bronze" else None


def _circles(
    rng: np.random.Generator, who: Who, t0: datetime, true: tuple[float, float], distance_kpc: float | None
) -> list[Circle]:
    match who:
        case "gbm":
            return _gbm(rng, t0, true)
        case "swift":
            bat = _circle(rng, t0, "BAT_POS", 15.0, float(rng.uniform(1.0, 3.0)) / 60.0, NINETY, true)
            xrt = _circle(rng, t0, "XRT_POS", 120.0, 5.0 / 3600.0, NINETY, true)
            return [bat, xrt] if rng.random() < XRT_FINDS else [bat]
        case "gold" | "bronze":
            first = _scattered(rng, 0.8, 1.5)
            later = first * float(rng.uniform(0.7, 1.3))
            return [
                _circle(rng, t0, "initial", 35.0, first, NINETY, true),
                _circle(rng, t0, "update", 4.0 * 3600.0, later, NINETY, true),
            ]
        case "superk":
            radius = SUPERK_DEG_PER_KPC * (USUAL_KPC if distance_kpc is None else distance_kpc)
            return [_circle(rng, t0, "initial", 90.0, radius, ONE_SIGMA, true)]


def _gbm(rng: np.random.Generator, t0: datetime, true: tuple[float, float]) -> list[Circle]:
    """Three words that share their systematic error."""
    systematic_deg = SYSTEMATIC_DEG[int(rng.random() >= CORE_SHARE)]
    meant = _moved(rng, true, systematic_deg, ONE_SIGMA)
    last = max(1.0, _scattered(rng, 3.5, 1.8))
    stages = (("FLIGHT_POSITION", 15.0, 2.0), ("GROUND_POSITION", 40.0, 1.3), ("FINAL_POSITION", 600.0, 1.0))
    return [_circle(rng, t0, stage, after_s, last * wider, ONE_SIGMA, meant) for stage, after_s, wider in stages]


def _circle(
    rng: np.random.Generator,
    t0: datetime,
    stage: str,
    after_s: float,
    radius_deg: float,
    containment: float,
    about: tuple[float, float],
) -> Circle:
    """Draw a circle that holds a place as often as it says, issued some 30 % sooner or later than usual."""
    ra, dec = _moved(rng, about, radius_deg, containment)
    issued = t0 + timedelta(seconds=after_s * float(np.exp(rng.normal(0.0, 0.3))))
    return Circle(stage, issued, ra, dec, radius_deg, containment)


def _scattered(rng: np.random.Generator, median: float, factor: float) -> float:
    return float(median * np.exp(rng.normal(0.0, np.log(factor))))


def _moved(
    rng: np.random.Generator, place: tuple[float, float], radius_deg: float, containment: float
) -> tuple[float, float]:
    """Move a place by an error of two dimensions that stays within the radius with that chance."""
    sigma = math.radians(radius_deg) / math.sqrt(-2.0 * math.log(1.0 - containment))
    away, bearing = sigma * float(rng.rayleigh()), float(rng.uniform(0.0, 2.0 * math.pi))
    dec = math.radians(place[1])
    sine = math.sin(dec) * math.cos(away) + math.cos(dec) * math.sin(away) * math.cos(bearing)
    sine = max(-1.0, min(1.0, sine))
    east = math.sin(bearing) * math.sin(away) * math.cos(dec)
    ra = math.radians(place[0]) + math.atan2(east, math.cos(away) - math.sin(dec) * sine)
    return math.degrees(ra) % 360.0, math.degrees(math.asin(sine))
