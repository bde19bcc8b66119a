"""What `armillary plan` is told of its visits: their names, and what they are to see."""

from collections.abc import Sequence

from coordinator.planning.recipe import AUTO, CHAR, Wish, visits_for
from coordinator.planning.request import Source, VisitSpec
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope

BRIGHTEST_MAG, FAINTEST_MAG = 0.0, 30.0
SOURCES: dict[str, Source] = {"kilonova": "kilonova", "afterglow": "afterglow"}
SOURCE_MEND = "give kilonova, afterglow, or an AB magnitude such as 20.5"


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
    return Wish(depth_mag_ab, None if source is None else _source(source), _listed(bands or ""))


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
    try:
        return visits_for(names, network, ProbabilityCurve.of(sky) if AUTO in names else None, wish)
    except Refused as error:
        raise Refused(error.what, where=f"--{error.where}", mend=error.mend) from error


def _source(text: str) -> Source:
    word = text.strip().lower()
    if word in SOURCES:
        return SOURCES[word]
    try:
        mag = float(word)
    except ValueError as error:
        raise Refused(f"{text!r} is no source", where="--source", mend=SOURCE_MEND) from error
    if not BRIGHTEST_MAG <= mag <= FAINTEST_MAG:
        raise Refused(f"{text!r} is no magnitude of a source", where="--source", mend=SOURCE_MEND)
    return mag


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
