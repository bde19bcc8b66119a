"""The half rule, counted again: from footprints and the newest sky map, without the scheduler's own figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import PointingOffered
from coordinator.services.state import ObservatoryState
from coordinator.simulation.weighing import Scales, limit_of
from coordinator.sky.coverage import Frames
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.field_ranges import ranges_of_many
from coordinator.sky.ranges import Ranges
from telescopes.description.telescope import Telescope

TINY = 1e-9
ABOUT = 1e-3
"""So far two ways to sum over distances may lie apart."""

Place = tuple[str, str, float, float, float]
"""Telescope, instrument, right ascension, declination, position angle (degrees)."""


@dataclass
class Recount:
    """Weighs each offer anew.

    Attributes
    ----------
    telescopes : mapping of str to Telescope
        As their site files say, by id.
    sky : callable
        Finds a sky map's curve by its sha256.
    duplicates : list of str
        Pointings of whose value less than half was new when they were offered, by the objective of the offer.
    """

    telescopes: Mapping[str, Telescope]
    sky: Callable[[str], ProbabilityCurve]
    duplicates: list[str] = field(default_factory=list)
    _fields: dict[Place, Ranges] = field(default_factory=dict)
    _weighers: dict[tuple[str, str], Scales] = field(default_factory=dict)

    def weigh(self, offer: PointingOffered, before: ObservatoryState) -> None:
        """Weigh an offer against what was owned live or observed in its visit just before it."""
        pointing, event = offer.pointing, before.events[offer.pointing.event_id]
        key = (pointing.event_id, pointing.visit)
        held = (a for a in before.pointings.of_event(event.key) if a.key == key and (a.live or a.observed))
        others = [(self._field(_where(a)), limit_of(a)) for a in held]
        mine = (self._field(_asked(offer)), pointing.limit_mag_ab)
        found = self._scales(event.skymap_sha256 or "", offer.objective).weigh(mine, others)
        if found.own > TINY and found.new < (0.5 - ABOUT) * found.own:
            self.duplicates.append(pointing.pointing_id)

    def _scales(self, sha256: str, objective: str) -> Scales:
        key = (sha256, objective)
        if key not in self._weighers:
            self._weighers[key] = Scales(self.sky(sha256), objective == "detection")
        return self._weighers[key]

    def _field(self, place: Place) -> Ranges:
        if place not in self._fields:
            telescope, instrument, ra_deg, dec_deg, angle_deg = place
            footprint = self.telescopes[telescope].instrument(instrument).footprint
            (self._fields[place],) = ranges_of_many(footprint, Frames.at([ra_deg], [dec_deg], angle_deg))
        return self._fields[place]


def _asked(offer: PointingOffered) -> Place:
    p = offer.pointing
    return p.telescope_id, p.instrument_id, p.ra_deg, p.dec_deg, p.position_angle_deg


def _where(one: Assignment) -> Place:
    """Where a pointing really looks, as far as is known."""
    telescope, instrument, ra_deg, dec_deg, angle_deg = _asked(one.offered)
    return (
        telescope,
        instrument,
        ra_deg if one.actual_ra_deg is None else one.actual_ra_deg,
        dec_deg if one.actual_dec_deg is None else one.actual_dec_deg,
        angle_deg if one.actual_position_angle_deg is None else one.actual_position_angle_deg,
    )
