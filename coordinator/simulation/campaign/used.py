"""What telescopes did with their time: each one's looks and dark hours, and what follow-up looks were spent on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.ownership import FOLLOW_UP
from coordinator.planning.nights import dark_between
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.simulation.campaign.drawn_world import DrawnWorld
from coordinator.simulation.campaign.found import Truth
from telescopes.description.ephemeris import unix_s
from telescopes.description.telescope import Telescope


@dataclass(frozen=True, slots=True)
class Used:
    """One telescope in one event: its offers, looks that count, the time they took, and how long it was dark."""

    offers: int
    looks: int
    used_s: float
    dark_s: float


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """Follow-ups of an event: asked for, those of them that were looked at, looks in all, looks at the source."""

    asked: int = 0
    done: int = 0
    looks: int = 0
    at_source: int = 0

    def plus(self, other: "FollowedUp") -> "FollowedUp":
        """Add another team's."""
        return FollowedUp(
            self.asked + other.asked,
            self.done + other.done,
            self.looks + other.looks,
            self.at_source + other.at_source,
        )


def used(world: DrawnWorld, offered: Counter[str], looks: Iterable[Assignment]) -> dict[str, Used]:
    """Say what each telescope was offered, and what it did."""
    mine: dict[str, list[Assignment]] = {t.id: [] for t in world.telescopes}
    for look in looks:
        mine[look.telescope].append(look)
    return {
        t.id: Used(offered[t.id], len(mine[t.id]), sum(map(_length_s, mine[t.id])), _dark_s(t, world))
        for t in world.telescopes
    }


def use_of(telescopes: Iterable[Used]) -> float | None:
    """Return the share of the dark time that was used; None: it was dark nowhere."""
    every = tuple(telescopes)
    dark_s = sum(one.dark_s for one in every)
    return sum(one.used_s for one in every) / dark_s if dark_s > 0.0 else None


def followed_up(truth: Truth, journal: Sequence[Stored], looks: Sequence[Assignment]) -> FollowedUp:
    """Count one team's follow-ups; a look is at the source where the place that was asked for is the source's."""
    asked: dict[str, bool] = {}
    offered = {s.entry.subject for s in journal if s.entry.kind == "pointing_offered"}
    for stored in journal:
        if stored.entry.kind == "follow_up_requested" and stored.entry.event == truth.event:
            wanted = fact_of(stored.entry)
            asked[wanted.visit] = truth.is_there(wanted.ra_deg, wanted.dec_deg)
    visits = [a.key[1] for a in looks if a.id in offered and a.key[1].startswith(FOLLOW_UP)]
    return FollowedUp(
        len(asked), len(asked.keys() & set(visits)), len(visits), sum(asked.get(visit, False) for visit in visits)
    )


def _length_s(look: Assignment) -> float:
    return (look.ended - look.began).total_seconds()


def _dark_s(telescope: Telescope, world: DrawnWorld) -> float:
    first = unix_s(world.start)
    below = telescope.limits.max_sun_altitude_deg
    return sum(b - a for a, b in dark_between(telescope.site, below, first, first + 3600.0 * world.hours))
