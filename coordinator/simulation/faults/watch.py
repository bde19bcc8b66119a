"""The laws, asked at every entry of a growing journal and at every acknowledgement; the fold is made once for all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from coordinator.dispatch.facts import PointingMoved, PointingNoted
from coordinator.services.journal import Stored
from coordinator.services.state import ObservatoryState
from coordinator.simulation.laws import LawWatch
from coordinator.simulation.owners import OwnerWatch
from coordinator.sky.curve import ProbabilityCurve
from coordinator.vetting.facts import DetectionsStored
from telescopes.description.telescope import Telescope


@dataclass
class EveryLaw:
    """Looks at each entry as it becomes durable.

    Attributes
    ----------
    broken : list of str
        A sentence for each law that was broken, with the entry at which it was.
    """

    sky: Callable[[str], ProbabilityCurve]
    telescopes: Mapping[str, Telescope]
    state: ObservatoryState = field(default_factory=ObservatoryState)
    broken: list[str] = field(default_factory=list)
    kept: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._laws = LawWatch(self.sky, self.telescopes, self.state)
        self._owners = OwnerWatch(self.sky, self.state)

    def look_at(self, stored: Stored, fact: object) -> None:
        """Hold an entry against every law, and fold it."""
        said = [*self._laws.before(stored, fact), *self._owners.before(fact), *self._keep(fact)]
        self.state.apply(stored)
        said += [*self._laws.after(stored), *self._owners.after(fact)]
        self.broken += [f"seq {stored.seq} ({stored.entry.kind}): {one}" for one in said]

    def acknowledged(self, telescope: str, items: set[str]) -> None:
        """Hold an answer against law 1: what it acknowledges is in the journal by now."""
        lost = sorted(i for i in items if (telescope, i) not in self.kept)
        self.broken += [f"{one} of {telescope} was acknowledged before it was in the journal" for one in lost]

    def at_the_end(self) -> None:
        """Say what a journal that has ended leaves undone."""
        self.broken += self._laws.at_the_end()

    def _keep(self, fact: object) -> Iterator[str]:
        """Note the reports and detections that an entry keeps; a detection is kept once."""
        match fact:
            case PointingMoved() | PointingNoted() if fact.report is not None:
                telescope = self.state.pointings.assignments[fact.pointing_id].telescope
                self.kept.add((telescope, fact.report.report_id))
            case DetectionsStored():
                for one in fact.detections:
                    item = (one.telescope, one.detection.detection_id)
                    if item in self.kept:
                        yield f"detection {item[1]} of {item[0]} is in the journal twice"
                    self.kept.add(item)
