"""Which kinds of events a campaign has, by weight, how often a merger comes with a burst, and what comes beside it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Kind = Literal["gravitational waves", "gamma-ray bursts", "neutrinos", "supernova neutrinos"]
WAVES: Kind = "gravitational waves"


def percent(share: float) -> str:
    """Write a share so that a small one is not shown as nothing."""
    return f"{100.0 * share:.3g} %"


@dataclass(frozen=True, slots=True)
class Mix:
    """Weights of the kinds: an event is of a kind as often as its weight is of all of them together.

    Attributes
    ----------
    gravitational_waves : float
        Neutron stars, holes, noise and what is taken back, as `population` says.
    with_burst : float
        Of mergers that leave matter outside, the share that comes with a gamma-ray burst, 0 to 1.
    unrelated : float
        How many times as often as missions tell them bursts and neutrinos come beside each event.
    """

    gravitational_waves: float = 1.0
    gamma_ray_bursts: float = 0.0
    neutrinos: float = 0.0
    supernova_neutrinos: float = 0.0
    with_burst: float = 0.0
    unrelated: float = 0.0

    @property
    def weights(self) -> dict[Kind, float]:
        """Weight of each kind."""
        return {
            WAVES: self.gravitational_waves,
            "gamma-ray bursts": self.gamma_ray_bursts,
            "neutrinos": self.neutrinos,
            "supernova neutrinos": self.supernova_neutrinos,
        }

    def drawn_kind(self, rng: np.random.Generator) -> Kind:
        """Draw of which kind an event is."""
        kinds, weights = list(self.weights), np.cumsum(list(self.weights.values()))
        at = int(np.searchsorted(weights, rng.random() * weights[-1], side="right"))
        return kinds[min(at, len(kinds) - 1)]

    @property
    def drawn(self) -> str:
        """How it differs from gravitational waves alone, in words; empty: it does not."""
        total = sum(self.weights.values())
        shares = [f"{percent(weight / total)} {kind}" for kind, weight in self.weights.items() if weight > 0.0]
        said = [] if len(shares) == 1 and self.gravitational_waves > 0.0 else [", ".join(shares)]
        if self.with_burst > 0.0:
            said.append(f"{percent(self.with_burst)} of the mergers that leave matter outside come with a burst")
        if self.unrelated > 0.0:
            said.append(f"unrelated bursts and neutrinos come {self.unrelated:g} times as often as missions tell them")
        return "; ".join(said)
