"""The visits of each event, chosen anew only where its sky, its rule or the network is another one."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from coordinator.planning.recipe import Wish, visits_for
from coordinator.planning.request import VisitSpec
from coordinator.sky.curve import ProbabilityCurve
from telescopes.description.telescope import Telescope


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    """Visits of an event, and for what they were chosen."""

    names: tuple[str, ...]
    network: tuple[Telescope, ...]
    curve: ProbabilityCurve | None
    visits: tuple[VisitSpec, ...]

    def is_of(self, names: Sequence[str], network: Sequence[Telescope], curve: ProbabilityCurve | None) -> bool:
        """Say whether they would be chosen for the same."""
        same = len(network) == len(self.network) and all(a is b for a, b in zip(network, self.network, strict=True))
        return same and self.curve is curve and self.names == tuple(names)


@dataclass
class ChosenVisits:
    """Remembers what was chosen last for each event."""

    wish: Wish
    _by_event: dict[str, _Chosen] = field(default_factory=dict)

    def of(
        self, event: str, names: Sequence[str], network: Sequence[Telescope], curve: ProbabilityCurve | None
    ) -> tuple[VisitSpec, ...]:
        """Return an event's visits, as `recipe.visits_for` chooses them."""
        known = self._by_event.get(event)
        if known is None or not known.is_of(names, network, curve):
            chosen = visits_for(names, network, curve, self.wish)
            known = self._by_event[event] = _Chosen(tuple(names), tuple(network), curve, chosen)
        return known.visits

    def forget_all_but(self, events: Container[str]) -> None:
        """Let go of events that are searched no more."""
        self._by_event = {key: its for key, its in self._by_event.items() if key in events}
