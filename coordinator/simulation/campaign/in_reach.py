"""Whether a network could see a source at all: somebody can point there in the dark, and it is bright enough."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.planning.work import work_for
from coordinator.simulation.world.binaries import Binary
from coordinator.simulation.world.counterpart import Shine
from coordinator.sky.visibility import visible_in_slots
from telescopes.description.ephemeris import Almanac, directions, unix_s
from telescopes.description.telescope import Telescope
from telescopes.drivers.world import SkySource

STEP_S = 1200.0
HIGH = 1.2
"""Airmass for which a limit is taken."""

Seen = tuple[str, float, np.ndarray]
"""A telescope's filter, its limit, and the hours after the start in which it can look."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """A network and how long it searches."""

    telescopes: Sequence[Telescope]
    hours: float

    def holds(self, binary: Binary) -> bool:
        """Say whether a source like AT2017gfo would be in reach there."""
        shine = Shine(binary.distance_mpc, 0.0)
        if not any(
            self._bright(shine, name, limit, np.arange(0.5, self.hours, 0.5)) for _, name, limit in self._eyes()
        ):
            return False
        seen = self._looks(binary.ra_deg, binary.dec_deg, binary.merged)
        return any(self._bright(shine, name, limit, when_h) for name, limit, when_h in seen)

    def sees(self, source: SkySource, start: datetime) -> bool:
        """Say whether a source is in reach as it really shines; its light curve counts from `start`."""
        for name, limit, when_h in self._looks(source.ra_deg, source.dec_deg, start):
            curve = source.light_curve.get(band_of(name)) or source.light_curve["r"]
            hours, mags = np.array(curve).T
            if (np.interp(when_h, hours, mags, left=np.inf) < limit).any():
                return True
        return False

    def _bright(self, shine: Shine, name: str, limit: float, when_h: np.ndarray) -> bool:
        return bool((shine.mags(band_of(name), when_h) < limit).any())

    def _eyes(self) -> Iterator[tuple[Telescope, str, float]]:
        """Each telescope with its filter and the limit of its usual look."""
        for one in self.telescopes:
            work = work_for(one, ())
            if work is None:
                continue
            exposure_s = one.observing.exposure_s
            limit = limit_mag_ab(one.instrument(work.instrument), work.filter, exposure_s, HIGH)
            if limit is not None:
                yield one, work.filter, limit

    def _looks(self, ra_deg: float, dec_deg: float, start: datetime) -> Iterator[Seen]:
        first, last = unix_s(start), unix_s(start + timedelta(hours=self.hours))
        almanac = Almanac.over(first, last)
        field = directions([ra_deg], [dec_deg])
        slots = np.arange(first, last - STEP_S, STEP_S)
        for one, name, limit in self._eyes():
            seen = visible_in_slots(one, name, almanac, field, slots, slots + STEP_S)[0]
            if seen.any():
                yield name, limit, (slots[seen] - first) / 3600.0
