"""Which events a campaign has: every second one is drawn until the network could reach its source.

A campaign whose sources nobody could see compares nothing, and one whose sources are all in reach flatters everybody.
So half of the events are pairs of neutron stars near enough, drawn anew until some telescope can point at the place in
the dark within the hours and the source is brighter there than one of its exposures reaches; weather, faults and what
is told of the event play no part in that. The other half are of the mix that calibration plays: neutron stars, holes,
noise that is told as an event, and what is taken back, near or far,
as they come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from coordinator.simulation.calibration.told import MOSTLY_REAL, O3, Told, drawn_told
from coordinator.simulation.campaign.in_reach import Reachable
from coordinator.simulation.world.binaries import Binary, drawn_binary
from coordinator.simulation.world.detectors import Network
from coordinator.simulation.world.sequence import Telling, drawn_event
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 365
NEAR_MPC = 90.0
"""Within which the half in reach is drawn: small telescopes see AT2017gfo out to some 60 Mpc, a few farther."""

MOST_TRIES = 5000
ALL_HEARD = Telling(retracted=0.0, standing_false=0.0)
DRAWN = "every second event is drawn until its source could be reached, weather and faults left out"


@dataclass(frozen=True, slots=True)
class Population:
    """The detectors that hear it, and within which distance the half in reach is drawn."""

    detectors: Network = O3
    near_mpc: float = NEAR_MPC


def wants_reach(number: int) -> bool:
    """Say whether the event of a number is of the half whose sources are in reach."""
    return number % 2 == 0


def drawn_alert(
    rng: np.random.Generator, number: int, telescopes: Sequence[Telescope], hours: float, law: Population
) -> Told:
    """Draw an event and what is told of it; of even numbers one like AT2017gfo would be in reach.

    Raises
    ------
    Refused
        Nothing that is drawn is ever in reach: the telescopes are too small, too few, or the hours too short.
    """
    day = FIRST_DAY + timedelta(days=int(rng.integers(DAYS)))
    name = name_of(day, number)

    def some_time(chance: np.random.Generator) -> datetime:
        return day + timedelta(hours=float(chance.uniform(0.0, 24.0)))

    if not wants_reach(number):
        return drawn_told(rng, name, law.detectors, some_time(rng))
    network, tries = Reachable(telescopes, hours), 0

    def draw(chance: np.random.Generator) -> Binary:
        nonlocal tries
        while tries < MOST_TRIES:
            tries += 1
            binary = drawn_binary(chance, law.near_mpc, some_time(chance))
            if network.holds(binary):
                return binary
        raise Refused(
            f"none of {MOST_TRIES} mergers within {law.near_mpc:g} Mpc could be reached",
            where="campaign",
            mend="give more or deeper telescopes (--sites), or more --hours",
        )

    event = drawn_event(rng, name, law.detectors, draw, ALL_HEARD)
    return Told(event, MOSTLY_REAL, "BNS", 1.0)


def name_of(day: datetime, number: int) -> str:
    """Name an event as the detectors would: by day and a letter or two."""
    letters = chr(ord("a") + number // 26 % 26) + chr(ord("a") + number % 26)
    return f"S{day:%y%m%d}{letters}"
