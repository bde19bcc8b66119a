"""What `armillary plan` is told of its visits: their names, and what they are to see."""

from collections.abc import Sequence

from coordinator.planning.recipe import (
    AUTO,
    BRIGHTEST_MAG,
    CHAR,
    FAINTEST_MAG,
    Wish,
    bands_nobody_has,
    source_of,
    visits_for,
)
from coordinator.planning.request import VisitSpec
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope


def wish_of(source: str | None, depth_mag_ab: float | None, bands: str | None) -> Wish:
    """Read --source, --depth and --bands.

    Raises
    ------
    Refused
        A source that is not known, a magnitude that nothing has, or both a source and a depth.
    """
    if source is not None and depth_mag_ab is not None:
        raise Refused("both a source and a depth are wanted", where="--depth", mend="give one of them")
    if depth_mag_ab is not None and not BRIGHTEST_MAG <= depth_mag_ab <= FAINTEST_MAG:
        raise Refused(f"{depth_mag_ab:g} is no depth", where="--depth", mend="give an AB magnitude, 0 to 30")
    try:
        return Wish(depth_mag_ab, None if source is None else source_of(source), _listed(bands or ""))
    except Refused as error:
        raise Refused(error.what, where=f"--{error.where}", mend=error.mend) from error


def visits_of(text: str, wish: Wish, network: Sequence[Telescope], sky: SkyMap) -> tuple[VisitSpec, ...]:
    """Read --visits; `char` and `auto` depend on the network, and `auto` on the map.

    Raises
    ------
    Refused
        Names that mean nothing, and bands where no visit asks for any.
    """
    names = _listed(text)
    if wish.bands and not {AUTO, CHAR} & set(names):
        raise Refused(
            "bands are asked for, and no visit that has any", where="--bands", mend="give --visits char or auto"
        )
    missing = bands_nobody_has(network, wish.bands)
    if missing:
        said = f"no telescope has the band {', '.join(missing)}"
        raise Refused(said, where="--bands", mend="ask for bands that they have")
    try:
        return visits_for(names, network, ProbabilityCurve.of(sky) if AUTO in names else None, wish)
    except Refused as error:
        raise Refused(error.what, where=f"--{error.where}", mend=error.mend) from error


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
