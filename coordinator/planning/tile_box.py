"""How large the tiles of a grid may be for a camera that is turned against north."""

import numpy as np

from coordinator.sky.coverage import size_deg
from telescopes.description.footprint import Circle, Footprint


def tile_box_deg(footprint: Footprint, position_angle_deg: float) -> tuple[float, float]:
    """Width and height of the largest box along north and east in the box of a turned footprint, same centre.

    Tiles of that size leave no more gaps than those of a camera that is not turned. At a quarter turn width and
    height change places; at 45 degrees a square loses half of its area, so a turned camera pays in time.

    Notes
    -----
    Where the long side reaches over both short ones the box touches two long sides, otherwise all four.
    """
    width, height = size_deg(footprint)
    if isinstance(footprint, Circle):
        return width, height
    turn = np.radians(position_angle_deg)
    sine, cosine = float(abs(np.sin(turn))), float(abs(np.cos(turn)))
    short, long = min(width, height), max(width, height)
    if short <= 2.0 * sine * cosine * long or abs(sine - cosine) < 1e-9:
        along_sine, along_cosine = short / (2.0 * sine), short / (2.0 * cosine)
        return (along_sine, along_cosine) if width >= height else (along_cosine, along_sine)
    both = cosine**2 - sine**2
    return (width * cosine - height * sine) / both, (height * cosine - width * sine) / both
