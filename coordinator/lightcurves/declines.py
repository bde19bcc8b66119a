"""How fast a kilonova fades in each band, and how fast everything else does: magnitudes per day, + is fading."""

from dataclasses import dataclass

from coordinator.lightcurves.bands import CLEAR

EARLY_D = 3.5
"""The early rates hold until this many days after the merger, the later ones until 5.5."""

_EARLY = {"g": 1.27, "r": 0.83, "i": 0.56, "z": 0.42, "y": 0.23, "J": 0.00, "H": -0.04, "K": -0.22}
_LATER = {"g": 1.23, "r": 0.82, "i": 0.54, "z": 0.41, "y": 0.26, "J": 0.06, "H": 0.04, "K": -0.14}
_LIKE = {"V": "g", "B": "g", "R": "r", "I": "i", CLEAR: "r"}
# Between g and r, or of unknown width: the rate of the neighbour, less surely.
_BETWEEN_SIGMA = 0.5
_SIGMA = 0.35


@dataclass(frozen=True, slots=True)
class Rate:
    """A normal distribution of rates; with a share where it is one of several."""

    mean_mag_d: float
    sigma_mag_d: float
    share: float = 1.0


UNRELATED: tuple[Rate, ...] = (
    Rate(0.0, 0.05, 0.70),
    Rate(-0.15, 0.1, 0.05),
    Rate(-0.5, 0.3, 0.05),
    Rate(0.2, 0.1, 0.10),
    Rate(0.75, 0.5, 0.10),
)
"""Rates of unrelated objects: flat, rising, rising fast, fading, fading fast (rounded from 90 slopes of S190814bv)."""


def kilonova_rate(band: str, until_d: float) -> Rate | None:
    """Return the rate at which AT2017gfo faded in a band; None: not known in this band.

    Parameters
    ----------
    band : str
        Plain name of the band (`bands.band_of`).
    until_d : float
        Days after the merger of the last measurement.
    """
    table = _EARLY if until_d <= EARLY_D else _LATER
    if band in table:
        return Rate(table[band], _SIGMA)
    like = _LIKE.get(band)
    return None if like is None else Rate(table[like], _BETWEEN_SIGMA)
