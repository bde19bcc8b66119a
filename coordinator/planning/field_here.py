"""What a field of a telescope at one place would bring."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coordinator.planning.desk import Desk
from coordinator.planning.pointings import claimed_limit_mag_ab
from coordinator.planning.value import NOTHING, SkyValue
from coordinator.planning.why import percent
from coordinator.sky.coverage import Frames, contains
from coordinator.sky.field_ranges import ranges_of_many
from coordinator.sky.ranges import Ranges
from telescopes.description.ephemeris import directions


@dataclass(frozen=True, slots=True)
class FieldHere:
    """What a field at a place would be worth by the objective, what of that would be new, and the same as words."""

    value: float
    new_value: float
    said: str


def field_here(
    desk: Desk,
    ra_deg: float,
    dec_deg: float,
    altitude_deg: float,
    value: SkyValue,
    looks: Sequence[tuple[Ranges, int]],
) -> FieldHere | None:
    """Weigh a field that covers the place: one centred there, or the best of a survey's own; None: there is none.

    Parameters
    ----------
    altitude_deg : float
        How high it is looked at.
    looks : sequence of (Ranges, int)
        Sky of the same visit that is looked at or planned, and its depths.
    """
    names, frames = _frames_here(desk, ra_deg, dec_deg)
    if not names:
        return None
    instrument = desk.timetable.telescope.instrument(desk.work.instrument)
    limit = claimed_limit_mag_ab(instrument, desk.work, float(np.sin(np.radians(altitude_deg))))
    depth = value.depth(limit)
    skies = ranges_of_many(desk.footprint, frames)
    new = [value.new_value(sky, depth, looks) for sky in skies]
    best = int(np.argmax(np.round(new, 9)))
    sky, own = skies[best], value.value(skies[best], depth)
    if depth == NOTHING:
        said = f"{names[best]} holds {percent(value.curve.probability(sky))}, and its depth is not known"
    elif value.distances is None:
        said = f"{names[best]} holds {percent(own)}, of which {percent(new[best])} is new"
    else:
        said = (
            f"{names[best]} has {percent(own)} chance to see the source at {limit:.1f} mag, of which "
            f"{percent(new[best])} is new ({percent(value.curve.probability(sky))} of the probability)"
        )
    return FieldHere(own, new[best], said)


def _frames_here(desk: Desk, ra_deg: float, dec_deg: float) -> tuple[list[str], Frames]:
    grid = desk.grid
    if grid is None:
        return ["a field centred here"], Frames.at([ra_deg], [dec_deg], desk.angle_deg)
    frames = Frames.at(grid.ra_deg, grid.dec_deg, grid.position_angle_deg)
    vectors = np.repeat(directions([ra_deg], [dec_deg]), len(grid), axis=0)
    here = np.flatnonzero(contains(desk.footprint, frames, np.arange(len(grid)), vectors))
    frames = Frames.at(grid.ra_deg[here], grid.dec_deg[here], grid.position_angle_deg[here])
    return [f"its field {grid.ids[i]}" for i in here], frames
