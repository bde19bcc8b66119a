"""What people do to a search besides observing, and what the clocks of sites do, drawn as rates; all of it assumed.

At each telescope somebody steps in every 100 h (`FaultLaw.operator_h`): six of ten times the observer pauses it at the
site, twice a coordinator on shift does so from afar, twice the site wants nothing of the event that is searched. Nobody
acts at once: between the reason and the word lies a reaction time, and so it does before the telescope is given back;
the reason itself lasts 20 minutes in the median. A veto comes after the event's first word.

Every 300 h (`clock_h`) a site's machine goes wrong by 0.2 to 5 s (even as logarithms), as when NTP is lost, and is set
right after two hours in the median. Beyond 2 s its agent takes nothing new; below, its windows and times are off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np

from coordinator.dispatch.facts import OperatorActed
from coordinator.simulation.campaign.faults import FaultLaw, apart, drawn_repair, drawn_times
from coordinator.simulation.campaign.people import drawn_reaction
from coordinator.simulation.script import ClockError, Said
from telescopes.agent.people import Act, Word
from telescopes.description.telescope import Telescope

Step = Literal["at the site", "from afar", "veto"]
STEPS: dict[Step, float] = {"at the site": 0.6, "from afar": 0.2, "veto": 0.2}
PAUSE_MEDIAN_MIN, PAUSE_SCATTER = 20.0, 0.7
WRONG_S = (0.2, 5.0)
OBSERVER, ON_SHIFT = "observer", "coordinator on shift"
OTHER_WORK, OTHER_PROGRAMME = "work at the telescope", "the night goes to another programme"


@dataclass(frozen=True, slots=True)
class SiteFaults:
    """What people say when, and when which clock is wrong."""

    said: tuple[Said, ...] = ()
    clocks: tuple[ClockError, ...] = ()

    def at(self, telescopes: Sequence[Telescope]) -> "SiteFaults":
        """Return those of some telescopes."""
        names = {t.id for t in telescopes}
        return SiteFaults(
            tuple(s for s in self.said if s.telescope in names), tuple(c for c in self.clocks if c.telescope in names)
        )


def drawn_words(
    rng: np.random.Generator, telescopes: Sequence[Telescope], hours: float, law: FaultLaw, event: str, told: timedelta
) -> tuple[Said, ...]:
    """Draw what people say in a night, whose event is told of so long after its beginning."""
    end = timedelta(hours=hours)
    every = (said for one in telescopes for said in _at_one(rng, one, hours, law, event, told))
    return tuple(said for said in every if said.after < end)


def drawn_clocks(
    rng: np.random.Generator, telescopes: Sequence[Telescope], hours: float, law: FaultLaw
) -> tuple[ClockError, ...]:
    """Draw when which site's clock is wrong."""
    found = []
    for one in telescopes:
        spans = [(after, drawn_repair(rng)) for after in drawn_times(rng, hours, law.clock_h)]
        for after, lasts in apart(spans):
            off_s = float(np.exp(rng.uniform(*np.log(WRONG_S))) * rng.choice((-1.0, 1.0)))
            found.append(ClockError(one.id, after, lasts, off_s))
    return tuple(found)


def _at_one(
    rng: np.random.Generator, telescope: Telescope, hours: float, law: FaultLaw, event: str, told: timedelta
) -> Iterator[Said]:
    steps: list[Step] = list(STEPS)
    reasons: dict[Step, list[tuple[timedelta, timedelta]]] = {step: [] for step in steps}
    for reason in drawn_times(rng, hours, law.operator_h):
        step = steps[int(rng.choice(len(steps), p=list(STEPS.values())))]
        spoken = (told if step == "veto" else reason) + drawn_reaction(rng, telescope)
        lasts = timedelta(minutes=float(PAUSE_MEDIAN_MIN * np.exp(rng.normal(0.0, PAUSE_SCATTER))))
        reasons[step].append((spoken, lasts + drawn_reaction(rng, telescope)))
    for after, away in apart(reasons["at the site"]):
        yield Said(telescope.id, after, Word(Act.PAUSE, OBSERVER, OTHER_WORK))
        yield Said(telescope.id, after + away, Word(Act.RESUME, OBSERVER))
    for n, (after, away) in enumerate(apart(reasons["from afar"])):
        yield Said(telescope.id, after, _order(telescope.id, "pause", n))
        yield Said(telescope.id, after + away, _order(telescope.id, "resume", n))
    for after, _ in reasons["veto"][:1]:
        yield Said(telescope.id, after, Word(Act.VETO_EVENT, OBSERVER, OTHER_PROGRAMME, event))


def _order(telescope: str, action: str, n: int) -> OperatorActed:
    return OperatorActed(f"{action}:{telescope}:{n}", action, telescope, ON_SHIFT, OTHER_WORK)
