"""One event of a campaign with all that it happens in: the same seed gives the same world, whatever the policy."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

import numpy as np

from coordinator.services.settings import SchedulerSettings, SessionSettings
from coordinator.services.vetter import VetterSettings
from coordinator.simulation.campaign.bursts import drawn_burst, with_burst
from coordinator.simulation.campaign.faults import FaultLaw, Faults, drawn_faults
from coordinator.simulation.campaign.from_maps import drawn_from_maps
from coordinator.simulation.campaign.happened import Happened, night_begins
from coordinator.simulation.campaign.in_reach import Reachable
from coordinator.simulation.campaign.meanwhile import Meanwhile, drawn_meanwhile, shining
from coordinator.simulation.campaign.mix import WAVES, Kind
from coordinator.simulation.campaign.people import with_reactions
from coordinator.simulation.campaign.policy import Policy
from coordinator.simulation.campaign.population import Population, drawn_alert
from coordinator.simulation.campaign.site_faults import SiteFaults, drawn_clocks, drawn_words
from coordinator.simulation.campaign.waves import happened_wave
from coordinator.simulation.campaign.words import HeardWord
from coordinator.simulation.memory_observatory import Pace
from coordinator.simulation.reach import reachable
from coordinator.simulation.script import Arrival, Night
from coordinator.simulation.world.counterpart import Injected
from coordinator.simulation.world.density import WorldDensity
from coordinator.simulation.world.hosts import HostLaw
from coordinator.simulation.world.make import Search
from coordinator.simulation.world.of_event import fingerprint, world_of_event, world_with
from coordinator.simulation.world.sequence import SimulatedEvent
from coordinator.simulation.world.weather import WeatherLaw, drawn_clouds
from coordinator.sky.ranges import Ranges
from coordinator.sky.regions import credible_ranges
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope
from telescopes.drivers.world import World

STREWN_LEVEL = 0.9
MOST_DRAWS = 40

MOST_SOURCES = 200
"""Where a region holds more, all kinds are thinned alike, so that a night stays within its time."""


VISITS = ("auto", "deeper", "deeper:4")
"""Of every policy: who has nothing left to look at goes deeper where that shows more than was seen."""


def unhurried(hours: float, end: datetime) -> Pace:
    """Services that look around less often than in the real system, where nothing depends on seconds.

    Plans of a network that is not surprised are fifteen minutes apart at least, and news wait five minutes for others
    before odds are made again; new sky is planned at once, as always. No plan reaches beyond the end of the event: what
    is put off until then is never observed, and who plans far ahead would lose by it.
    """
    return Pace(
        scheduler=SchedulerSettings(
            tick_s=300.0,
            plan_hours=hours,
            plan_until=end,
            visits=VISITS,
            least_plan_interval_s=900.0,
            idle_plan_interval_s=3600.0,
            restart_grace_s=600.0,
        ),
        vetter=VetterSettings(collect_s=300.0, rehearses=False, look_again_s=1800.0),
        session=SessionSettings(heartbeat_s=600.0, lease_s=1800.0),
        patient=True,
        snapshot_every=1000,
    )


@dataclass(frozen=True, slots=True)
class Setting:
    """What all events of a campaign share.

    Attributes
    ----------
    telescopes : tuple of Telescope
        The network.
    hours : float
        How long each event is searched, from its merger or first word.
    """

    telescopes: tuple[Telescope, ...]
    hours: float = 12.0
    population: Population = field(default_factory=Population)
    faults: FaultLaw = field(default_factory=FaultLaw)
    watched: bool = False
    weather: WeatherLaw = field(default_factory=WeatherLaw)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnWorld:
    """An event, its truth, and everything that happens around it.

    `in_reach`: some telescope could see the source, weather and faults left out; None: nothing shines. `meanwhile`:
    what happens beside it and has nothing to do with it. `site_faults`: what people and clocks do.
    """

    number: int
    seed: int
    happened: Happened
    start: datetime
    hours: float
    telescopes: tuple[Telescope, ...]
    sky: World
    injected: Injected | None
    in_reach: bool | None
    faults: Faults
    watched: bool
    meanwhile: tuple[Meanwhile, ...] = ()
    site_faults: SiteFaults = field(default_factory=SiteFaults)

    @property
    def event_key(self) -> str:
        """What the event is called by those who hear of it."""
        return self.happened.key

    @property
    def words(self) -> tuple[HeardWord, ...]:
        """What is told, in order of time."""
        others = (word for other in self.meanwhile for word in other.words)
        return tuple(sorted((*self.happened.words, *others), key=lambda word: word.issued))

    def without(self, telescope_id: str) -> "DrawnWorld":
        """Return the same world for a network that lacks a telescope; nothing else of it changes."""
        return replace(self, telescopes=tuple(t for t in self.telescopes if t.id != telescope_id))

    def nights(self, policy: Policy) -> tuple[Night, ...]:
        """Return the night of each team under a policy."""
        words = policy.hears(self.words)
        arrivals = tuple(
            Arrival(w.issued - self.start, w.data, w.name)
            for w in words
            if w.issued - self.start < timedelta(hours=self.hours)
        )
        return tuple(self._night(team, arrivals, policy) for team in policy.teams(self.telescopes))

    def _night(self, team: Sequence[Telescope], arrivals: tuple[Arrival, ...], policy: Policy) -> Night:
        own, at_sites = self.faults.at(team), self.site_faults.at(team)
        return Night(
            seed=self.seed,
            start=self.start,
            hours=self.hours,
            telescopes=tuple(team),
            arrivals=arrivals,
            truth=b"",
            outages=own.outages,
            kills=own.kills,
            said=at_sites.said,
            clock_errors=at_sites.clocks,
            pace=unhurried(self.hours, self.start + timedelta(hours=self.hours)),
            world=(self.sky, self.injected),
            planning=policy.planning(),
            watched=self.watched,
        )

    def fingerprint(self) -> str:
        """Return a sha256 of all that is in it, so that two runs can be told to have played the same."""
        truth, partner = self.happened.truth, self.happened.partner
        event = truth if isinstance(truth, SimulatedEvent) else None
        total = hashlib.sha256(fingerprint(self.sky, event).encode())
        total.update(b"" if event is truth else repr(truth).encode())
        total.update(b"" if partner is None else repr(partner).encode())
        total.update(b"" if not self.meanwhile else repr([other.event for other in self.meanwhile]).encode())
        total.update(b"" if self.site_faults == SiteFaults() else repr(self.site_faults).encode())
        total.update(repr((self.start, self.hours, self.telescopes, self.faults, self.injected)).encode())
        return total.hexdigest()


def drawn_world(setting: Setting, seed: int, number: int) -> DrawnWorld:
    """Draw the event of a number; it depends on the seed and the number alone, not on what was drawn before.

    Raises
    ------
    Refused
        The event is one whose source is to be in reach, and none that is drawn is.
    """
    chance = _Chance.of(seed, number)
    kind = setting.population.mix.drawn_kind(chance.kind)
    for _ in range(MOST_DRAWS):
        world = _once(setting, seed * 100_003 + number, number, kind, chance)
        if world.in_reach or not setting.population.wants_reach(number):
            return world
    raise Refused(
        f"none of {MOST_DRAWS} sources could be reached",
        where=f"event {number} of seed {seed}",
        mend="give more or deeper telescopes (--sites), or more --hours",
    )


@dataclass(frozen=True, slots=True)
class _Chance:
    """All chance of an event, apart for each thing, so that one law may change without the others' draws."""

    event: np.random.Generator
    weather: np.random.Generator
    sky: np.random.Generator
    faults: np.random.Generator
    people: np.random.Generator
    kind: np.random.Generator
    partner: np.random.Generator
    meanwhile: np.random.Generator
    words: np.random.Generator
    clocks: np.random.Generator

    @classmethod
    def of(cls, seed: int, number: int) -> "_Chance":
        return cls(*(np.random.default_rng([seed, number, n]) for n in range(len(fields(cls)))))


def _once(setting: Setting, seed: int, number: int, kind: Kind, chance: _Chance) -> DrawnWorld:
    telescopes, hours = with_reactions(chance.people, setting.telescopes), setting.hours
    happened = _happened(setting.population, number, kind, chance, Reachable(telescopes, hours))
    start = night_begins(happened.t0, happened.words)
    clouds = drawn_clouds(chance.weather, {t.id: t.site for t in telescopes}, start, hours + 1.0, setting.weather)
    sky, injected = _sky(chance.sky, happened, telescopes, start, hours, clouds, seed)
    others = drawn_meanwhile(chance.meanwhile, start, hours, setting.population.mix.unrelated)
    law, told = setting.faults, happened.words[0].issued - start
    said = drawn_words(chance.words, telescopes, hours, law, happened.key, told)
    source = None if injected is None else next(s for s in sky.sources if s.id == injected.source_id)
    return DrawnWorld(
        number=number,
        seed=seed,
        happened=happened,
        start=start,
        hours=hours,
        telescopes=telescopes,
        sky=shining(sky, others),
        injected=injected,
        in_reach=None if source is None else Reachable(telescopes, hours).sees(source, start),
        faults=drawn_faults(chance.faults, telescopes, hours, law),
        watched=setting.watched,
        meanwhile=others,
        site_faults=SiteFaults(said, drawn_clocks(chance.clocks, telescopes, hours, law)),
    )


def _happened(law: Population, number: int, kind: Kind, chance: _Chance, network: Reachable) -> Happened:
    """Draw what happens, and what is told of it."""
    if kind != WAVES:
        return drawn_burst(chance.event, kind, network, law, near=law.wants_reach(number))
    drawn = drawn_from_maps if law.maps else drawn_alert
    wave = happened_wave(drawn(chance.event, number, network.telescopes, network.hours, law))
    its_own = chance.partner.spawn(1)[0]  # so that a burst takes nothing from the next draw of the event
    return with_burst(its_own, wave, law.mix.with_burst)


def _sky(
    rng: np.random.Generator,
    happened: Happened,
    telescopes: Sequence[Telescope],
    start: datetime,
    hours: float,
    clouds: Mapping[str, tuple[tuple[datetime, datetime], ...]],
    seed: int,
) -> tuple[World, Injected | None]:
    """Make the source, and everything else where somebody may look."""
    region = credible_ranges(happened.best_map, STREWN_LEVEL)
    fields = Ranges.union_of(reachable(t, region, start, hours) for t in telescopes)
    search = Search(happened.t0, start, hours, telescopes, fields, fields, clouds)
    density = replace(WorldDensity(), most_sources=MOST_SOURCES, hosts=HostLaw())
    if isinstance(happened.truth, SimulatedEvent):
        return world_of_event(rng, happened.truth, search, density, seed=seed)
    return world_with(rng, happened.shown, happened.best_map, search, density, seed)
