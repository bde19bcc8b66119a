"""What is believed before any check: that the counterpart is in the list at all, and how many others there are."""

import math
from dataclasses import dataclass

from coordinator.events.event import Event
from coordinator.vetting.reach import Reach
from coordinator.vetting.rule import DEFAULT_Q

WHOLE_SKY_DEG2 = 41252.96
LEAST_DENSITY_DEG2 = 0.05
"""The least that shallow networks see in ten days (vetting-science section 2)."""

LEAST_REMNANT = 0.05
"""The alert's HasRemnant rests on an assumed equation of state: it is never taken as certain."""

MOST_Q = 0.95
"""No search is sure of what it covered: sources lie in gaps, at bright stars, in the middle of galaxies (assumed)."""

LEAST_Q = 0.001
"""Maps and models of light err: what cannot have been seen by them is not impossible (assumed)."""

DENSITY_AT_20_MAG_DEG2 = 0.15
DENSITY_PER_MAG = 0.6
MOST_DENSITY_DEG2 = 10.0
"""What a search finds before anything is counted: 10^(0.6 (m - 20)) as uniform sources do, in ten days.

Between 0.04 at 19 mag (shallow networks: 0.05 to 0.3) and 5.6 at 22.6 mag (6.4 in the deep search of S190814bv).
"""

DENSITY_OF_NOBODY_DEG2 = 1.0
"""The same where no depth is known (assumed)."""

COUNTED_BEFORE = 1.0
"""That weighs as so many candidates counted, so that a first candidate in little sky says little."""


@dataclass(frozen=True, slots=True)
class Prior:
    """`q`: chance that the counterpart is in the list; `n_all`: unrelated candidates a search of all sky would find.

    Attributes
    ----------
    anywhere : float or None
        Chance that there is a counterpart at all, in the list or not; None: as `q`.
    confirmed : float
        What the checks of reality say of one that is confirmed, where `density_deg2` counts candidates as they are.

    Notes
    -----
    That the counterpart lies at x and is bright enough has the chance ``anywhere x p(x) x p(its brightness)``: the map
    and the checks say the last two, of all sky and of all brightnesses. Only "none of these" must know how much of
    both was searched: ``1 - q``. With `q` in both places what was searched would be counted twice.
    """

    q: float
    density_deg2: float
    because: str
    anywhere: float | None = None
    confirmed: float = 0.0

    @property
    def n_all(self) -> float:
        """Unrelated candidates over the whole sky, as many as the confirmed ones stand for."""
        return self.density_deg2 * WHOLE_SKY_DEG2 * math.exp(self.confirmed)

    @property
    def q_each(self) -> float:
        """What a candidate's weight begins with: where it lies is the sky check's to say, wherever we looked."""
        return self.q if self.anywhere is None else self.anywhere


def chance_of_counterpart(
    event: Event, base: float = DEFAULT_Q, reach: Reach | None = None, *, others: bool = False
) -> tuple[float, str]:
    """Multiply what the alert says with what was searched, and how deep.

    What is no probability counts as not said.

    Parameters
    ----------
    event : Event
        Its newest revision.
    base : float
        What stands for each chance that nobody knows.
    reach : Reach, optional
        What our own looks reach; None: nobody knows what was searched, so the base stands for all of it.
    others : bool
        Whether candidates lie where we did not look: then others search, too, and it is not known where.

    Returns
    -------
    tuple of float and str
        The chance that the counterpart is among the candidates, and the reason: what is multiplied, in words.
    """
    if event.retracted:
        return 0.0, "the event is retracted"
    q, why = _searched(base, reach, others)
    terrestrial = _probability(event.classification.get("Terrestrial"))
    if terrestrial is not None:
        q *= 1.0 - terrestrial
        why.append(f"{1 - terrestrial:.2f} that it is no noise")
    remnant = _probability(event.properties.get("HasRemnant"))
    if remnant is not None:
        q *= max(remnant, LEAST_REMNANT)
        why.append(f"{max(remnant, LEAST_REMNANT):.2f} that matter was left to shine")
    if reach is not None and q > MOST_Q:
        return MOST_Q, f"{', times '.join(why)}; no more than {MOST_Q:g}, for no search is sure"
    return q, ", times ".join(why)


def _searched(base: float, reach: Reach | None, others: bool) -> tuple[float, list[str]]:
    """Say how likely the counterpart is where somebody looked, and bright enough for that."""
    if reach is None:
        return base, [f"{base:g} to begin with, for nobody knows what was searched, and how deep"]
    brighter = base if reach.brighter is None else reach.brighter
    q = max(_stated(reach.covered * brighter), LEAST_Q)  # Its factors rounded one by one could fall where it rises.
    said = f"{reach.covered:.2g} that it lies in the sky we looked at while it may shine"
    light = f"{brighter:.2g} that {reach.light} is brighter than what was reached there"
    if reach.brighter is None:
        light = f"{base:g} because nobody knows how bright {reach.light} is"
    reached = f"{q:g} that our looks reached it ({said}, and {light})"
    if not others:
        return q, [reached]
    elsewhere = base * (1.0 - _stated(reach.covered))
    return q + elsewhere, [f"({reached}, plus {elsewhere:.2g} that others looked where we did not)"]


def _stated(chance: float) -> float:
    """Round to what is said, so that the reason multiplies up, and little news change nothing."""
    return float(f"{chance:.2g}")


def _probability(said: float | None) -> float | None:
    return said if said is not None and 0.0 <= said <= 1.0 else None


def prior_of(
    *,
    q: float = DEFAULT_Q,
    density_deg2: float | None = None,
    found: int = 0,
    searched_deg2: float | None = None,
    limit_mag_ab: float | None = None,
    q_because: str | None = None,
    anywhere: float | None = None,
    stand_for: float | None = None,
    confirmed: float = 0.0,
) -> Prior:
    """Say what to believe beforehand.

    Parameters
    ----------
    q : float
        Chance that the counterpart is in the list at all, 0 to 1.
    density_deg2 : float, optional
        Unrelated candidates per square degree, where somebody knows; else it is taken from the run itself.
    found : int
        Candidates of the run that may be unrelated transients: no known body, nothing that is forbidden.
    searched_deg2 : float, optional
        Sky that they were found in.
    limit_mag_ab : float, optional
        How deep the search was, for what to expect before anything is counted.
    q_because : str, optional
        Where q comes from; None: it was given.
    anywhere, confirmed : float, optional
        As `Prior` has them.
    stand_for : float, optional
        How many confirmed candidates those that were found stand for; None: each for one.

    Notes
    -----
    The density has a gamma distribution of shape `COUNTED_BEFORE` and of the mean that the depth lets expect; after n
    candidates in A square degrees its mean is ``(1 + n) / (1 / expected + A)``.
    """
    its_q = f"q {q:.3g} as given" if q_because is None else f"q {q:.3g}: {q_because}"
    if density_deg2 is not None:
        return Prior(q, density_deg2, f"{its_q}; {density_deg2:g} unrelated per deg2 as given", anywhere)
    expected, why = _expected_deg2(limit_mag_ab)
    if not searched_deg2:
        said = f"{its_q}; searched area unknown, {expected:g} unrelated per deg2 {why}"
        return Prior(q, expected, said, anywhere, confirmed)
    counts = found if stand_for is None else stand_for
    mean = (COUNTED_BEFORE + counts) / (COUNTED_BEFORE / expected + searched_deg2)
    density = max(LEAST_DENSITY_DEG2, _stated(mean))
    many = f"{found} candidate{'' if found == 1 else 's'}"
    real = "" if stand_for is None else f", standing for {_stated(stand_for):g} confirmed ones,"
    counted = f"{many}{real} in {_stated(searched_deg2):g} deg2 where {expected:g} per deg2 was {why}"
    return Prior(q, density, f"{its_q}; {counted}: taken as {density:g} per deg2", anywhere, confirmed)


def _expected_deg2(limit_mag_ab: float | None) -> tuple[float, str]:
    if limit_mag_ab is None:
        return DENSITY_OF_NOBODY_DEG2, "assumed"
    density = DENSITY_AT_20_MAG_DEG2 * 10.0 ** (DENSITY_PER_MAG * (limit_mag_ab - 20.0))
    held = _stated(min(max(density, LEAST_DENSITY_DEG2), MOST_DENSITY_DEG2))
    return held, f"expected to {limit_mag_ab:.1f} mag"
