"""The script of a night: who takes part, what comes in, and what goes wrong when.

The same night gives the same journal but for sequence numbers and identifiers of appends: all chance is drawn from
its seed, all time from the loop.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coordinator.dispatch.facts import OperatorActed
from coordinator.simulation.memory_observatory import Pace
from coordinator.simulation.planning_door import PlansMade, as_asked
from coordinator.simulation.world.counterpart import Injected
from coordinator.simulation.world.density import WorldDensity
from telescopes.agent.people import Word
from telescopes.description.telescope import Telescope
from telescopes.drivers.world import World


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message or sky map that comes in so long after the night began; what a person says of it."""

    after: timedelta
    data: bytes
    name: str
    event: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Cloud:
    """A sky that is closed for a while."""

    telescope: str
    after: timedelta
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Outage:
    """A link that is cut for a while."""

    telescope: str
    after: timedelta
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Kill:
    """A service that dies and is away for a while: scheduler, vetter, telescope/<id> or agent/<id>."""

    service: str
    after: timedelta
    away: timedelta


@dataclass(frozen=True, slots=True)
class ClockError:
    """The clock of a site's machine that is wrong for a while; that machine's own time is then the site's sky time.

    `error_s` above 0: the machine is ahead.
    """

    telescope: str
    after: timedelta
    lasts: timedelta
    error_s: float


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says, at a telescope's site (a `Word`) or to the coordinator (an `OperatorActed`)."""

    telescope: str
    after: timedelta
    word: Word | OperatorActed


@dataclass(frozen=True, slots=True)
class Night:
    """Everything that a night depends on.

    Attributes
    ----------
    truth : bytes
        The sky map that the injected source is drawn from.
    hours : float
        How long it is searched; afterwards what runs comes to its end.
    world : World and Injected or None, optional
        The truth, where it is made already; its own clouds hold. None: it is drawn from the seed and `truth`.
    planning : callable
        Answers what the scheduler asks its planner for; as it stands, by planning what was asked.
    watched : bool
        Whether the journal is held against the laws entry by entry when the night is over.
    """

    seed: int
    start: datetime
    hours: float
    telescopes: tuple[Telescope, ...]
    arrivals: tuple[Arrival, ...]
    truth: bytes
    clouds: tuple[Cloud, ...] = ()
    outages: tuple[Outage, ...] = ()
    kills: tuple[Kill, ...] = ()
    said: tuple[Said, ...] = ()
    clock_errors: tuple[ClockError, ...] = ()
    density: WorldDensity = field(default_factory=WorldDensity)
    pace: Pace = field(default_factory=Pace)
    world: tuple[World, Injected | None] | None = None
    planning: PlansMade = as_asked
    watched: bool = True
