"""A sky map in a few numbers: the one place where the intake meets the sky room."""

from coordinator.services.assess import MapSummary
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_areas


def summarise_map(data: bytes) -> MapSummary:
    """Read a sky map, and say how large it is and what it knows of time and distance.

    Raises
    ------
    Refused
        It cannot be used; the reason is the sky room's.
    """
    sky = read_skymap(data)
    area50_deg2, area90_deg2 = credible_areas(sky, (0.5, 0.9))
    return MapSummary(
        area50_deg2=area50_deg2,
        area90_deg2=area90_deg2,
        t0=sky.facts.t0,
        distance_mpc=sky.facts.distance_mpc,
        distance_std_mpc=sky.facts.distance_std_mpc,
        warnings=sky.facts.warnings,
    )
