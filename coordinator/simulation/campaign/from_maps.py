"""Mergers drawn from real sky maps: the map is what is told, and the truth is drawn from it.

A map is taken with the place of the merger in it, by its probability, and a distance by what it says there; then both
are moved in right ascension to the time of the event, so that they lie as they did over the turning Earth
(`turned_map.py`). A map that knows no time stays in place, and where one knows no distance the merger is as far as one
drawn evenly within `near_mpc`. Two neutron stars merged, whatever the map was made for: what shines is a kilonova.
Where the table of an observing scenario says what merged, and where, that holds instead. One word is told, a
preliminary one; nothing is noise, and nothing taken back.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from coordinator.simulation.calibration.told import MOSTLY_REAL, Told, stated_remnant
from coordinator.simulation.campaign.in_reach import Reachable
from coordinator.simulation.campaign.population import Population, name_of
from coordinator.simulation.world.binaries import Binary, drawn_binary, drawn_from
from coordinator.simulation.world.draw import cell_of_map, distance_in_cell
from coordinator.simulation.world.remnant import class_of, leaves_something
from coordinator.simulation.world.sequence import Revision, SimulatedEvent
from coordinator.simulation.world.turned_map import moved_to, turn_deg
from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope

MOST_TRIES = 2000


def drawn_from_maps(
    rng: np.random.Generator, number: int, telescopes: Sequence[Telescope], hours: float, law: Population
) -> Told:
    """Draw a map, when it happens, and where in it; of some numbers a source like AT2017gfo would be in reach.

    Raises
    ------
    Refused
        A map cannot be read any more, or nothing that is drawn is ever in reach.
    """
    network = Reachable(telescopes, hours) if law.wants_reach(number) else None
    for _ in range(MOST_TRIES):
        file = law.maps[int(rng.integers(len(law.maps)))]
        sky, merged = file.read(), law.some_time(rng)
        drawn = _drawn(rng, sky, merged, law.near_mpc) if file.truth is None else drawn_from(rng, (file.truth,))
        binary = replace(drawn, ra_deg=(drawn.ra_deg + turn_deg(sky, merged)) % 360.0, merged=merged)
        if network is None or (leaves_something(binary) and network.holds(binary)):
            return _told(rng, sky, binary, number)
    raise Refused(
        f"none of {MOST_TRIES} mergers drawn from {len(law.maps)} maps could be reached",
        where="campaign",
        mend="give nearer maps, more or deeper telescopes or more hours, or let in_reach be 0",
    )


def _drawn(rng: np.random.Generator, sky: SkyMap, merged: datetime, near_mpc: float) -> Binary:
    """Draw a merger by a map."""
    any_one = drawn_binary(rng, near_mpc, merged)
    ra, dec, cell = cell_of_map(rng, sky)
    distance = distance_in_cell(rng, sky, cell)
    far = any_one.distance_mpc if distance is None else distance
    return replace(any_one, ra_deg=ra, dec_deg=dec, distance_mpc=far)


def _told(rng: np.random.Generator, sky: SkyMap, binary: Binary, number: int) -> Told:
    issued = binary.merged + timedelta(seconds=float(60.0 * np.exp(rng.normal(0.0, 0.7))))
    word = Revision("preliminary", issued, moved_to(sky, binary.merged))
    event = SimulatedEvent(name_of(binary.merged, number), binary.merged, binary, None, (word,))
    kind = class_of(binary)
    return Told(event, MOSTLY_REAL, kind, stated_remnant(rng, binary, kind))
