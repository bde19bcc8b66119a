"""A night of today's network, and what is known of an event of the past: its words come when they came.

Everything else is what nobody can say any more, and is left out: every sky is clear, nothing fails, nobody hesitates,
and there is nothing in the sky but the source.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from coordinator.events.rules import Rule
from coordinator.simulation.campaign.drawn_world import unhurried
from coordinator.simulation.past.events import Found, PastEvent
from coordinator.simulation.script import Arrival, Night
from coordinator.simulation.world.counterpart import Injected, Shine, kilonova
from coordinator.simulation.world.make import mag_at_start
from telescopes.description.telescope import Telescope
from telescopes.drivers.world import World

BEFORE = timedelta(seconds=60)
STEP_H = 0.5
SEED = 170817


def past_night(event: PastEvent, telescopes: Sequence[Telescope], hours: float, rules: tuple[Rule, ...]) -> Night:
    """Make the night of an event whose files are read.

    Parameters
    ----------
    hours : float
        After the event; words that came later are left out.
    rules : tuple of Rule
        What is done with an event; a bare map counts as handed over by a person.
    """
    start = event.words[0].issued - BEFORE
    lasts = event.t0 + timedelta(hours=hours) - start
    pace = unhurried(lasts / timedelta(hours=1), start + lasts)
    scheduler = replace(pace.scheduler, rules=rules)
    return Night(
        seed=SEED,
        start=start,
        hours=lasts / timedelta(hours=1),
        telescopes=tuple(telescopes),
        arrivals=tuple(
            Arrival(w.issued - start, w.data, w.file.rpartition("/")[2], w.event, "observation" if w.is_map else None)
            for w in event.words
            if w.issued - start < lasts
        ),
        truth=b"",
        pace=replace(pace, scheduler=scheduler, informed=True),
        world=_world(event, start - event.t0, hours),
    )


def _world(event: PastEvent, age: timedelta, hours: float) -> tuple[World, Injected | None]:
    """Put the source alone into the sky."""
    start, found = event.t0 + age, event.source
    if found is None:
        return World(SEED, start, (), bogus_per_image=0.0), None
    age_h = age / timedelta(hours=1)
    nodes = np.arange(-age_h, hours + 24.0, STEP_H)
    place = (found.ra_deg, found.dec_deg)
    source = kilonova(np.random.default_rng(SEED), found.name, place, shine_of(found, age_h), nodes)
    seen = Injected(found.name, *place, found.distance_mpc, mag_at_start(source), 0.0, reachable=True)
    return World(SEED, start, (source,), bogus_per_image=0.0), seen


def shine_of(found: Found, age_h: float) -> Shine:
    """Let a source shine as AT2017gfo, so many hours after the merger at the beginning."""
    return Shine(found.distance_mpc, age_h)
