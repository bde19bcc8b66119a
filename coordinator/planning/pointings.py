"""From fields with times to pointings of the contract: names, heights, depths, and sky to the pixel."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.planning.field_skies import FIELD_SKIES
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.timetable import Timetable, Work
from coordinator.sky.visibility import visible_until
from telescopes.description.ephemeris import Array, directions, utc_of
from telescopes.description.telescope import Instrument

MOST_AIRMASS = 40.0
CLAIMED_ABOVE = float(np.sin(np.radians(3.0)))
"""Sine of the altitude below which no depth is claimed: there refraction and haze decide, and no table knows them."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a pointing is for."""

    event: str
    revision: int
    visit: str
    priority: int


def pointings_of(
    timetable: Timetable,
    work: Work,
    purpose: Purpose,
    ra_deg: Array,
    dec_deg: Array,
    start_s: Array,
    angle_deg: Array | float = 0.0,
) -> list[PlannedPointing]:
    """Describe pointings of one telescope; the shares of the probability are still to be counted."""
    if start_s.size == 0:
        return []
    telescope = timetable.telescope
    instrument = telescope.instrument(work.instrument)
    ra_deg, dec_deg = np.round(ra_deg, 6) % 360.0, np.round(dec_deg, 6)
    angle_deg = np.broadcast_to(np.asarray(angle_deg, np.float64), start_s.shape)
    vectors = directions(ra_deg, dec_deg)
    end_s = start_s + work.duration_s
    up = timetable.almanac.axes(telescope.site, (start_s + end_s) / 2.0).up
    sine = np.einsum("ij,ij->i", up, vectors)
    altitude_deg, airmass = np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))), airmass_of(sine)
    until_s = visible_until(telescope, work.filter, timetable.almanac, vectors, end_s, timetable.end_s)
    skies = FIELD_SKIES.of(instrument.footprint, ra_deg, dec_deg, angle_deg)
    return [
        PlannedPointing(
            id=pointing_id(purpose, timetable, float(ra_deg[i]), float(dec_deg[i]), float(start_s[i])),
            event=purpose.event,
            event_revision=purpose.revision,
            telescope=telescope.id,
            instrument=work.instrument,
            ra_deg=float(ra_deg[i]),
            dec_deg=float(dec_deg[i]),
            position_angle_deg=float(angle_deg[i]),
            start=utc_of(start_s[i]),
            end=utc_of(end_s[i]),
            latest_end=utc_of(max(until_s[i], end_s[i])),
            filter=work.filter,
            exposure_s=work.exposure_s,
            count=work.count,
            visit=purpose.visit,
            limit_mag_ab=claimed_limit_mag_ab(instrument, work, float(sine[i])),
            probability=0.0,
            new_probability=0.0,
            value=0.0,
            new_value=0.0,
            altitude_deg=round(float(altitude_deg[i]), 3),
            airmass=round(float(airmass[i]), 3),
            why="",
            priority=purpose.priority,
            ranges=skies[i],
        )
        for i in range(start_s.size)
    ]


def airmass_of(sine_of_altitude: Array | float) -> Array:
    """Airmass by altitude, plane-parallel as in site files (`max_airmass`), and no more than they can ask for."""
    return np.asarray(1.0 / np.maximum(sine_of_altitude, 1.0 / MOST_AIRMASS))


def claimed_limit_mag_ab(instrument: Instrument, work: Work, sine_of_altitude: float) -> float | None:
    """How faint a work sees at an altitude; None: the site's table does not say, or it is too low to say."""
    if sine_of_altitude < CLAIMED_ABOVE:
        return None
    return limit_mag_ab(instrument, work.filter, work.open_s, 1.0 / max(sine_of_altitude, 1.0 / MOST_AIRMASS))


def pointing_id(purpose: Purpose, timetable: Timetable, ra_deg: float, dec_deg: float, start_s: float) -> str:
    """Name a pointing by what it is and when it was planned.

    The same plan has the same names; a pointing that is planned again after its offer ended has a new one.
    """
    who = f"{timetable.telescope.id}|{timetable.start_s:.3f}"
    what = f"{purpose.event}|{who}|{purpose.visit}|{ra_deg:.6f}|{dec_deg:.6f}|{start_s:.3f}"
    return "p" + hashlib.sha256(what.encode()).hexdigest()[:15]


def in_order(pointings: Sequence[PlannedPointing]) -> list[PlannedPointing]:
    """By start; equal starts by id."""
    return sorted(pointings, key=lambda p: (p.start, p.id))
