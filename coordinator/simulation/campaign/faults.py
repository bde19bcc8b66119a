"""What goes wrong in a night besides the weather, drawn as rates: devices, links, agents, coordinators.

What people and clocks do is in `site_faults.py`.

Rates of vetting-science, section 6, all of them assumed there: a device fails every 200 h and is repaired after two
hours in the median; a link drops once a day for 1 to 30 minutes; an agent crashes every 100 h and a coordinator too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta

import numpy as np

from coordinator.simulation.script import Kill, Outage
from telescopes.description.telescope import Telescope

REPAIR_MEDIAN_H, REPAIR_SCATTER = 2.0, 0.8
RESTART_S = (20.0, 180.0)
DROP_MIN = (1.0, 30.0)


@dataclass(frozen=True, slots=True)
class FaultLaw:
    """Mean hours between faults of each kind, at one telescope or one coordinator; inf: there are none."""

    device_h: float = 200.0
    link_h: float = 24.0
    agent_h: float = 100.0
    coordinator_h: float = 100.0
    operator_h: float = 100.0
    clock_h: float = 300.0

    @classmethod
    def none(cls) -> "FaultLaw":
        """Let nothing go wrong."""
        return cls(*(math.inf for _ in fields(cls)))


@dataclass(frozen=True, slots=True)
class Faults:
    """When links are cut, and what dies when; a broken device is an agent that is away until it is repaired.

    Deaths of the scheduler and the vetter come over every coordinator of a night at once.
    """

    outages: tuple[Outage, ...] = ()
    kills: tuple[Kill, ...] = ()

    def at(self, telescopes: Sequence[Telescope]) -> "Faults":
        """Return those that some telescopes and their coordinator meet."""
        names = {t.id for t in telescopes}
        own = {"scheduler", "vetter", *(f"agent/{n}" for n in names)}
        return Faults(
            tuple(o for o in self.outages if o.telescope in names), tuple(k for k in self.kills if k.service in own)
        )


def drawn_faults(
    rng: np.random.Generator, telescopes: Sequence[Telescope], hours: float, law: FaultLaw | None = None
) -> Faults:
    """Draw the faults of a night; two of one kind at one place never overlap, for the later one is left out."""
    how = law or FaultLaw()
    outages: list[Outage] = []
    kills: list[Kill] = []
    for one in telescopes:
        for after in drawn_times(rng, hours, how.link_h):
            lasts = timedelta(minutes=float(rng.uniform(*DROP_MIN)))
            outages.append(Outage(one.id, after, lasts))
        broken = [(after, drawn_repair(rng)) for after in drawn_times(rng, hours, how.device_h)]
        crashed = [(after, _restart(rng)) for after in drawn_times(rng, hours, how.agent_h)]
        kills += [Kill(f"agent/{one.id}", after, away) for after, away in apart(broken + crashed)]
    for role in ("scheduler", "vetter"):
        dead = [(after, _restart(rng)) for after in drawn_times(rng, hours, how.coordinator_h)]
        kills += [Kill(role, after, away) for after, away in apart(dead)]
    return Faults(tuple(outages), tuple(kills))


def drawn_times(rng: np.random.Generator, hours: float, every_h: float) -> list[timedelta]:
    """Draw when something happens that happens every so many hours in the mean, in order."""
    n = int(rng.poisson(hours / every_h))
    return [timedelta(hours=float(h)) for h in np.sort(rng.uniform(0.0, hours, n))]


def drawn_repair(rng: np.random.Generator) -> timedelta:
    """Draw how long it takes until something works again."""
    return timedelta(hours=float(REPAIR_MEDIAN_H * np.exp(rng.normal(0.0, REPAIR_SCATTER))))


def _restart(rng: np.random.Generator) -> timedelta:
    return timedelta(seconds=float(rng.uniform(*RESTART_S)))


def apart(spans: list[tuple[timedelta, timedelta]]) -> list[tuple[timedelta, timedelta]]:
    """Sort spans (after, how long), and leave out each that begins before the one before is over."""
    kept: list[tuple[timedelta, timedelta]] = []
    for after, away in sorted(spans):
        if not kept or after > kept[-1][0] + kept[-1][1]:
            kept.append((after, away))
    return kept
