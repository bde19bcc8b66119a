"""How deep a telescope must look for a visit to see what it is for: the source there, the dust, the air, the Moon."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from coordinator.lightcurves.afterglow import afterglow_abs_mag, afterglow_mag
from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.depth import EXTINCTION_MAG, limit_mag_ab
from coordinator.lightcurves.detection import Distances
from coordinator.lightcurves.dust import dust_mag
from coordinator.lightcurves.farthest import modulus_within
from coordinator.lightcurves.kilonova import kilonova_abs_mag
from coordinator.lightcurves.moonlight import Moon, depth_lost_mag, sky_brighter_by
from coordinator.planning.desk import USUAL_AIRMASS
from coordinator.planning.prepared import PreparedSky
from coordinator.planning.request import VisitSpec
from coordinator.planning.timetable import Stretch, Timetable, Work
from coordinator.sky.dust_map import DustMap
from telescopes.description.ephemeris import DAY_S, Array
from telescopes.description.limits import MARGIN_DEG
from telescopes.description.telescope import Telescope

SHARE = 0.9
"""The source is to be seen where so much of what a telescope sees is as near, and as little reddened."""

USUAL_ZENITH_DEG = float(np.degrees(np.arccos(1.0 / USUAL_AIRMASS)))
DEEPER_THAN_ANY_MAG = 60.0
ENOUGH_MAG = 0.05
"""A limit that misses the wanted one by less reaches it."""


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """What the source of an event may be like: its age, its sky with distances, and the dust before it."""

    t0_s: float | None
    sky: PreparedSky
    dust: DustMap | None = None


@dataclass(frozen=True, slots=True)
class WantedDepth:
    """The limit that a telescope is to reach in a visit.

    Attributes
    ----------
    mag_ab : float, optional
        AB, at the source above the air; None: not known, and `because` says why.
    air_mag, moon_mag : float
        What the air at a usual height and the Moon take from the telescope's depth at the zenith of a dark night.
    """

    mag_ab: float | None
    air_mag: float = 0.0
    moon_mag: float = 0.0
    because: str = ""

    @property
    def at_zenith_mag_ab(self) -> float | None:
        """The limit at the zenith of a dark night that comes to the one wanted."""
        return None if self.mag_ab is None else self.mag_ab + self.air_mag + self.moon_mag


def wanted_depth(visit: VisitSpec, aim: Aim, timetable: Timetable, work: Work) -> WantedDepth | None:
    """Say how deep a telescope must look; None: the visit wants no depth, or the telescope has nothing to look at.

    Parameters
    ----------
    visit : VisitSpec
        What is wanted: a limit (`depth_mag_ab`), which holds as it is, or a source.
    timetable : Timetable
        Its free, dark time; the source is as old as it is in the middle of that.
    work : Work
        Which filter the telescope would use.
    """
    if visit.depth_mag_ab is None and visit.source is None:
        return None
    free = timetable.free(work.filter)
    if not free:
        return None
    seen = aim.sky.views.seen(timetable.telescope, free, MARGIN_DEG)
    weight = np.where(seen[aim.sky.covering.block], aim.sky.covering.cells.probability, 0.0)
    if weight.sum() <= 0.0:
        return None
    middle_s = middle_of(free)
    band = band_of(work.filter)
    limit = visit.depth_mag_ab
    mag = _source_mag(visit, aim, weight, band, middle_s) if limit is None else limit
    if isinstance(mag, str):
        return WantedDepth(None, because=mag)
    air_mag = EXTINCTION_MAG * (USUAL_AIRMASS - 1.0)
    return WantedDepth(mag, air_mag, _moon_mag(aim.sky, weight, timetable, band, middle_s))


def at_their_ends(visits: Iterable[VisitSpec]) -> tuple[VisitSpec, ...]:
    """Return visits with the shortest and with the longest exposures that a wish may lead to.

    A bound holds for every exposure between them: the shortest allow the most fields, the longest see the deepest.
    """
    found: list[VisitSpec] = []
    for visit in visits:
        found.append(replace(visit, depth_mag_ab=None))
        if visit.depth_mag_ab is not None or visit.source is not None:
            found.append(replace(visit, depth_mag_ab=DEEPER_THAN_ANY_MAG))
    return tuple(found)


def middle_of(stretches: Sequence[Stretch]) -> float:
    """Return the instant at which half of the time is over: by day it is never."""
    left = sum(end - begin for begin, end in stretches) / 2.0
    for begin, end in sorted(stretches):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    return max(end for _, end in stretches)


def shortfall(visit: VisitSpec, telescope: Telescope, work: Work, wanted: WantedDepth | None) -> str | None:
    """Say why a telescope's exposure is not what the visit wants; None: it is, or nothing is wanted."""
    if wanted is None:
        return None
    own = f"visit {visit.name}: keeps its own exposure, "
    if wanted.mag_ab is None:
        return own + wanted.because
    wish = f"{wanted.mag_ab:.1f} wanted in {work.filter}"
    limit = limit_mag_ab(telescope.instrument(work.instrument), work.filter, work.open_s, USUAL_AIRMASS)
    if limit is None:
        return own + f"its depth is not known ({wish})"
    reached = limit - wanted.moon_mag
    if reached >= wanted.mag_ab - ENOUGH_MAG:
        return None
    moon = f", the Moon taking {wanted.moon_mag:.1f}" if wanted.moon_mag >= 2 * ENOUGH_MAG else ""
    return f"visit {visit.name}: reaches {reached:.1f} of {wish} with {work.count} x {work.exposure_s:g} s{moon}"


def _source_mag(visit: VisitSpec, aim: Aim, weight: Array, band: str, when_s: float) -> float | str:
    """Apparent magnitude of the source, as faint as it is for nine tenths of what is seen; or why it is not known."""
    distances = aim.sky.covering.cells.distances
    if isinstance(visit.source, float | int):
        return float(visit.source) + _dimmed_mag(aim, None, weight, band)
    if aim.t0_s is None:
        return f"the age of the {visit.source} is not known: the map does not say when the event was"
    days = (when_s - aim.t0_s) / DAY_S
    if days <= 0.0:
        return f"its free time lies before the {visit.source}"
    if visit.source == "afterglow":
        bare = afterglow_mag(band, days) if distances is None else afterglow_abs_mag(band, days)
    elif distances is None:
        return "the map knows no distance, so how bright a kilonova would be is not known"
    else:
        bare = kilonova_abs_mag(band, days)
    return float(bare) + _dimmed_mag(aim, distances, weight, band)


def _dimmed_mag(aim: Aim, distances: Distances | None, weight: Array, band: str) -> float:
    """Magnitudes that distance and dust take together, at most, for nine tenths of what is seen."""
    cells = aim.sky.covering.cells
    nothing = np.zeros(cells.probability.size)
    modulus, width = (nothing, nothing) if distances is None else (distances.modulus_mag, distances.width)
    dust = nothing if aim.dust is None else np.nan_to_num(dust_mag(band, aim.dust.at(cells.key)))
    seen = weight > 0.0
    return modulus_within(Distances((modulus + dust)[seen], width[seen]), weight[seen], SHARE)


def _moon_mag(sky: PreparedSky, weight: Array, timetable: Timetable, band: str, when_s: float) -> float:
    """Depth that the Moon takes, by the mean brightness of the sky that is seen, at a usual height."""
    instant = np.array([when_s])
    site, almanac = timetable.telescope.site, timetable.almanac
    moon = almanac.moon_from(site, instant)[0]
    altitude_deg = float(np.degrees(np.arcsin(np.clip(almanac.axes(site, instant).up[0] @ moon, -1.0, 1.0))))
    away_deg = np.degrees(np.arccos(np.clip(sky.covering.cells.vectors @ moon, -1.0, 1.0)))
    shining = Moon.lit(float(almanac.moon_illuminated(instant)[0]), altitude_deg)
    brighter = sky_brighter_by(band, shining, away_deg, USUAL_ZENITH_DEG)
    return float(depth_lost_mag(np.average(brighter, weights=weight)))
