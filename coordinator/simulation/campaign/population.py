"""Which events a campaign has: as it stands, every second one is drawn until the network could reach its source.

A campaign whose sources nobody could see compares nothing, and one whose sources are all in reach flatters everybody.
So half of the events are pairs of neutron stars near enough, drawn anew until some telescope can point at the place in
the dark within the hours and the source is brighter there than one of its exposures reaches; weather, faults and what
is told of the event play no part in that. The other half are of the mix that calibration plays: neutron stars, holes,
noise that is told as an event, and what is taken back, near or far,
as they come. Another share than one half can be asked for.

What is of another kind than gravitational waves is drawn in `bursts.py`, and mergers of real maps in `from_maps.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil

import numpy as np

from coordinator.simulation.calibration.told import MOSTLY_REAL, O3, Told, drawn_told
from coordinator.simulation.campaign.in_reach import Reachable
from coordinator.simulation.campaign.mix import Mix, percent
from coordinator.simulation.campaign.real_maps import MapFile
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


@dataclass(frozen=True, slots=True)
class Population:
    """Which events there are.

    Attributes
    ----------
    detectors : Network
        Who hears it.
    near_mpc : float
        Within which distance those in reach are drawn.
    in_reach : float
        Share of events that are drawn until their source could be reached; 0: all come as they come.
    first_day, days : datetime, int
        From when on, and over how many days, events are spread.
    mix : Mix
        Which kinds of events there are.
    maps : tuple of MapFile
        Sky maps that mergers are drawn from; none: they are drawn, heard and located.
    single_detector : bool
        Whether there are events that one detector alone heard, with maps of half the sky.
    """

    detectors: Network = O3
    near_mpc: float = NEAR_MPC
    in_reach: float = 0.5
    first_day: datetime = FIRST_DAY
    days: int = DAYS
    mix: Mix = field(default_factory=Mix)
    maps: tuple[MapFile, ...] = ()
    single_detector: bool = True

    def some_time(self, rng: np.random.Generator) -> datetime:
        """Draw when something happens, over all days alike."""
        return self.first_day + timedelta(days=float(rng.uniform(0.0, self.days)))

    def wants_reach(self, number: int) -> bool:
        """Say whether the event of a number is of those whose sources are in reach; with one half every second is."""
        share = Fraction(self.in_reach).limit_denominator(10_000)
        return ceil((number + 1) * share) > ceil(number * share)

    @property
    def drawn(self) -> str:
        """How it was drawn, in words."""
        extra = "".join(f"; {said}" for said in (self.mix.drawn, self._of_maps, self._by_many) if said)
        if self.in_reach == 0.0:
            return f"all events come as they come{extra}"
        many = "every second event is" if self.in_reach == 0.5 else f"{percent(self.in_reach)} of the events are"
        return f"{many} drawn until its source could be reached, weather and faults left out{extra}"

    @property
    def _of_maps(self) -> str:
        return f"mergers are drawn from {len(self.maps)} sky maps" if self.maps else ""

    @property
    def _by_many(self) -> str:
        return "" if self.single_detector else "no event is heard by one detector alone"


def drawn_alert(
    rng: np.random.Generator, number: int, telescopes: Sequence[Telescope], hours: float, law: Population
) -> Told:
    """Draw an event and what is told of it; of even numbers one like AT2017gfo would be in reach.

    Raises
    ------
    Refused
        Nothing that is drawn is ever in reach: the telescopes are too small, too few, or the hours too short.
    """
    day = law.first_day + timedelta(days=int(rng.integers(law.days)))
    name = name_of(day, number)

    def some_time(chance: np.random.Generator) -> datetime:
        return day + timedelta(hours=float(chance.uniform(0.0, 24.0)))

    if not law.wants_reach(number):
        return drawn_told(rng, name, law.detectors, some_time(rng), alone=law.single_detector)
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

    event = drawn_event(rng, name, law.detectors, draw, replace(ALL_HEARD, alone=law.single_detector))
    return Told(event, MOSTLY_REAL, "BNS", 1.0)


def name_of(day: datetime, number: int) -> str:
    """Name an event as the detectors would: by day and a letter or two."""
    letters = chr(ord("a") + number // 26 % 26) + chr(ord("a") + number % 26)
    return f"S{day:%y%m%d}{letters}"
