"""What another look would see under each kind: how bright it would be, or that it is gone.

Rates are those of the fade check; shares are rounded from vetting-science section 5 and the laws of
`lightcurves.transients`, and assumed where nothing was measured.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from coordinator.lightcurves.bands import CLEAR, band_of
from coordinator.lightcurves.declines import UNRELATED as ANY_RATE
from coordinator.lightcurves.declines import Rate, kilonova_rate
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.kinds import Kind
from coordinator.vetting.possible_looks import Possible
from coordinator.vetting.sighting import Sighting

GONE: Mapping[Kind, float] = MappingProxyType({"asteroid": 0.98, "artefact": 0.9})
"""How likely its place is empty later: an asteroid has moved on, an artefact was never there (assumed)."""

RATES: Mapping[Kind, tuple[Rate, ...]] = MappingProxyType(
    {
        "supernova": (Rate(-0.3, 0.2, 0.45), Rate(0.0, 0.05, 0.45), Rate(0.3, 0.15, 0.1)),
        "agn": (Rate(0.0, 0.05),),
        "variable": (Rate(0.0, 0.05, 0.4), Rate(0.2, 0.1, 0.3), Rate(0.75, 0.5, 0.2), Rate(0.0, 3.0, 0.1)),
        "asteroid": (Rate(0.0, 0.3),),
        "artefact": (Rate(0.0, 0.3),),
        "other": ANY_RATE,
    }
)
"""Magnitudes a day, + is fading: supernovae rise, stand, or cool from a shock; the rest as its name says."""

COLOUR_MAG = 0.5
"""How well the brightness in another band is known beforehand, whatever the kind."""

LEAST_MAG, ASSUMED_MAG, UNKNOWN_MAG = 0.07, 0.2, 1.5
"""Errors of a brightness: of two telescopes at best, of one without an error, of one that nobody measured."""

ODD_BAND = Rate(0.6, 0.6)
"""A kilonova in a band that none was measured in."""


@dataclass(frozen=True, slots=True)
class Bright:
    """A part of what is expected: normal in magnitudes."""

    share: float
    mag: float
    sigma_mag: float


@dataclass(frozen=True, slots=True)
class Expected:
    """How bright a candidate of one kind would be; `gone` is the chance that nothing is there."""

    gone: float
    parts: tuple[Bright, ...]


def expected(kind: Kind, candidate: Candidate, possible: Possible, at: datetime, t0: datetime | None) -> Expected:
    """Say what a look at a time would see if the candidate is of a kind."""
    last = _reference(candidate.sightings, possible.band)
    if last is None or last.mag_ab is None or last.time is None:
        return Expected(GONE.get(kind, 0.0), (Bright(1.0, possible.limit_mag_ab - 1.0, UNKNOWN_MAG),))
    days = (at - last.time).total_seconds() / 86400.0
    error = math.hypot(ASSUMED_MAG if last.mag_err is None else last.mag_err, LEAST_MAG)
    if not _same(last, possible):
        error = math.hypot(error, COLOUR_MAG)
    rates = (_kilonova(possible.band, last.time, at, t0),) if kind == "counterpart" else RATES[kind]
    parts = tuple(
        Bright(r.share, last.mag_ab + r.mean_mag_d * days, math.hypot(error, r.sigma_mag_d * days)) for r in rates
    )
    return Expected(GONE.get(kind, 0.0), parts)


def _reference(sightings: Sequence[Sighting], band: str) -> Sighting | None:
    """Return the newest brightness in the band; without one, the newest there is."""
    known = [s for s in sightings if s.time is not None and s.mag_ab is not None]
    same = [s for s in known if s.filter is not None and band_of(s.filter) == band]
    return next(reversed(same or known), None)


def _same(last: Sighting, possible: Possible) -> bool:
    """Say whether two brightnesses can be compared: unfiltered cameras only with themselves."""
    if last.filter is None or band_of(last.filter) != possible.band:
        return False
    return possible.band != CLEAR or last.telescope == possible.telescope


def _kilonova(band: str, before: datetime, at: datetime, t0: datetime | None) -> Rate:
    ages = None if t0 is None else tuple((t - t0).total_seconds() / 86400.0 for t in (before, at))
    known = None if ages is None or not 0.0 < ages[0] < ages[1] else (ages[0], ages[1])
    return kilonova_rate(band, known) or ODD_BAND
