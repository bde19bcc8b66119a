"""How much of a made map lies where, measured finer than its cells are."""

import numpy as np

from coordinator.sky.errors_on_sky import angle_between, vectors
from coordinator.sky.nested import MAX_ORDER, MAX_RADIUS_RAD, pixel_vectors
from coordinator.sky.skymap import SkyMap

FINER = 3


def share_within(sky: SkyMap, ra_deg: float, dec_deg: float, radius_deg: float) -> float:
    """Probability within a circle; of a cell on its edge, the part that lies inside."""
    centre, radius = vectors(ra_deg, dec_deg)[0], np.radians(radius_deg)
    away = angle_between(pixel_vectors(sky.order, sky.ipix), centre)
    reach = MAX_RADIUS_RAD / 2.0**sky.order
    edge = np.flatnonzero(np.abs(away - radius) <= reach)
    share = (away <= radius).astype(float)
    for row in edge:
        finer = min(FINER, MAX_ORDER - int(sky.order[row]))
        pixels = (int(sky.ipix[row]) << (2 * finer)) + np.arange(4**finer)
        share[row] = (angle_between(pixel_vectors(int(sky.order[row]) + finer, pixels), centre) <= radius).mean()
    return float((share * sky.probability).sum())
