"""The world of a simulated event: its kilonova as nature would have it, if it has one, among everything else."""

import hashlib

import numpy as np

from coordinator.simulation.world.afterglows import drawn_jet
from coordinator.simulation.world.counterpart import Injected, Shine, kilonova
from coordinator.simulation.world.density import WorldDensity
from coordinator.simulation.world.depth import ranges_hold
from coordinator.simulation.world.glow import drawn_glow
from coordinator.simulation.world.make import BEYOND_H, Search, assembled, contaminants, mag_at_start
from coordinator.simulation.world.remnant import leaves_something
from coordinator.simulation.world.sequence import SimulatedEvent
from coordinator.sky.skymap import SkyMap
from coordinator.sky.write_multiorder import write_multiorder
from telescopes.drivers.world import SkySource, World

STEP_H = 1.0

Shown = tuple[SkySource, float | None]
"""A source, and its distance in Mpc; None: unknown."""


def world_of_event(
    rng: np.random.Generator, event: SimulatedEvent, search: Search, density: WorldDensity, seed: int = 0
) -> tuple[World, Injected | None]:
    """Make the world that an event happens in.

    The source lies where the binary merged and at its distance, and is as faint as it is: nothing is made brighter.
    `search.t0` and `search.reachable` as ranges are used as in `make_world`; contaminants fill the search's fields, or
    the 95 % region of the event's last map.

    Returns
    -------
    World, and Injected or None
        None: nothing merged, or nothing of it shines.
    """
    return world_with(rng, _counterpart(rng, event, search, density), event.best_map, search, density, seed)


def world_with(
    rng: np.random.Generator, shown: Shown | None, sky: SkyMap, search: Search, density: WorldDensity, seed: int = 0
) -> tuple[World, Injected | None]:
    """Make a world of a source, where there is one, and of everything else; the words are those of `world_of_event`."""
    others = contaminants(rng, sky, search, density)
    world, its_id = assembled(rng, search, density, seed, others if shown is None else [shown[0], *others])
    if shown is None:
        return world, None
    source, distance = shown
    reachable = ranges_hold(search.sky, source.ra_deg, source.dec_deg)
    return world, Injected(its_id, source.ra_deg, source.dec_deg, distance, mag_at_start(source), 0.0, reachable)


def fingerprint(world: World, event: SimulatedEvent | None = None) -> str:
    """Return the sha256 of a world, and of the event with its maps: the same seed gives the same."""
    total = hashlib.sha256(repr(world).encode())
    if event is not None:
        total.update(repr((event.name, event.t0, event.binary)).encode())
        for revision in event.revisions:
            total.update(repr((revision.stage, revision.issued)).encode())
            total.update(b"" if revision.sky is None else write_multiorder(revision.sky))
    return total.hexdigest()


def _counterpart(rng: np.random.Generator, event: SimulatedEvent, search: Search, law: WorldDensity) -> Shown | None:
    binary = event.binary
    if binary is None or not leaves_something(binary):
        return None
    glow, jet = drawn_glow(rng, binary.inclination_deg), drawn_jet(rng)
    shine = Shine(binary.distance_mpc, search.age_h, glow=glow, jet=jet, host_known=law.host_known, hosts=law.hosts)
    hours = np.arange(min(0.0, -search.age_h), search.hours + BEYOND_H, STEP_H)
    return kilonova(rng, "counterpart", (binary.ra_deg % 360.0, binary.dec_deg), shine, hours), binary.distance_mpc
