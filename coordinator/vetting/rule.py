"""What an observatory may decide about its odds: where a verdict begins, and what is believed before any check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from coordinator.vetting.kinds import SHARES, Unrelated

PROMISING, POSSIBLE = 0.5, 0.05
DEFAULT_Q = 0.5
"""Thresholds and q of vetting-science section 2."""

Caps = Mapping[str, tuple[float, float]]
"""The least and the most that the checks of a group say together."""

CAPS: Caps = MappingProxyType({"photometry": (-8.0, 8.0), "reality": (-8.0, 4.0), "point source": (-8.0, 0.0)})
"""Checks of one `group` look at the same data, or answer the same question: together they say no less, no more.

That of photometry is the one of vetting-science section 2, the others are assumed.
"""


@dataclass(frozen=True, slots=True)
class OddsRule:
    """How terms become odds, and odds a verdict.

    Attributes
    ----------
    promising, possible : float
        Probabilities from which a candidate is called so.
    q : float
        What stands for each chance that nobody knows: that the counterpart is where somebody looked, that it was
        bright enough for that look.
    density_deg2 : float, optional
        Unrelated candidates per square degree; None: taken from the run itself.
    shares : mapping of kind to float
        What the unrelated are made of before any check; they count in proportion.
    caps : mapping of group to (float, float)
        Least and most that the checks of a group say together.
    """

    promising: float = PROMISING
    possible: float = POSSIBLE
    q: float = DEFAULT_Q
    density_deg2: float | None = None
    shares: Mapping[Unrelated, float] = field(default_factory=lambda: SHARES)
    caps: Caps = field(default_factory=lambda: CAPS)

    def verdict(self, probability: float, *, vetoed: bool) -> str:
        """Say it in a word."""
        if vetoed:
            return "rejected"
        if probability >= self.promising:
            return "promising"
        return "possible" if probability >= self.possible else "unlikely"


USUAL = OddsRule()
"""The rule where nobody says otherwise."""
