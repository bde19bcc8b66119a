"""Nights of five telescopes over a small map of our own making."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from builders.notices import a_notice
from coordinator.services.settings import SchedulerSettings
from coordinator.simulation.built_in_map import T0, Strip, strip_map
from coordinator.simulation.memory_observatory import Pace
from coordinator.simulation.script import Arrival, Cloud, Kill, Night, Outage
from coordinator.simulation.world.density import WorldDensity
from telescopes.description.site_file import default_sites_folder, read_sites
from telescopes.description.telescope import Depth, Telescope

EVENT, SECOND_EVENT = "lvk:S260320a", "lvk:S260320b"
CAST = ("fram-cta-n", "nowt", "oaj-t80", "tca", "tre")
START = T0 + timedelta(minutes=5)
WIDE = Strip(width_deg=1.2, length_deg=5.5)
NARROW = Strip()
ELSEWHERE = Strip(centre_deg=(120.0, 20.0), tilt_deg=20.0)


@cache
def five_telescopes() -> tuple[Telescope, ...]:
    """Return telescopes that share the map's sky, evened out in depth: whoever looks at the source sees it."""
    found = {t.id: t for t in read_sites(default_sites_folder())}
    return tuple(_evened(found[name]) for name in CAST)


def _evened(telescope: Telescope) -> Telescope:
    depth = (Depth(18.0, 60.0),)
    return replace(telescope, instruments=tuple(replace(i, depth=depth) for i in telescope.instruments))


@cache
def sky_of(strip: Strip) -> bytes:
    """Return a strip's map."""
    return strip_map(strip)


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


def notice(after_min: float, kind: str, strip: Strip | None, event: str = EVENT) -> Arrival:
    """Let a notice come in so many minutes after the night began."""
    sky = None if strip is None else sky_of(strip)
    data = a_notice(event.removeprefix("lvk:"), kind, round(after_min * 60), sky)
    return Arrival(minutes(after_min), data, f"{kind.lower()}.json")


def a_night(seed: int = 7, hours: float = 1.5, **changes: Any) -> Night:
    """Return a night in which one map comes in and nothing goes wrong."""
    night = Night(
        seed=seed,
        start=START,
        hours=hours,
        telescopes=five_telescopes(),
        arrivals=(notice(1, "PRELIMINARY", NARROW),),
        truth=sky_of(NARROW),
        density=WorldDensity(factor=0.3),
        pace=Pace(scheduler=SchedulerSettings(tick_s=5.0, plan_hours=1.0, least_plan_interval_s=30.0)),
    )
    return replace(night, **changes)


def an_eventful_night(seed: int = 7) -> Night:
    """Return a night with a revision, clouds, lost links, and deaths of every kind of service."""
    return a_night(
        seed,
        hours=1.0,
        arrivals=(notice(1, "PRELIMINARY", WIDE), notice(30, "UPDATE", NARROW)),
        clouds=(Cloud("nowt", minutes(10), minutes(30)),),
        outages=(Outage("tre", minutes(6), minutes(8)), Outage("tca", minutes(33), minutes(5))),
        kills=(
            Kill("scheduler", minutes(12), minutes(0.5)),
            Kill("vetter", minutes(18), minutes(0.3)),
            Kill("telescope/oaj-t80", minutes(20), minutes(0.2)),
            Kill("agent/fram-cta-n", minutes(25), minutes(1)),
            Kill("scheduler", minutes(30.01), minutes(0.2)),
        ),
    )


def a_short_night(seed: int = 1) -> Night:
    """Return a quarter of an hour of three telescopes with clouds, a lost link and deaths; cheap enough to repeat."""
    return a_night(
        seed,
        hours=0.25,
        telescopes=tuple(t for t in five_telescopes() if t.id in ("nowt", "tca", "tre")),
        clouds=(Cloud("nowt", minutes(4), minutes(5)),),
        outages=(Outage("tre", minutes(6), minutes(4)),),
        kills=(
            Kill("scheduler", minutes(8), minutes(0.3)),
            Kill("vetter", minutes(9), minutes(0.3)),
            Kill("agent/tca", minutes(10), minutes(1)),
        ),
        pace=Pace(scheduler=SchedulerSettings(tick_s=5.0, plan_hours=0.5, least_plan_interval_s=30.0)),
    )
