"""The fields that a survey telescope keeps to, and how its camera is turned: all that a search may choose from."""

from dataclasses import dataclass

import numpy as np

from telescopes.description.ephemeris import Array
from telescopes.description.telescope import Telescope


@dataclass(frozen=True, slots=True, eq=False)
class FixedGrid:
    """Fields of a survey.

    Attributes
    ----------
    ids : tuple of str
        Names in the survey, in the order of its file.
    ra_deg, dec_deg, position_angle_deg : float64 arrays, shape (n,)
        Centres, ICRS, and position angles from north through east.
    """

    ids: tuple[str, ...]
    ra_deg: Array
    dec_deg: Array
    position_angle_deg: Array

    def __len__(self) -> int:
        return len(self.ids)


def fixed_grid(telescope: Telescope, instrument_id: str) -> FixedGrid | None:
    """Return the only fields that a telescope may be given; None: it goes anywhere.

    A field that says no position angle has that of the camera.
    """
    if not telescope.grid:
        return None
    turned = telescope.instrument(instrument_id).position_angle_deg
    places = np.array([(f.ra_deg, f.dec_deg) for f in telescope.grid])
    angles = np.array([turned if f.position_angle_deg is None else f.position_angle_deg for f in telescope.grid])
    return FixedGrid(tuple(f.id for f in telescope.grid), places[:, 0], places[:, 1], angles)
