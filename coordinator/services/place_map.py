"""A position with its error, as an alert states it, made into a sky map like any other."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

from coordinator.alerts.alert import Localization
from coordinator.services.assess import MadeMap
from coordinator.sky.errors_on_sky import FERMI_GBM, R68, ErrorRegion, Systematic, cone, ellipse
from coordinator.sky.make_map import map_of
from coordinator.sky.polygon import polygon
from coordinator.sky.regions import credible_areas
from coordinator.sky.rings import Ring, rings
from coordinator.sky.write_multiorder import write_multiorder

SYSTEMATICS: Mapping[str, Systematic] = MappingProxyType({"fermi.gbm": FERMI_GBM})
"""What streams leave out of their stated errors, by namespace of the event's key; none where nobody knows one."""


NEARLY_ALL = 0.997
"""Three sigma of one dimension: what is meant by an error that holds all."""


def place_map(
    where: Localization, namespace: str, systematics: Mapping[str, Systematic] = SYSTEMATICS
) -> MadeMap | None:
    """Make the map of a cone, an ellipse, a polygon or annuli; None: it is none of them.

    Parameters
    ----------
    where : Localization
        As the alert states it.
    namespace : str
        Whose event it is (`fermi.gbm`): that says which systematic error the stated one lacks.
    systematics : mapping
        By namespace; one counts for what is below it, too (`fermi.gbm.subthresh`).

    Raises
    ------
    Refused
        The place or its error cannot be.
    """
    region, warnings = _region(where, _systematic(namespace, systematics))
    if region is None:
        return None
    sky = map_of(region)
    data = write_multiorder(sky)
    area50_deg2, area90_deg2 = credible_areas(sky, (0.5, 0.9))
    return MadeMap(data, hashlib.sha256(data).hexdigest(), area50_deg2, area90_deg2, warnings)


def _region(where: Localization, systematic: Systematic | None) -> tuple[ErrorRegion | None, tuple[str, ...]]:
    ra_deg, dec_deg = where.ra_deg, where.dec_deg
    containment, said = _contained(where.containment)
    if where.kind == "polygon":
        return polygon(where.corners_deg), ()
    if where.kind == "annuli":
        return rings([Ring(a.ra_deg, a.dec_deg, a.radius_deg, a.half_width_deg, a.sigmas) for a in where.annuli]), ()
    if ra_deg is None or dec_deg is None:
        return None, ()
    if where.kind == "ellipse" and where.half_axes_deg is not None:
        return ellipse(ra_deg, dec_deg, where.half_axes_deg, where.position_angle_deg or 0.0, containment), said
    if where.kind != "cone" or where.radius_deg is None:
        return None, ()
    missing = None if where.systematic_included else systematic
    if missing is not None:
        said = (*said, f"a systematic error of {missing.core_deg:g} deg is added")
    return cone(ra_deg, dec_deg, where.radius_deg, containment, missing), said


def _contained(stated: float | None) -> tuple[float, tuple[str, ...]]:
    """Return what an error holds, and what is assumed; a Gaussian never holds all."""
    if stated is None:
        return R68, ("the error's containment is not stated: taken as 68 %",)
    if stated > NEARLY_ALL:
        return NEARLY_ALL, (f"the error is said to hold {100 * stated:g} %: taken as {100 * NEARLY_ALL:g} %",)
    return stated, ()


def _systematic(namespace: str, systematics: Mapping[str, Systematic]) -> Systematic | None:
    while namespace and namespace not in systematics:
        namespace = namespace.rpartition(".")[0]
    return systematics.get(namespace)
