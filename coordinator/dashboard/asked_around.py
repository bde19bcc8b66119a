"""What catalogues and sources elsewhere know around candidates, read from the journal when somebody looks."""

from dataclasses import dataclass, field

from coordinator.dashboard.board import Board
from coordinator.dashboard.reading_on import ReadingOn
from coordinator.services.facts import fact_of
from coordinator.services.journal import Only, Stored
from coordinator.vetting.facts import NeighboursFound
from coordinator.vetting.neighbours import Neighbours

KINDS = Only(frozenset({"neighbours_found"}))


@dataclass
class AskedAround:
    """The newest answer of each source, by event and candidate; nothing is read before somebody asks."""

    board: Board
    _known: dict[tuple[str, str], dict[str, Neighbours]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._reading = ReadingOn(self.board, KINDS, self._forget, self._take)

    async def of(self, event: str, candidate: str) -> list[tuple[str, Neighbours]]:
        """Return what each source said of a candidate's place, by its name."""
        await self._reading.catch_up()
        return sorted(self._known.get((event, candidate), {}).items())

    def _forget(self) -> None:
        self._known = {}

    def _take(self, stored: Stored) -> None:
        fact = fact_of(stored.entry)
        if isinstance(fact, NeighboursFound):
            self._known.setdefault((fact.event, fact.candidate), {})[fact.source] = fact.near
