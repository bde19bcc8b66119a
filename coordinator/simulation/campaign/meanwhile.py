"""What else is told while an event is searched: bursts and neutrinos that have nothing to do with it.

They come as often as missions tell them (`world.cones.PER_YEAR`: GBM, Swift and IceCube together 353 a year, 0.97 a
day), or so many times as often, at any time of the search and from anywhere in the sky. What shines there is added to
the world: whoever looks at the one may find the light of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from coordinator.simulation.campaign.words import HeardWord, words_of_circles
from coordinator.simulation.world.cone_light import light_of
from coordinator.simulation.world.cones import ConeEvent, drawn_cones
from coordinator.simulation.world.make import BEYOND_H
from telescopes.drivers.world import SkySource, World


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """An event beside the one that is searched, what is told of it, and what shines there; None: nothing does."""

    event: ConeEvent
    words: tuple[HeardWord, ...]
    light: SkySource | None


def drawn_meanwhile(rng: np.random.Generator, start: datetime, hours: float, times: float) -> tuple[Meanwhile, ...]:
    """Draw what happens beside an event while it is searched, `times` as often as missions tell it."""
    found = []
    for event in drawn_cones(rng, start, hours / 24.0, times=times):
        light = light_of(rng, event, start, hours + BEYOND_H)
        found.append(Meanwhile(event, words_of_circles(event, beside="unrelated"), light))
    return tuple(found)


def shining(sky: World, others: Sequence[Meanwhile]) -> World:
    """Put what shines elsewhere into a world."""
    lights = [other.light for other in others if other.light is not None]
    named = [replace(one, id=f"src-{n:04d}") for n, one in enumerate(lights, start=len(sky.sources))]
    return replace(sky, sources=(*sky.sources, *named))
