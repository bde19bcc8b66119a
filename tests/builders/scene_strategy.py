"""Whole scenes for property tests: candidates, what is known around them, and who looked there when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from builders.sighting_strategy import of, sightings
from builders.vetting import CENTRE, T0, an_event
from coordinator.events.event import Event
from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import Ranges
from coordinator.vetting.association import associate
from coordinator.vetting.candidate import Candidate, Motion, named
from coordinator.vetting.looks import Look
from coordinator.vetting.neighbours import (
    NOBODY_LOOKED,
    Answer,
    Galaxy,
    MinorPlanet,
    Neighbours,
    Nucleus,
    Reported,
    Star,
    Surroundings,
    Variable,
)
from coordinator.vetting.sighting import Sighting

APART = st.sampled_from([0.0, 0.3, 1.0, 1.9, 2.0, 2.1, 2.9, 3.5, 8.0, 14.9, 15.1, 40.0, 250.0])
MAG = st.floats(9.0, 22.0)
DAYS = st.none() | st.integers(-400, 50).map(lambda d: T0 + timedelta(days=d / 4))
TYPES = st.sampled_from(["", "SN Ia", "SN II?", "AGN", "CV", "kilonova", "archive_variable", "RR Lyrae", "asteroid"])

GALAXY = st.builds(
    Galaxy,
    st.sampled_from(["NGC 1", "NGC 2"]),
    APART,
    of(MAG),
    of(st.floats(-0.01, 0.3)),
    of(st.floats(0.0, 0.05)),
    st.sampled_from(["spec", "photo", ""]),
)
THINGS: dict[str, st.SearchStrategy[Any]] = {
    "galaxies": GALAXY,
    "stars": st.builds(Star, st.just("star"), APART, of(MAG)),
    "nuclei": st.builds(Nucleus, st.just("nucleus"), APART, of(st.floats(0.0, 3.0))),
    "variables": st.builds(Variable, st.just("variable"), APART, TYPES),
    "minor_planets": st.builds(
        MinorPlanet, st.just("body"), APART, of(st.floats(0.0, 60.0)), of(MAG), of(st.floats(0.0, 20.0))
    ),
    "reported": st.builds(Reported, st.just("AT"), APART, TYPES, of(st.floats(-0.01, 0.3)), DAYS, DAYS),
}


def answers(thing: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Answer[Any], ...]]:
    """What up to two sources say, one of which may be silent, and each of which may have found nothing."""
    found = st.lists(thing, max_size=2).map(lambda its: tuple(sorted(its, key=lambda one: one.separation_arcsec)))
    spoken = st.builds(Answer, st.sampled_from(["a", "b"]), st.just(()) | found, DAYS, of(st.floats(14.0, 23.0)))
    silent = st.builds(Answer, st.just("c"), silent_because=st.just("it is away"))
    return st.lists(spoken | silent, max_size=2).map(tuple)


NEIGHBOURS = st.just(NOBODY_LOOKED) | st.builds(
    Neighbours,
    **{sort: st.just(()) | answers(thing) for sort, thing in THINGS.items()},
    reddening_mag=of(st.floats(-0.1, 0.5)),
)


@dataclass(frozen=True)
class Scene:
    """What is weighed; the map is the test's own."""

    candidates: tuple[Candidate, ...]
    event: Event
    looks: tuple[Look, ...]
    around: Surroundings


@st.composite
def measured(draw: st.DrawFn) -> list[Sighting]:
    """Sightings, some of which are limits or forced photometry, with all that a row may say."""
    return [
        replace(
            s,
            snr=draw(of(st.floats(0.0, 30.0))),
            limiting_mag_ab=draw(of(st.floats(17.0, 23.0))),
            host_redshift_err=draw(of(st.floats(0.0, 0.1))),
            **draw(st.sampled_from([{}, {}, {}, {"forced": True}, {"upper_limit": True, "mag_ab": None}])),
        )
        for s in draw(sightings())
    ]


@st.composite
def looks(draw: st.DrawFn) -> Look:
    """An observation of the field, before the event or after it."""
    start = T0 + timedelta(hours=draw(st.integers(-120, 300)))
    field = Ranges.of_pixels(8, pixel_at(8, *([x] for x in CENTRE)))
    end = start + timedelta(minutes=draw(st.sampled_from([1, 30, 900])))
    telescope, band = draw(st.sampled_from(["t1", "t2"])), draw(st.sampled_from(["g", "r", "clear"]))
    return Look(telescope, start, end, band, draw(st.floats(17.0, 23.0)), field)


def _candidates(draw: st.DrawFn, every: Sequence[Sighting]) -> list[Candidate]:
    """Let them be joined by place or told apart by others, and let some move."""
    if draw(st.booleans()):
        groups: dict[str, list[Sighting]] = {}
        for s in every:
            groups.setdefault(draw(st.sampled_from("uvwxyz")), []).append(s)
        found = named(groups)
    else:
        found = list(associate(every))
    motion = Motion(20.0, 90.0, 30.0, 1.5, draw(st.sampled_from([2, 3])))
    return [replace(c, motion=motion) if draw(st.integers(0, 5)) == 0 else c for c in found]


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Candidates at one place, and all that may be known of it."""
    candidates = tuple(_candidates(draw, draw(measured())))
    event = an_event(t0=draw(st.sampled_from([T0, T0, None])), messenger=draw(st.sampled_from(["gw", "EM"])))
    several = draw(st.lists(NEIGHBOURS, min_size=1, max_size=3))
    around = Surroundings({c.id: draw(st.sampled_from(several)) for c in candidates if draw(st.integers(0, 4))})
    return Scene(candidates, event, tuple(draw(st.lists(looks(), max_size=3))), around)
