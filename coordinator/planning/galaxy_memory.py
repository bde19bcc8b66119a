"""Candidate fields for galaxies, remembered: a plan made again finds them ready where nothing was looked at since."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.galaxy_fields import GalaxyFields, galaxy_fields
from coordinator.planning.galaxy_weights import GalaxyTargets
from telescopes.description.footprint import Footprint

MOST_KEPT = 64
"""Telescopes and visits together; the fields of one take some hundred KiB."""


@dataclass(slots=True)
class GalaxyMemory:
    """The fields that were asked for last."""

    most: int = MOST_KEPT
    _known: "OrderedDict[tuple[Footprint, float, int, bytes], GalaxyFields]" = field(default_factory=OrderedDict)

    def fields(
        self, footprint: Footprint, targets: GalaxyTargets, seen: NDArray[np.bool_], most: int, angle_deg: float
    ) -> GalaxyFields:
        """Choose fields as `galaxy_fields` does, or find them where everything that they depend on is the same."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (targets.galaxies.ra_deg, targets.galaxies.dec_deg, targets.value, seen):
            digest.update(np.ascontiguousarray(part).data)
        key = (footprint, angle_deg, most, digest.digest())
        if key not in self._known:
            self._known[key] = galaxy_fields(footprint, targets, seen, most, angle_deg)
        self._known.move_to_end(key)
        while len(self._known) > self.most:
            self._known.popitem(last=False)
        return self._known[key]

    def clear(self) -> None:
        """Forget them."""
        self._known.clear()


GALAXY_MEMORY = GalaxyMemory()
"""One memory for all plans of a process."""
