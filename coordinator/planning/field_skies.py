"""The sky of each field to the pixel, remembered: the tiles of a grid are the same in every plan."""

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from coordinator.sky.coverage import Frames
from coordinator.sky.field_ranges import ranges_of_many
from coordinator.sky.ranges import Ranges
from telescopes.description.ephemeris import Array
from telescopes.description.footprint import Footprint

MOST_BYTES = 64 << 20

Place = tuple[Footprint, float, float, float]


@dataclass(slots=True)
class FieldSkies:
    """Ranges of the fields that were used last, of all footprints together."""

    most_bytes: int = MOST_BYTES
    _known: OrderedDict[Place, Ranges] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def of(self, footprint: Footprint, ra_deg: Array, dec_deg: Array, angle_deg: Array) -> list[Ranges]:
        """Sky of each of some fields of one footprint."""
        places = [
            (footprint, float(ra), float(dec), float(angle))
            for ra, dec, angle in zip(ra_deg, dec_deg, angle_deg, strict=True)
        ]
        found = [self._known.get(place) for place in places]
        missing = np.array([i for i, sky in enumerate(found) if sky is None], np.int64)
        if missing.size:
            frames = Frames.at(ra_deg[missing], dec_deg[missing], angle_deg[missing])
            for i, made in zip(missing, ranges_of_many(footprint, frames), strict=True):
                found[i] = made
        skies = [sky for sky in found if sky is not None]
        for place, one in zip(places, skies, strict=True):
            self._keep(place, one)
        return skies

    def _keep(self, place: Place, sky: Ranges) -> None:
        if place not in self._known:
            self._bytes += sky.low.nbytes + sky.high.nbytes
            self._known[place] = Ranges(sky.low.copy(), sky.high.copy())  # not a view of the whole batch
        self._known.move_to_end(place)
        while self._bytes > self.most_bytes:
            _, gone = self._known.popitem(last=False)
            self._bytes -= gone.low.nbytes + gone.high.nbytes


FIELD_SKIES = FieldSkies()
"""One memory for all plans of a process."""
