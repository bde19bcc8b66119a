"""What is believed before any check: that the counterpart is in the list at all, and how many others there are."""

from dataclasses import dataclass

from coordinator.events.event import Event

WHOLE_SKY_DEG2 = 41252.96
LEAST_DENSITY_DEG2 = 0.05
DEFAULT_Q = 0.5
LEAST_REMNANT = 0.05
"""The alert's HasRemnant rests on an assumed equation of state: it is never taken as certain."""


@dataclass(frozen=True, slots=True)
class Prior:
    """`q`: chance that the counterpart is in the list; `n_all`: unrelated candidates a search of all sky would find."""

    q: float
    density_deg2: float
    because: str

    @property
    def n_all(self) -> float:
        """Unrelated candidates over the whole sky."""
        return self.density_deg2 * WHOLE_SKY_DEG2


def chance_of_counterpart(event: Event, base: float = DEFAULT_Q) -> tuple[float, str]:
    """Lower the chance by what the alert says: that it is terrestrial, that nothing was left to shine.

    What is no probability counts as not said.

    Returns
    -------
    tuple of float and str
        The chance that the counterpart is among the candidates, and the reason.
    """
    if event.retracted:
        return 0.0, "the event is retracted"
    q, why = base, [f"{base:g} to begin with"]
    terrestrial = _probability(event.classification.get("Terrestrial"))
    if terrestrial is not None:
        q *= 1.0 - terrestrial
        why.append(f"{1 - terrestrial:.2f} that it is no noise")
    remnant = _probability(event.properties.get("HasRemnant"))
    if remnant is not None:
        q *= max(remnant, LEAST_REMNANT)
        why.append(f"{max(remnant, LEAST_REMNANT):.2f} that matter was left")
    return q, " times ".join(why)


def _probability(said: float | None) -> float | None:
    return said if said is not None and 0.0 <= said <= 1.0 else None


def prior_of(
    *, q: float = DEFAULT_Q, density_deg2: float | None = None, found: int = 0, searched_deg2: float | None = None
) -> Prior:
    """Say what to believe beforehand.

    Parameters
    ----------
    q : float
        Chance that the counterpart is in the list at all, 0 to 1.
    density_deg2 : float, optional
        Unrelated candidates per square degree, where somebody knows; else it is taken from the run itself.
    found : int
        Candidates of the run.
    searched_deg2 : float, optional
        Sky that they were found in.
    """
    if density_deg2 is not None:
        return Prior(q, density_deg2, f"q {q:g} and {density_deg2:g} unrelated per deg2 as given")
    if not searched_deg2:
        density = max(LEAST_DENSITY_DEG2, 1.0)
        return Prior(q, density, f"q {q:g} as given; searched area unknown, {density:g} unrelated per deg2 assumed")
    density = max(LEAST_DENSITY_DEG2, float(f"{found / searched_deg2:.2g}"))
    said = f"q {q:g} as given; {found} candidates in {searched_deg2:.1f} deg2, taken as {density:g} per deg2"
    return Prior(q, density, said)
