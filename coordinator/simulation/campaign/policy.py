"""What a policy is: who shares a coordinator, which words it hears, and how it answers when a plan is asked for.

Everything else of a simulated night is the real system: intake, scheduler, sessions, agents, vetter.
"""

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from typing import Protocol

from coordinator.simulation.campaign.policies import Coordinated, Independent, Sequential, Static
from coordinator.simulation.campaign.words import HeardWord
from coordinator.simulation.planning_door import PlansMade
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope

GROUP = "armillary.policies"


class Policy(Protocol):
    """A way to run a network; one object serves many events, so it keeps nothing of any."""

    def teams(self, telescopes: Sequence[Telescope]) -> tuple[tuple[Telescope, ...], ...]:
        """Part the network into teams; each has a coordinator, a journal and a vetter of its own.

        Every telescope is in exactly one team.
        """
        ...

    def hears(self, words: Sequence[HeardWord]) -> tuple[HeardWord, ...]:
        """Choose the words about the event that the teams act on, in their order."""
        ...

    def planning(self) -> PlansMade:
        """Return what answers for the planner of one team in one night; it may remember what it answered."""
        ...


OWN: dict[str, Callable[[], Policy]] = {
    "coordinated": Coordinated,
    "independent": Independent,
    "static": Static,
    "sequential": Sequential,
}
"""Those that come with Armillary, in the order in which they are compared."""


def load_policy(name: str) -> Policy:
    """Make a policy by its name; other packages bring theirs by the entry points `armillary.policies`.

    Raises
    ------
    Refused
        No installed package has a policy of that name, or what it names cannot be loaded.
    """
    if name in OWN:
        return OWN[name]()
    found = entry_points(group=GROUP, name=name)
    if not found:
        known = ", ".join([*OWN, *sorted({e.name for e in entry_points(group=GROUP)})])
        raise Refused(
            f"there is no policy {name!r}",
            where="--policy",
            mend=f"install the package that brings it, or name one of: {known}",
        )
    try:
        made: Policy = next(iter(found)).load()()
    except (ImportError, AttributeError) as error:
        raise Refused(
            f"the policy {name!r} cannot be loaded: {error}", where="--policy", mend="mend the package that brings it"
        ) from error
    return made
