"""One event from its merger to the vetter's odds. The truth is kept beside what the vetter is handed, never in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from coordinator.simulation.calibration.known import Catalogues
from coordinator.simulation.calibration.labels import COUNTERPART, labels_of
from coordinator.simulation.calibration.network import search_network
from coordinator.simulation.calibration.observing import Exposure, Network, drawn_seeings, searched, seen
from coordinator.simulation.calibration.told import Told, drawn_told
from coordinator.simulation.calibration.vetted import Handed, Verdict, vetted
from coordinator.simulation.world.counterpart import Injected
from coordinator.simulation.world.density import WorldDensity
from coordinator.simulation.world.depth import ranges_hold
from coordinator.simulation.world.hosts import HostLaw
from coordinator.simulation.world.make import Search
from coordinator.simulation.world.of_event import world_of_event
from coordinator.simulation.world.weather import drawn_clouds
from coordinator.sky.ranges import Ranges
from telescopes.description.telescope import Telescope
from telescopes.drivers.world import World

NIGHTS = 3
ASTEROIDS_STREWN = 0.05
"""Of all asteroids: the others are known, and taken out before anybody vets them."""

MOST_SOURCES = 2_500
"""Where a search holds more, all kinds are thinned alike, so that three hundred searches stay below twenty minutes."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All that an event's search came to, truth and all, before anybody vets it."""

    told: Told
    world: World
    injected: Injected | None
    exposures: tuple[Exposure, ...]
    catalogues: Catalogues


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """An event, what was said of its candidates after some nights, and who of them is what."""

    number: int
    told: Told
    injected: Injected | None
    verdict: Verdict
    labels: tuple[str, ...]
    """Kinds of the candidates in the verdict's order: counterpart, or what else the world made there."""

    nights_detected: int
    """Nights in which our telescopes detected the counterpart."""

    covered: bool
    """Somebody looked at the counterpart's place."""


def scene(seed: int, number: int, telescopes: Sequence[Telescope] = (), nights: int = NIGHTS) -> Scene:
    """Draw an event, search it, and make the world that it was searched in; the same seed, the same scene."""
    chance = [np.random.default_rng([seed, number, n]) for n in range(5)]
    network = tuple(telescopes) or search_network()
    told = drawn_told(chance[0], f"C{number:04d}")
    start = told.event.t0
    hours = 24.0 * (nights + 1)
    clouds = drawn_clouds(chance[1], {t.id: t.site for t in network}, start, hours)
    people = Network(network, clouds, drawn_seeings(chance[2], network, nights))
    exposures = searched(told.event, people, nights)
    fields = Ranges.union_of([e.pointing.ranges for e in exposures])
    density = _density(chance[3])
    search = Search(start, start + timedelta(minutes=1), hours, network, fields, fields, clouds)
    world, injected = world_of_event(chance[3], told.event, search, density, seed=seed * 100_003 + number)
    law = density.hosts or HostLaw()
    return Scene(told, world, injected, tuple(exposures), Catalogues.of(chance[4], world, seed, law))


def _density(rng: np.random.Generator) -> WorldDensity:
    usual = WorldDensity.of_transients(rng)
    return replace(
        usual,
        most_sources=MOST_SOURCES,
        asteroids_ecliptic=ASTEROIDS_STREWN * usual.asteroids_ecliptic,
        asteroids_pole=ASTEROIDS_STREWN * usual.asteroids_pole,
    )


def handed(scene: Scene, after_nights: int) -> Handed:
    """Return what the vetter is handed after some nights: nothing that only the world knows."""
    told = scene.told
    exposures = [e for e in scene.exposures if e.night < after_nights]
    event = told.as_heard(len(told.event.revisions), retracted=told.event.is_retracted)
    sightings = seen(scene.world, exposures, event.key)
    looks = tuple(e.look for e in exposures)
    return Handed(event, told.event.best_map, tuple(sightings), looks, scene.catalogues.around)


def played(number: int, scene: Scene, after_nights: int) -> Played:
    """Have an event vetted, and label what was found."""
    verdict = vetted(handed(scene, after_nights))
    labels = labels_of(verdict.candidates, scene.world)
    covered = scene.injected is not None and any(
        ranges_hold(e.pointing.ranges, scene.injected.ra_deg, scene.injected.dec_deg)
        for e in scene.exposures
        if e.night < after_nights
    )
    return Played(number, scene.told, scene.injected, verdict, labels, _nights(verdict, labels, scene), covered)


def _nights(verdict: Verdict, labels: Sequence[str], scene: Scene) -> int:
    """Count the nights in which the counterpart was detected, as far as one candidate holds it."""
    night_of = {(e.pointing.telescope, e.middle): e.night for e in scene.exposures}
    found = [c for c, kind in zip(verdict.candidates, labels, strict=True) if kind == COUNTERPART]
    return max((len({night_of[str(s.telescope), s.time] for s in c.sightings if s.time}) for c in found), default=0)
