"""Where an event is, out of its notices: the best stage, then the newest, that says a place at all."""

from collections.abc import Sequence

from coordinator.alerts.alert import Alert, Localization
from coordinator.events.copies import WITH_A_PLACE, usable
from coordinator.events.stages import is_companion

EARLIER = "the map of an earlier notice, until that of the link is there"
MAX_WARNINGS = 16


def sky_of(notices: Sequence[Alert]) -> Localization:
    """Say where an event is.

    Parameters
    ----------
    notices : sequence of Alert
        Those that are heeded, in their order, without retractions.

    Returns
    -------
    Localization
        A better word without a place leaves the sky as it was. While the map of the best word is only a link, the
        event is searched on the best map that is there.
    """
    said = [n.localization for n in _of_the_sky(notices)]
    placed = [at for at, where in enumerate(said) if _tells_place(where)]
    waiting = [at for at, where in enumerate(said) if _is_open(where)]
    if waiting and (not placed or waiting[-1] > placed[-1]):
        link = said[waiting[-1]]
        searchable = [said[at] for at in placed if usable(said[at])]
        return _meanwhile(link, searchable[-1]) if searchable else link
    if placed:
        return said[placed[-1]]
    return ([where for where in said if where.kind != "none"] or said or [Localization("none")])[-1]


def open_link(notices: Sequence[Alert]) -> Alert | None:
    """Return the notice whose link leads to the map that the event should have; None: it waits for none."""
    telling = [n for n in _of_the_sky(notices) if _tells_place(n.localization) or _is_open(n.localization)]
    if not telling or telling[-1].localization.url is None or telling[-1].localization.kind in ("multiorder", "flat"):
        return None
    return telling[-1]


def no_sky_because(where: Localization) -> str:
    """Say why there is no sky to search."""
    if where.refused is not None:
        return where.refused
    match where.kind:
        case "allsky":
            return "it may be anywhere on the sky"
        case "point":
            return "its position comes without an error: a person must say how wide to search"
        case "link":
            return "its sky map is not there yet"
        case _:
            return "it has no sky map"


def _of_the_sky(notices: Sequence[Alert]) -> Sequence[Alert]:
    """Return the notices by which the sky goes; those that only accompany others do where there are no others."""
    return [n for n in notices if not is_companion(n)] or notices


def _tells_place(where: Localization) -> bool:
    return where.refused is None and (where.kind in WITH_A_PLACE or where.skymap_sha256 is not None)


def _is_open(where: Localization) -> bool:
    return where.kind == "link" and where.refused is None and where.url is not None


def _meanwhile(link: Localization, earlier: Localization) -> Localization:
    return Localization(
        "link",
        url=link.url,
        skymap_sha256=earlier.skymap_sha256,
        skymap_bytes=earlier.skymap_bytes,
        area50_deg2=earlier.area50_deg2,
        area90_deg2=earlier.area90_deg2,
        distance_mpc=earlier.distance_mpc,
        distance_std_mpc=earlier.distance_std_mpc,
        warnings=(*earlier.warnings[: MAX_WARNINGS - 1], EARLIER),
    )
