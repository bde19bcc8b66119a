"""Where a filter lets light through; None: unknown, as for an open detector."""

from coordinator.lightcurves.bands import band_of

_NM = {
    "u": (330.0, 400.0),
    "g": (402.0, 552.0),
    "r": (552.0, 691.0),
    "i": (691.0, 818.0),
    "z": (818.0, 922.0),
    "y": (922.0, 1060.0),
    "U": (332.0, 398.0),
    "B": (398.0, 492.0),
    "V": (507.0, 595.0),
    "R": (589.0, 727.0),
    "I": (731.5, 880.5),
    "J": (1113.5, 1326.5),
    "H": (1476.5, 1783.5),
    "K": (1995.0, 2385.0),
}
"""Half-power edges in nanometres: ugrizy as Rubin announces its schedule; UBVRI JHK from effective wavelength and
full width at half maximum in Binney and Merrifield (1998), Galactic Astronomy, table 2.1."""


def edges_m(filter_name: str) -> tuple[float, float] | None:
    """Return the shortest and longest wavelength of a filter in metres."""
    edges = _NM.get(band_of(filter_name))
    return None if edges is None else (round(edges[0] * 1e-9, 13), round(edges[1] * 1e-9, 13))
