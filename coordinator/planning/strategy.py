"""Whether a telescope covers the sky in tiles, goes from galaxy to galaxy, or had better rest; and why."""

from dataclasses import dataclass
from typing import Literal

Strategy = Literal["tiles", "galaxies", "idle"]

TILES_FROM = 0.1
"""With a catalogue a telescope tiles where all its pointings together can cover this share of the 90 % area."""

PEAK_FROM = 0.03
"""Without one a telescope for galaxies tiles from this share on: the densest part is better than nothing."""

GALAXIES_WITHIN_MPC = 300.0
"""Farther away catalogues hold little of the starlight, and an area holds too many galaxies."""

LEAST_HELD = 0.1
"""A catalogue that holds less of the probability is no guide."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a telescope does, and the reason as a sentence without its end."""

    strategy: Strategy
    because: str


@dataclass(frozen=True, slots=True)
class CatalogueAtHand:
    """What a catalogue offers for an event: galaxies with any weight, and the probability that it holds the host.

    `held` None: its completeness is unknown.
    """

    galaxies: int
    held: float | None


def strategy_for(
    asked: Literal["tiles", "galaxies", "auto"],
    field_area_deg2: float,
    capacity_deg2: float,
    area90_deg2: float,
    distance_mpc: float | None,
    catalogue: CatalogueAtHand | None,
) -> Choice:
    """Choose for one telescope and one event.

    Parameters
    ----------
    asked : str
        What its site file says. `tiles` is obeyed; `galaxies` and `auto` tile where that is possible, since a region
        that can be covered needs no guess about hosts. Where it is not and galaxies are no guide, `auto` tiles all
        the same, and `galaxies` rests if it could cover hardly anything.
    capacity_deg2 : float
        Sky that all its pointings in the window would cover, overlaps not counted.
    distance_mpc : float or None
        The event's; None: unknown.
    catalogue : CatalogueAtHand or None
        None: there is none.
    """
    within = (
        f"{field_area_deg2:.2g} deg2 a field, at most {capacity_deg2:.3g} deg2 in the window, of {area90_deg2:.4g} deg2"
    )
    if asked == "tiles":
        return Choice("tiles", "its site file asks for tiles")
    if covers_enough(capacity_deg2, area90_deg2):
        return Choice("tiles", f"it can cover enough of the region: {within}")
    missing = _missing(distance_mpc, catalogue)
    if missing is None:
        assert distance_mpc is not None and catalogue is not None
        return Choice("galaxies", f"field too small for tiles: {within}; {_offered(catalogue, distance_mpc)}")
    if asked == "auto" or capacity_deg2 >= PEAK_FROM * area90_deg2:
        return Choice("tiles", f"{missing}, so it covers the densest part: {within}")
    return Choice("idle", f"{missing} and field too small: {within}")


def covers_enough(capacity_deg2: float, area90_deg2: float) -> bool:
    """Say whether a telescope needs no galaxies to guide it."""
    return capacity_deg2 >= TILES_FROM * area90_deg2


def _offered(catalogue: CatalogueAtHand, distance_mpc: float) -> str:
    known = "unknown completeness" if catalogue.held is None else f"{100 * catalogue.held:.0f} % of the probability"
    return f"{catalogue.galaxies} galaxies for a source at {distance_mpc:.0f} Mpc, {known}"


def _missing(distance_mpc: float | None, catalogue: CatalogueAtHand | None) -> str | None:
    """Say what galaxies would need; None: they have it."""
    if catalogue is None:
        return "no galaxy catalogue"
    if distance_mpc is None:
        return "no distance known"
    if distance_mpc >= GALAXIES_WITHIN_MPC:
        return f"source at {distance_mpc:.0f} Mpc (galaxies are searched within {GALAXIES_WITHIN_MPC:.0f} Mpc)"
    if catalogue.galaxies == 0:
        return "no galaxy of the catalogue in the region"
    if catalogue.held is not None and catalogue.held < LEAST_HELD:
        return f"the catalogue holds {100 * catalogue.held:.2g} % of the probability"
    return None
